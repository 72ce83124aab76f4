"""The history: where HISTORY_SECRET_ARN names a database, and nowhere else."""

import pytest
from aws_cdk.assertions import Template

from downloads import settings
from downloads.setting_parts import Settings, names, read
from infra_cdk.config import for_stage
from infra_cdk.export import IN_A_NETWORK
from tests.infra.conftest import Synthesize
from tests.infra.policies import policy
from tests.infra.templates import handlers, logical_id, one, resources
from tests.infra.test_functions import OPTIONAL, POWERTOOLS, TRACED, variables
from tests.infra.test_metrics_api import COUNT
from tests.infra.test_roles import ALLOWED, CONSUME, LOGS
from tests.runbook import anchors, named

SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:history-AbCdEf"
URL = "postgresql://history.example.internal:5432/downloads?sslmode=verify-full&sslrootcert=/opt/rds.pem"
LAYER = "arn:aws:lambda:eu-central-1:123456789012:layer:rds-authorities:1"
READ_SECRET = f"Allow secretsmanager:GetSecretValue on {SECRET}"
NETWORK = f"Allow ec2:{', '.join(sorted(verb.removeprefix('ec2:') for verb in IN_A_NETWORK))} on *"


@pytest.fixture(scope="session")
def kept(synthesize: Synthesize) -> Template:
    """Ended jobs are kept in a database that the functions reach from subnets."""
    return synthesize(
        "dev",
        HISTORY_SECRET_ARN=SECRET,
        HISTORY_URL=URL,
        HISTORY_LAYER_ARN=LAYER,
        HISTORY_SUBNET_IDS="subnet-0123456789abcdef0,subnet-0123456789abcdef1",
        HISTORY_SECURITY_GROUP_IDS="sg-0123456789abcdef0",
        METRICS_ENDPOINT="true",
    )


def test_without_it_nothing_is_kept(dev: Template) -> None:
    assert "export_history" not in handlers(dev)
    assert "HISTORY_QUEUE_URL" not in variables(dev, "publish_progress")
    assert "HISTORY_SECRET_ARN" not in variables(dev, "forget_user")
    assert "VpcConfig" not in handlers(dev)["forget_user"]


def test_its_functions_get_what_their_settings_read(kept: Template) -> None:
    counting = {"KEEP_METRICS"}
    models: dict[str, type[Settings]] = {
        "export_history": settings.ExportSettings,
        "forget_user": settings.ForgetSettings,
    }
    for name, model in models.items():
        wanted = {setting.upper() for setting in names(model)}
        assert set(variables(kept, name)) == POWERTOOLS | TRACED | counting | wanted
        assert read(model, {key.lower(): value for key, value in variables(kept, name).items()})
    told = variables(kept, "publish_progress")
    assert told["HISTORY_QUEUE_URL"]
    assert "HISTORY_QUEUE_URL" in OPTIONAL


def test_the_roles_may_do_this_and_nothing_else(kept: Template) -> None:
    # COUNT: GET /metrics is on, for which every function may add to counts.
    assert policy(kept, "export_history") == sorted(
        [
            LOGS,
            COUNT,
            "Allow dynamodb:GetItem, Query on table if keys are JOB#*",
            f"{CONSUME} ended",
            NETWORK,
            READ_SECRET,
        ]
    )
    forget = [*ALLOWED["forget_user"], COUNT, NETWORK, READ_SECRET]
    assert policy(kept, "forget_user") == sorted(forget)
    assert any(
        "sqs:SendMessage on bundles, ended, notices" in line for line in policy(kept, "publish_progress")
    )


def test_the_driver_and_the_network_are_for_these_two_alone(kept: Template) -> None:
    layer = {"Ref": logical_id(kept, "AWS::Lambda::LayerVersion", "historypackages")}
    has = {name for name, function in handlers(kept).items() if layer in function["Layers"]}
    theirs = {name for name, function in handlers(kept).items() if LAYER in function["Layers"]}
    within = {name for name, function in handlers(kept).items() if "VpcConfig" in function}
    assert has == theirs == within == {"export_history", "forget_user"}
    assert handlers(kept)["export_history"]["VpcConfig"] == {
        "SubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        "SecurityGroupIds": ["sg-0123456789abcdef0"],
    }


def test_a_database_that_is_down_is_waited_for_and_never_stormed(kept: Template) -> None:
    queue = one(kept, "AWS::SQS::Queue", "exportended")
    assert queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"] == 20 * 3_600
    (mapping,) = (
        found["Properties"]
        for found in resources(kept, "AWS::Lambda::EventSourceMapping").values()
        if "exportended" in str(found["Properties"]["EventSourceArn"])
    )
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_what_is_not_kept_rings(kept: Template) -> None:
    found = {
        name: each["Properties"]["AlarmDescription"]
        for name, each in resources(kept, "AWS::CloudWatch::Alarm").items()
        if "exportended" in name or "exportunexported" in name
    }
    assert len(found) == 2
    assert {anchor for text in found.values() for anchor in named(text)} == {"the-history-is-behind"}
    assert "the-history-is-behind" in anchors()
    assert set(kept.to_json()["Outputs"]) >= {"ExportHistoryName", "EndedQueueUrl", "UnexportedQueueUrl"}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"history_secret_arn": "postgres://user:hidden@host"}, "HISTORY_SECRET_ARN is"),
        ({"history_secret_arn": SECRET.removesuffix("-AbCdEf")}, "six characters"),
        ({"history_secret_arn": SECRET, "history_url": "postgresql://ann:pass@host/db"}, "without user"),
        ({"history_secret_arn": SECRET, "history_url": "postgresql://host?password=pass"}, "without user"),
        ({"history_secret_arn": SECRET, "history_layer_arn": LAYER.removesuffix(":1")}, "VERSION"),
        ({"history_url": URL}, "go with HISTORY_SECRET_ARN"),
        ({"history_subnet_ids": ("subnet-a",)}, "go together"),
    ],
)
def test_a_wrong_setting_stops_the_deployment(wrong: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        for_stage("dev", **wrong)
