"""Encryption at rest: by AWS's keys, or all of it under one of ours, used through its services only."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template

from tests.infra.templates import as_list, logical_id, one, resources, statements

KEY = "AWS::KMS::Key"
USE = {"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"}


@pytest.fixture
def policy(prod: Template) -> dict[str, dict[str, Any]]:
    """The statements of the key's policy by their names."""
    return {each["Sid"]: each for each in one(prod, KEY, "key")["KeyPolicy"]["Statement"]}


def properties(template: Template, kind: str) -> list[dict[str, Any]]:
    found = [each["Properties"] for each in resources(template, kind).values()]
    assert found
    return found


def test_everything_that_production_stores_is_under_one_key(prod: Template) -> None:
    key = {"Fn::GetAtt": [logical_id(prod, KEY, "key"), "Arn"]}
    for queue in properties(prod, "AWS::SQS::Queue"):
        assert queue["KmsMasterKeyId"] == key
        assert "SqsManagedSseEnabled" not in queue
    for kind in ("AWS::Logs::LogGroup", "AWS::SecretsManager::Secret"):
        assert all(each["KmsKeyId"] == key for each in properties(prod, kind))
    for table in properties(prod, "AWS::DynamoDB::Table"):
        assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    for bucket in properties(prod, "AWS::S3::Bucket"):
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        default = rule["ServerSideEncryptionByDefault"]
        assert rule["BucketKeyEnabled"] is True
        assert default == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}


def test_a_developer_pays_for_no_key(dev: Template) -> None:
    dev.resource_count_is(KEY, 0)
    assert "kms" not in json.dumps(dev.to_json()).lower()


def test_an_existing_bucket_keeps_its_own_encryption(existing: Template) -> None:
    existing.resource_count_is(KEY, 1)
    # That of the archives alone is the stack's own.
    existing.resource_count_is("AWS::S3::Bucket", 1)


def test_the_key_is_renewed_every_year_and_outlives_its_stack(prod: Template) -> None:
    (key,) = resources(prod, KEY).values()
    assert key["Properties"]["EnableKeyRotation"] is True
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_callers_use_the_key_through_its_services_and_from_this_account(
    policy: dict[str, dict[str, Any]],
) -> None:
    callers = policy["CallersThroughServices"]
    assert callers["Principal"] == {"AWS": "*"}
    assert set(callers["Action"]) == USE | {"kms:CreateGrant"}
    conditions = callers["Condition"]
    assert conditions.keys() == {"StringEquals"}
    assert conditions["StringEquals"].keys() == {"kms:CallerAccount", "kms:ViaService"}
    assert conditions["StringEquals"]["kms:CallerAccount"] == {"Ref": "AWS::AccountId"}
    through = {each["Fn::Join"][1][0] for each in conditions["StringEquals"]["kms:ViaService"]}
    assert through == {"dynamodb.", "sqs.", "sns.", "secretsmanager.", "s3.", "logs."}


def test_services_that_act_as_themselves_are_these_three(policy: dict[str, dict[str, Any]]) -> None:
    services = {
        name: json.dumps(each["Principal"]["Service"])
        for name, each in policy.items()
        if "Service" in each["Principal"]
    }
    assert services.keys() == {"LogGroups", "MissedRuns", "Alarms"}
    assert "logs." in services["LogGroups"]
    assert services["MissedRuns"] == '"events.amazonaws.com"'
    groups = policy["LogGroups"]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert groups["Fn::Join"][1][-1] == ":log-group:downloads-prod-*"
    assert set(policy["MissedRuns"]["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}


def test_administrators_neither_encrypt_nor_decrypt(policy: dict[str, dict[str, Any]]) -> None:
    administrators = policy.pop("AccountAdministers")
    allowed = {action.removeprefix("kms:") for action in administrators["Action"]}
    using = ("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "*")
    assert not [action for action in allowed if action.startswith(using)]
    assert {"Put*", "ScheduleKeyDeletion"} <= allowed


def test_no_role_says_a_word_of_kms(prod: Template) -> None:
    verbs = [
        action
        for function in ("process_file", "publish_progress", "sweep_jobs", "deliver_webhook")
        for statement in statements(prod, function)
        for action in as_list(statement["Action"])
    ]
    assert verbs
    assert not [verb for verb in verbs if verb.startswith("kms:")]
