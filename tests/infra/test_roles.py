"""One role a function, with exactly the verbs it uses, on the resources it uses them on."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template

from tests.infra.templates import as_list, handlers, resources, statements

LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
CONSUME = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
}
STREAM = {
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
}
FILES = {"s3:GetObject", "s3:ListBucket"}
ALLOWED = {
    "initiate_job": LOGS | {"dynamodb:GetItem", "dynamodb:PutItem", "sqs:SendMessage"},
    "jobs_api": LOGS
    | FILES
    | {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"}
    | {"sqs:GetQueueAttributes", "sqs:SendMessage"},
    "sweep_jobs": LOGS
    | {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"}
    # Into the lanes, and by Lambda to where runs that failed are kept.
    | {"sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"},
    "bury_file": LOGS
    | CONSUME
    | {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "sqs:SendMessage"},
    "redrive_files": LOGS
    | {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "sqs:SendMessage"}
    | {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"},
    "process_file": LOGS | FILES | CONSUME | {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
    "publish_progress": LOGS
    | STREAM
    | {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
    | {"execute-api:ManageConnections"}
    # Notices; and to the on-failure queue, by the mapping.
    | {"sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"},
    "deliver_webhook": LOGS
    | CONSUME
    | {"dynamodb:Query", "dynamodb:PutItem", "secretsmanager:GetSecretValue", "sqs:SendMessage"},
    "stream_progress": LOGS | {"dynamodb:GetItem", "dynamodb:Query"},
    "websocket": LOGS
    | {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"}
    | {"execute-api:ManageConnections"},
}
ONLY_WILDCARDS = {
    "initiate_job": set(),
    "sweep_jobs": set(),
    "bury_file": set(),
    "redrive_files": set(),
    "jobs_api": {"/downloads/*"},
    "process_file": {"/downloads/*"},
    "publish_progress": {"*", "/live/POST/@connections/*"},
    "stream_progress": set(),
    "deliver_webhook": set(),
    "websocket": {"/live/POST/@connections/*"},
}


def actions(template: Template, function: str) -> set[str]:
    return {action for each in statements(template, function) for action in as_list(each["Action"])}


def texts(value: Any) -> list[str]:
    """Every literal text inside a CloudFormation expression."""
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value
    return [text for child in children for text in texts(child)]


def test_there_is_no_function_but_these(dev: Template) -> None:
    assert set(handlers(dev)) == set(ALLOWED)


@pytest.mark.parametrize("function", ALLOWED)
def test_a_function_may_do_what_it_does_and_nothing_else(dev: Template, function: str) -> None:
    assert actions(dev, function) == ALLOWED[function]
    assert all(each["Effect"] == "Allow" for each in statements(dev, function))


@pytest.mark.parametrize("function", ALLOWED)
def test_wildcards_are_these_and_no_others(dev: Template, function: str) -> None:
    found = [text for each in statements(dev, function) for text in texts(each["Resource"]) if "*" in text]
    assert set(found) == ONLY_WILDCARDS[function]


def test_everything_is_allowed_only_where_the_verb_knows_no_resource(dev: Template) -> None:
    open_verbs = {
        action
        for function in ALLOWED
        for each in statements(dev, function)
        if "*" in as_list(each["Resource"])
        for action in as_list(each["Action"])
    }
    assert open_verbs == {"dynamodb:ListStreams"}


def test_every_function_has_a_role_of_its_own_without_managed_policies(dev: Template) -> None:
    roles = resources(dev, "AWS::IAM::Role")
    assert {json.dumps(each["Role"]) for each in handlers(dev).values()} == {
        json.dumps({"Fn::GetAtt": [role, "Arn"]}) for role in roles
    }
    assert all("ManagedPolicyArns" not in role["Properties"] for role in roles.values())


def test_a_function_writes_to_its_own_log_group_only(dev: Template) -> None:
    for function, properties in handlers(dev).items():
        (statement,) = (each for each in statements(dev, function) if set(as_list(each["Action"])) == LOGS)
        group = properties["LoggingConfig"]["LogGroup"]["Ref"]
        assert statement["Resource"] == {"Fn::GetAtt": [group, "Arn"]}


@pytest.mark.parametrize("function", ["jobs_api", "process_file"])
def test_an_existing_bucket_is_readable_below_the_key_prefix(existing: Template, function: str) -> None:
    (reading,) = (each for each in statements(existing, function) if each["Action"] == "s3:GetObject")
    assert "".join(texts(reading["Resource"])[1:]).endswith(":s3:::our-files/downloads/*")


def test_health_may_head_the_bucket(dev: Template, existing: Template) -> None:
    for template in (dev, existing):
        (listing,) = (each for each in statements(template, "jobs_api") if each["Action"] == "s3:ListBucket")
        assert "Condition" not in listing
        assert not any("*" in text or "/" in text for text in texts(listing["Resource"]))


@pytest.mark.parametrize("function", ["jobs_api", "process_file"])
def test_files_on_another_s3_server_need_no_aws_permission(elsewhere: Template, function: str) -> None:
    assert not any(action.startswith("s3:") for action in actions(elsewhere, function))
