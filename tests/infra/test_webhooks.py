"""Webhooks: their queue, the end of the line, the secret, and a role that reads no job."""

import base64
from string import ascii_letters, digits, punctuation

import pytest
from aws_cdk.assertions import Template

from downloads.aws.deliveries import PREFIX
from downloads.notice import ATTEMPTS, LEASE
from downloads.signing import key_of
from downloads.web.post import ATTEMPT_S
from infra_cdk.app import configure
from tests.infra.templates import handlers, logical_id, one, resources, statements

QUEUE = "AWS::SQS::Queue"


def test_one_notice_a_call_and_nobody_waits_for_a_slow_receiver(dev: Template) -> None:
    queue = {"Fn::GetAtt": [logical_id(dev, QUEUE, "notices"), "Arn"]}
    mappings = [found["Properties"] for found in resources(dev, "AWS::Lambda::EventSourceMapping").values()]
    (mapping,) = (each for each in mappings if each["EventSourceArn"] == queue)
    assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (1, {"MaximumConcurrency": 20})
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "MaximumBatchingWindowInSeconds" not in mapping


def test_a_notice_stays_hidden_for_six_runs_and_is_received_as_often_as_it_takes(dev: Template) -> None:
    queue = one(dev, QUEUE, "notices")
    assert queue["VisibilityTimeout"] >= 6 * handlers(dev)["deliver_webhook"]["Timeout"]
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [logical_id(dev, QUEUE, "undelivered"), "Arn"]},
        "maxReceiveCount": 1_000,
    }
    # A wait above 12 h is two receives; crashes and faults come on top.
    assert queue["RedrivePolicy"]["maxReceiveCount"] > 10 * ATTEMPTS


def test_an_attempt_ends_before_its_function_and_its_lease_do(dev: Template) -> None:
    timeout = handlers(dev)["deliver_webhook"]["Timeout"]
    assert timeout >= ATTEMPT_S + 10
    assert LEASE.total_seconds() >= timeout


def test_the_record_of_deliveries_is_all_that_it_may_touch(dev: Template) -> None:
    on_table = [each for each in statements(dev, "deliver_webhook") if "dynamodb" in str(each["Action"])]
    (statement,) = on_table
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{PREFIX}*"]}}


def test_it_reads_one_secret(dev: Template) -> None:
    (reading,) = (each for each in statements(dev, "deliver_webhook") if "secrets" in str(each["Action"]))
    assert reading["Resource"] == {"Ref": logical_id(dev, "AWS::SecretsManager::Secret", "secret")}


def test_what_the_stack_generates_is_a_secret_by_the_specification(dev: Template) -> None:
    made = one(dev, "AWS::SecretsManager::Secret", "secret")["GenerateSecretString"]
    assert (made["SecretStringTemplate"], made["GenerateStringKey"]) == ("{}", "current")
    assert set(punctuation) <= set(made["ExcludeCharacters"])
    generated = (ascii_letters + digits + "AB")[: made["PasswordLength"]]
    assert len(generated) == made["PasswordLength"]
    assert key_of(f"whsec_{generated}") == base64.b64decode(generated)


@pytest.mark.parametrize(
    ("stage", "target", "allowed"),
    [
        ("dev", "local", True),
        ("dev", "aws", False),
        ("prod", "local", False),
        ("prod", "aws", False),
    ],
)
def test_http_and_private_addresses_are_for_a_laptop(stage: str, target: str, allowed: bool) -> None:
    config = configure(stage, target, "http://127.0.0.1:4599", {"WEBHOOK_ALLOW_HTTP": ""})
    assert (config.webhook_allow_http, config.webhook_allow_private) == (allowed, allowed)


def test_a_laptop_may_be_strict() -> None:
    config = configure("dev", "local", "http://127.0.0.1:4599", {"WEBHOOK_ALLOW_PRIVATE": "false"})
    assert (config.webhook_allow_http, config.webhook_allow_private) == (True, False)


@pytest.mark.parametrize("name", ["WEBHOOK_ALLOW_HTTP", "WEBHOOK_ALLOW_PRIVATE"])
def test_production_takes_neither(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is for a laptop"):
        configure("prod", "aws", "", {name: "true"})


def test_private_addresses_are_for_a_laptop_whatever_the_stage() -> None:
    with pytest.raises(ValueError, match="WEBHOOK_ALLOW_PRIVATE is for a laptop"):
        configure("dev", "aws", "", {"WEBHOOK_ALLOW_PRIVATE": "true"})
