"""Bundles: their queue, their bucket and what it forgets, and stages that have none."""

from typing import Any

import pytest
from aws_cdk.assertions import Template

from tests.infra.conftest import Synthesize
from tests.infra.templates import handlers, logical_id, one, resources, statements

QUEUE, BUCKET = "AWS::SQS::Queue", "AWS::S3::Bucket"
SERVER = {"S3_ENDPOINT_URL": "https://s3.example.org", "BUCKET_NAME": "files"}


@pytest.fixture(scope="module")
def on_a_server(synthesize: Synthesize) -> Template:
    return synthesize(**SERVER, BUNDLE_BUCKET_NAME="theirs")


@pytest.fixture(scope="module")
def in_our_own(synthesize: Synthesize) -> Template:
    return synthesize(BUNDLE_BUCKET_NAME="ours")


def variable(template: Template, function: str, name: str) -> object:
    return handlers(template)[function]["Environment"]["Variables"].get(name)


def test_one_bundle_a_run_two_at_once_and_a_message_hidden_for_six_runs(dev: Template) -> None:
    queue = {"Fn::GetAtt": [logical_id(dev, QUEUE, "bundlingbundles"), "Arn"]}
    mappings = [found["Properties"] for found in resources(dev, "AWS::Lambda::EventSourceMapping").values()]
    (mapping,) = (each for each in mappings if each["EventSourceArn"] == queue)
    assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (1, {"MaximumConcurrency": 2})
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    found = one(dev, QUEUE, "bundlingbundles")
    assert found["VisibilityTimeout"] == 6 * handlers(dev)["bundle_files"]["Timeout"] == 5_400
    assert found["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [logical_id(dev, QUEUE, "unbundled"), "Arn"]},
        "maxReceiveCount": 5,
    }


def test_archives_are_forgotten_a_day_after_their_job_and_unfinished_ones_in_a_day(
    dev: Template, tuned: Template
) -> None:
    rule = lifecycle(dev)
    # 49 hours: a job that waits for the slowest restore.
    assert (rule["Prefix"], rule["ExpirationInDays"], rule["Status"]) == ("bundles/", 4, "Enabled")
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert lifecycle(tuned)["ExpirationInDays"] == 2


def lifecycle(template: Template) -> dict[str, Any]:
    rule: dict[str, Any]
    (rule,) = one(template, BUCKET, "archives")["LifecycleConfiguration"]["Rules"]
    return rule


def test_pages_may_read_archives_as_they_read_files(dev: Template, prod: Template) -> None:
    files, archives = one(dev, BUCKET, "storagebucket"), one(dev, BUCKET, "archives")
    assert archives["CorsConfiguration"] == files["CorsConfiguration"]
    assert "CorsConfiguration" not in one(prod, BUCKET, "archives")


def test_a_bucket_of_somebodys_own_is_used_and_none_is_made(in_our_own: Template) -> None:
    assert not [name for name in resources(in_our_own, BUCKET) if "archives" in name]
    assert variable(in_our_own, "bundle_files", "BUNDLE_BUCKET_NAME") == "ours"
    assert variable(in_our_own, "jobs_api", "BUNDLE_BUCKET_NAME") == "ours"
    writing = [each for each in statements(in_our_own, "bundle_files") if "s3:PutObject" in str(each)]
    assert "ours/bundles/*" in str(writing)


def test_another_s3_server_needs_a_bucket_there(on_a_server: Template, synthesize: Synthesize) -> None:
    assert variable(on_a_server, "initiate_job", "BUNDLES") == "true"
    assert variable(on_a_server, "bundle_files", "BUNDLE_BUCKET_NAME") == "theirs"
    assert "s3:" not in str(statements(on_a_server, "bundle_files"))
    without = synthesize(**SERVER)
    assert variable(without, "initiate_job", "BUNDLES") == "false"
    assert not resources(without, BUCKET)
