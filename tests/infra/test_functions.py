"""What every function has in common, and the variables of each."""

import pytest
from aws_cdk.assertions import Template

from infra_cdk.app import FUNCTIONS
from tests.infra.templates import handlers, one, resources

COMMON = {"STAGE", "LOG_LEVEL", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}
LANES = {"HIGH_QUEUE_URL", "NORMAL_QUEUE_URL"}
DELAY = {"DOWNLOAD_DELAY_ENABLED", "DOWNLOAD_DELAY_MIN_MS", "DOWNLOAD_DELAY_MAX_MS"}
LIMITS = {"MIN_FILE_ID", "MAX_FILE_ID", "MAX_FILES_PER_JOB", "MAX_CONCURRENCY"} | DELAY
OBJECTS = {"BUCKET_NAME", "KEY_TEMPLATE", "URL_TTL_SECONDS", "FILE_TTL_SECONDS"}
S3_SERVER = {"S3_ENDPOINT_URL", "S3_PATH_STYLE", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"}
VARIABLES = {
    "initiate_job": COMMON | LANES | LIMITS | {"TABLE_NAME", "JOB_TTL_SECONDS"},
    "jobs_api": COMMON | LANES | LIMITS | OBJECTS | {"TABLE_NAME", "WEBSOCKET_URL"},
    "process_file": COMMON | LANES | OBJECTS | {"TABLE_NAME", "MAX_ATTEMPTS"},
    "publish_progress": COMMON | {"TABLE_NAME", "WEBSOCKET_ENDPOINT"},
    "websocket": COMMON | {"TABLE_NAME", "WEBSOCKET_ENDPOINT", "CONNECTION_TTL_SECONDS"},
}


@pytest.mark.parametrize("name", VARIABLES)
def test_a_function_gets_the_variables_of_its_contract(dev: Template, name: str) -> None:
    assert set(handlers(dev)[name]["Environment"]["Variables"]) == VARIABLES[name]


@pytest.mark.parametrize("name", ["jobs_api", "process_file"])
def test_another_s3_server_is_told_to_who_reads_files(
    elsewhere: Template, local: Template, name: str
) -> None:
    assert set(handlers(elsewhere)[name]["Environment"]["Variables"]) == VARIABLES[name] | S3_SERVER
    variables = handlers(local)[name]["Environment"]["Variables"]
    assert {key: value for key, value in variables.items() if key in S3_SERVER} == {"S3_PATH_STYLE": "true"}


@pytest.mark.parametrize("name", VARIABLES)
def test_a_function_is_its_file(dev: Template, name: str) -> None:
    assert (FUNCTIONS / f"{name}.py").exists()
    assert handlers(dev)[name]["Handler"] == f"{name}.handler"


def test_functions_run_on_arm_with_the_newest_python_and_log_json(dev: Template) -> None:
    for function in handlers(dev).values():
        assert function["Runtime"] == "python3.14"
        assert function["Architectures"] == ["arm64"]
        assert function["LoggingConfig"]["LogFormat"] == "JSON"


def test_functions_share_one_asset_and_one_layer(dev: Template) -> None:
    functions = handlers(dev).values()
    assert len({str(function["Code"]) for function in functions}) == 1
    (layer,) = resources(dev, "AWS::Lambda::LayerVersion")
    assert all(function["Layers"] == [{"Ref": layer}] for function in functions)


def test_http_functions_end_before_the_gateway_gives_up_on_them(dev: Template) -> None:
    assert all(handlers(dev)[name]["Timeout"] < 30 for name in ("initiate_job", "jobs_api"))


def test_tracing_is_off_unless_configured(dev: Template, elsewhere: Template) -> None:
    assert all("TracingConfig" not in function for function in handlers(dev).values())
    assert all(each["TracingConfig"] == {"Mode": "Active"} for each in handlers(elsewhere).values())


@pytest.mark.parametrize(("stage", "days"), [("dev", 7), ("prod", 90)])
def test_log_groups_forget_by_stage(request: pytest.FixtureRequest, stage: str, days: int) -> None:
    groups = resources(request.getfixturevalue(stage), "AWS::Logs::LogGroup").values()
    assert len(groups) == len(VARIABLES) + 1
    assert {group["Properties"]["RetentionInDays"] for group in groups} == {days}


def test_errors_and_dead_letters_raise_an_alarm(dev: Template) -> None:
    alarms = [alarm["Properties"] for alarm in resources(dev, "AWS::CloudWatch::Alarm").values()]
    watched = sorted(alarm["MetricName"] for alarm in alarms)
    assert watched == ["ApproximateNumberOfMessagesVisible"] * 2 + ["Errors"] * len(VARIABLES)
    assert all(alarm["Threshold"] == 1 for alarm in alarms)
    assert all("AlarmActions" not in alarm for alarm in alarms)


def test_alarms_are_told_to_the_configured_topic(elsewhere: Template) -> None:
    alarm = one(elsewhere, "AWS::CloudWatch::Alarm", "deadletters")
    assert alarm["AlarmActions"] == ["arn:aws:sns:eu-central-1:123456789012:alarms"]
