"""One role a function, with exactly the verbs it uses, on the resources it uses them on, in words."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from aws_cdk.assertions import Template

from downloads.aws import deliveries, endings, items, tickets
from infra_cdk.connections import ENDS
from infra_cdk.webhooks import DELIVERIES
from infra_cdk.websocket_api import CONNECTED_ITEMS, TICKETS
from tests.infra.policies import policy
from tests.infra.templates import as_list, handlers, resources, statements

LOGS = "Allow logs:CreateLogStream, PutLogEvents on its logs"
CONSUME = (
    "Allow sqs:ChangeMessageVisibility, DeleteMessage, GetQueueAttributes, GetQueueUrl, ReceiveMessage on"
)
# By Lambda, to where runs that failed are kept.
KEEP = "Allow sqs:GetQueueAttributes, GetQueueUrl, SendMessage on"
ARCHIVES = "archives/bundles/*"
FILES = ("Allow s3:GetObject on bucket/downloads/*", "Allow s3:ListBucket on bucket")
CONNECTIONS = "@connections/*"

ALLOWED = {
    "initiate_job": {
        LOGS,
        "Allow dynamodb:BatchGetItem, GetItem, PutItem, Query, UpdateItem on table",
        "Allow sqs:SendMessage on high, normal",
    },
    "jobs_api": {
        LOGS,
        f"Allow s3:GetObject on {ARCHIVES}, bucket/downloads/*",
        "Allow s3:ListBucket on bucket",
        "Allow dynamodb:BatchGetItem, GetItem, PutItem, Query, UpdateItem on table",
        "Allow dynamodb:Query on table/index/owner-jobs",
        "Allow sqs:GetQueueAttributes, SendMessage on high, normal",
    },
    "stream_progress": {
        LOGS,
        "Allow dynamodb:GetItem, Query on table",
        "Allow dynamodb:UpdateItem on table if keys are TICKET#*",
    },
    "websocket": {
        LOGS,
        "Allow dynamodb:GetItem, Query on table",
        "Allow dynamodb:DeleteItem, PutItem on table if keys are CONN#* or WATCH#* or ENDS#*",
        "Allow execute-api:ManageConnections on "
        f"live/live/DELETE/{CONNECTIONS}, live/live/POST/{CONNECTIONS}",
    },
    "authorize_websocket": {LOGS, "Allow dynamodb:UpdateItem on table if keys are TICKET#*"},
    "close_connections": {
        LOGS,
        "Allow dynamodb:DeleteItem, Query on table if keys are ENDS#*",
        "Allow execute-api:ManageConnections on "
        f"live/live/DELETE/{CONNECTIONS}, live/live/POST/{CONNECTIONS}",
        f"{KEEP} missed closings",
    },
    "process_file": {
        LOGS,
        "Allow s3:GetObject, RestoreObject on bucket/downloads/*",
        "Allow s3:ListBucket on bucket",
        "Allow dynamodb:GetItem, PutItem, Query, UpdateItem on table",
        f"{CONSUME} high, normal",
    },
    "publish_progress": {
        LOGS,
        "Allow dynamodb:DeleteItem, GetItem, PutItem, Query, UpdateItem on table",
        "Allow dynamodb:DescribeStream, GetRecords, GetShardIterator on table's stream",
        # The one verb here that knows no resource.
        "Allow dynamodb:ListStreams on *",
        f"Allow execute-api:ManageConnections on live/live/POST/{CONNECTIONS}",
        f"{KEEP} failures",
        "Allow sqs:SendMessage on bundles, notices",
    },
    "deliver_webhook": {
        LOGS,
        "Allow dynamodb:PutItem, Query on table if keys are DELIVERY#*",
        "Allow secretsmanager:GetSecretValue on secret",
        f"{CONSUME} notices",
        "Allow sqs:SendMessage on undelivered",
    },
    "sweep_jobs": {
        LOGS,
        "Allow dynamodb:GetItem, PutItem, Query, UpdateItem on table",
        "Allow dynamodb:Query on table/index/open-jobs",
        "Allow sqs:GetQueueAttributes, SendMessage on high, normal",
        f"{KEEP} missed sweeps",
        "Allow sqs:SendMessage on bundles, notices",
    },
    "bundle_files": {
        LOGS,
        *FILES,
        "Allow dynamodb:GetItem, PutItem, Query, UpdateItem on table if keys are JOB#*",
        "Allow s3:AbortMultipartUpload, DeleteObject, GetObject, ListMultipartUploadParts, PutObject on "
        f"{ARCHIVES}",
        "Allow s3:ListBucket, ListBucketMultipartUploads on archives if the prefix is bundles/*",
        f"{CONSUME.replace('ReceiveMessage', 'ReceiveMessage, SendMessage')} bundles",
    },
    "bury_file": {
        LOGS,
        "Allow dynamodb:GetItem, PutItem, Query, UpdateItem on table",
        f"{CONSUME} dead letters",
        "Allow sqs:SendMessage on parked",
    },
    "redrive_files": {
        LOGS,
        "Allow dynamodb:GetItem, PutItem, Query, UpdateItem on table",
        "Allow sqs:ChangeMessageVisibility, DeleteMessage, ReceiveMessage on parked",
        "Allow sqs:SendMessage on high, normal",
    },
    "forget_user": {
        LOGS,
        "Allow dynamodb:BatchWriteItem, DeleteItem, Query, Scan on table",
        "Allow dynamodb:Query on table/index/owner-jobs",
    },
    "finish_restores": {
        LOGS,
        "Allow dynamodb:DeleteItem, GetItem, Query on table",
        f"{CONSUME} restored",
        "Allow sqs:SendMessage on high, normal",
    },
}
"""Every statement of every role, as policies.py words them."""


def actions(template: Template, function: str) -> set[str]:
    return {action for each in statements(template, function) for action in as_list(each["Action"])}


def texts(value: Any) -> list[str]:
    """Every literal text inside a CloudFormation expression."""
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value
    return [text for child in children for text in texts(child)]


@pytest.mark.parametrize(
    ("granted", "stored"),
    [
        ([DELIVERIES], [deliveries.PREFIX]),
        ([TICKETS], [tickets.PREFIX]),
        ([ENDS], [endings.PREFIX]),
        (CONNECTED_ITEMS, [items.CONNECTION_PREFIX, items.WATCH_PREFIX, endings.PREFIX]),
    ],
)
def test_partitions_are_called_alike_by_roles_and_code(granted: Sequence[str], stored: list[str]) -> None:
    assert list(granted) == [f"{prefix}*" for prefix in stored]


def test_there_is_no_function_but_these(dev: Template) -> None:
    assert set(handlers(dev)) == set(ALLOWED)


@pytest.mark.parametrize("deployment", ["dev", "prod", "local", "anybody"])
@pytest.mark.parametrize("function", ALLOWED)
def test_a_function_may_do_what_it_does_and_nothing_else(
    request: pytest.FixtureRequest, deployment: str, function: str
) -> None:
    # In production, too, where everything is under a key of ours: roles say nothing of KMS.
    assert policy(request.getfixturevalue(deployment), function) == sorted(ALLOWED[function])


def test_every_function_has_a_role_of_its_own_without_managed_policies(dev: Template) -> None:
    roles = resources(dev, "AWS::IAM::Role")
    assert {json.dumps(each["Role"]) for each in handlers(dev).values()} == {
        json.dumps({"Fn::GetAtt": [role, "Arn"]}) for role in roles
    }
    assert all("ManagedPolicyArns" not in role["Properties"] for role in roles.values())


@pytest.mark.parametrize("function", ALLOWED)
def test_x_ray_takes_segments_of_every_function(elsewhere: Template, function: str) -> None:
    anywhere = [each["Action"] for each in statements(elsewhere, function) if each["Resource"] == "*"]
    told = {action for each in anywhere for action in as_list(each)} - {"dynamodb:ListStreams"}
    assert told == {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


@pytest.mark.parametrize("function", ALLOWED)
def test_a_collector_asks_for_no_permission(collected: Template, function: str) -> None:
    assert policy(collected, function) == sorted(ALLOWED[function])


@pytest.mark.parametrize("function", ["jobs_api", "process_file"])
def test_an_existing_bucket_is_readable_below_the_key_prefix(existing: Template, function: str) -> None:
    (reading,) = (
        each for each in statements(existing, function) if "s3:GetObject" in as_list(each["Action"])
    )
    named = ["".join(texts(resource)) for resource in as_list(reading["Resource"])]
    assert any(name.endswith(":s3:::our-files/downloads/*") for name in named)


def test_only_the_worker_restores_and_only_where_that_is_wanted(dev: Template, tuned: Template) -> None:
    may = [name for name in ALLOWED if "s3:RestoreObject" in actions(dev, name)]
    assert may == ["process_file"]
    assert "s3:RestoreObject" not in actions(tuned, "process_file")


def test_health_may_head_the_bucket(dev: Template, existing: Template) -> None:
    for template in (dev, existing):
        (listing,) = (each for each in statements(template, "jobs_api") if each["Action"] == "s3:ListBucket")
        assert "Condition" not in listing
        assert not any("*" in text or "/" in text for text in texts(listing["Resource"]))


@pytest.mark.parametrize("function", ["jobs_api", "process_file"])
def test_files_on_another_s3_server_need_no_aws_permission(elsewhere: Template, function: str) -> None:
    assert not any(action.startswith("s3:") for action in actions(elsewhere, function))
