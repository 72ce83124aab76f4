"""What every function has in common, and the variables of each."""

import pytest
from aws_cdk.assertions import Template

from downloads import settings
from downloads.setting_parts import Settings, names, read
from downloads.trace_settings import TraceSettings
from infra_cdk.app import FUNCTIONS
from tests.infra.templates import handlers, logical_id, resources

MOST_LAYERS = 5
"""Lambda's limit of a function."""

POWERTOOLS = {"LOG_LEVEL", "POWERTOOLS_SERVICE_NAME", "CLOUDWATCH_METRICS"}
SDK = {"AWS_ENDPOINT_URL_S3"}
"""Read by every AWS SDK, and not by the settings."""

S3_SERVER = {
    *SDK,
    "S3_PUBLIC_ENDPOINT_URL",
    "S3_REGION",
    "S3_PATH_STYLE",
    "S3_ACCESS_KEY_ID",
    "S3_SECRET_ACCESS_KEY",
}
OPTIONAL = {"FILES_CLAIM", "HISTORY_QUEUE_URL", "HISTORY_SECRET_ARN", "HISTORY_URL"}
TRACED = {"TRACING"}
REPORTED = {"SENTRY_DSN", "SENTRY_SAMPLE_RATE", "POWERTOOLS_LOGGER_SAMPLE_RATE"}
COLLECTED = {"OTLP_ENDPOINT", "OTLP_HEADERS", "TRACE_SAMPLE_RATE"}
SETTINGS = {
    "initiate_job": "InitiateSettings",
    "jobs_api": "JobsApiSettings",
    "process_file": "ProcessSettings",
    "publish_progress": "PublishSettings",
    "sweep_jobs": "SweepSettings",
    "bundle_files": "BundlerSettings",
    "bury_file": "BurySettings",
    "redrive_files": "RedriveSettings",
    "stream_progress": "StreamSettings",
    "websocket": "WebsocketSettings",
    "authorize_websocket": "AuthorizeSettings",
    "close_connections": "CloseSettings",
    "deliver_webhook": "DeliverSettings",
    "finish_restores": "FinishSettings",
    "forget_user": "ForgetSettings",
}


NO_BUCKET = {"BUNDLE_BUCKET_NAME"}
"""There, where the stack cannot make one."""


def model(name: str) -> type[Settings]:
    found: type[Settings] = getattr(settings, SETTINGS[name])
    return found


def variables(template: Template, name: str) -> dict[str, str]:
    """A function's environment; what CloudFormation fills in stands as a text."""
    found = handlers(template)[name]["Environment"]["Variables"]
    return {key: value if isinstance(value, str) else "filled-in" for key, value in found.items()}


def read_by(name: str) -> set[str]:
    return {setting.upper() for setting in names(model(name))}


def test_every_function_has_a_settings_model(dev: Template) -> None:
    assert set(handlers(dev)) == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_function_gets_what_its_settings_read_and_nothing_else(dev: Template, name: str) -> None:
    assert set(variables(dev, name)) == POWERTOOLS | TRACED | read_by(name) - S3_SERVER - OPTIONAL


@pytest.mark.parametrize("name", SETTINGS)
def test_the_values_of_every_stage_are_what_the_settings_take(
    request: pytest.FixtureRequest, name: str
) -> None:
    for deployment in ("dev", "prod", "local", "elsewhere", "collected", "another_issuer", "anybody"):
        template: Template = request.getfixturevalue(deployment)
        values = {key.lower(): value for key, value in variables(template, name).items()}
        assert read(model(name), values)


@pytest.mark.parametrize("name", ["jobs_api", "process_file"])
def test_another_s3_server_is_told_to_who_reads_files(
    elsewhere: Template, local: Template, name: str
) -> None:
    found = variables(elsewhere, name)
    assert set(found) == POWERTOOLS | TRACED | REPORTED | SDK | read_by(name) - NO_BUCKET
    assert found["AWS_ENDPOINT_URL_S3"] == "https://s3.example.org"
    assert found["S3_PUBLIC_ENDPOINT_URL"] == "https://files.example.org"
    here = variables(local, name)
    assert {key: value for key, value in here.items() if key in S3_SERVER} == {"S3_PATH_STYLE": "true"}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_function_is_its_file(dev: Template, name: str) -> None:
    assert (FUNCTIONS / f"{name}.py").exists()
    assert handlers(dev)[name]["Handler"] == f"{name}.handler"


@pytest.mark.parametrize("name", ["initiate_job", "jobs_api", "stream_progress"])
def test_who_answers_http_counts_by_the_settings(dev: Template, name: str) -> None:
    found = variables(dev, name)
    limits = ("RATE_LIMIT_PER_MINUTE", "RATE_LIMIT_BURST", "MAX_OPEN_JOBS")
    assert [found[each] for each in limits] == ["60", "20", "20"]


@pytest.mark.parametrize("name", ["initiate_job", "jobs_api"])
def test_who_takes_ids_knows_the_claim_where_there_is_one(
    dev: Template, elsewhere: Template, name: str
) -> None:
    assert "FILES_CLAIM" not in variables(dev, name)
    assert variables(elsewhere, name)["FILES_CLAIM"] == "custom:files"


def test_functions_run_on_arm_with_the_newest_python_and_log_json(dev: Template) -> None:
    for function in handlers(dev).values():
        assert function["Runtime"] == "python3.14"
        assert function["Architectures"] == ["arm64"]
        assert function["LoggingConfig"]["LogFormat"] == "JSON"


@pytest.mark.parametrize(
    ("deployment", "level"), [("dev", "DEBUG"), ("prod", "INFO"), ("elsewhere", "DEBUG")]
)
def test_lambda_lets_through_what_the_log_level_says(
    request: pytest.FixtureRequest, deployment: str, level: str
) -> None:
    """And all of it, whatever the level, where a share of runs logs all: Lambda would drop that."""
    functions = handlers(request.getfixturevalue(deployment)).values()
    assert {function["LoggingConfig"]["ApplicationLogLevel"] for function in functions} == {level}


def test_functions_share_one_asset_and_one_layer(dev: Template) -> None:
    functions = handlers(dev).values()
    assert len({str(function["Code"]) for function in functions}) == 1
    layer = {"Ref": logical_id(dev, "AWS::Lambda::LayerVersion", "dependencies")}
    assert all(function["Layers"][0] == layer for function in functions)


def test_only_who_verifies_tokens_gets_the_packages_for_it(dev: Template) -> None:
    layer = {"Ref": logical_id(dev, "AWS::Lambda::LayerVersion", "identitypackages")}
    more = {name: function["Layers"][1:] for name, function in handlers(dev).items()}
    assert {name: found for name, found in more.items() if found} == {
        "authorize_websocket": [layer],
        "stream_progress": [layer],
    }


def test_http_functions_end_before_the_gateway_gives_up_on_them(dev: Template) -> None:
    assert all(handlers(dev)[name]["Timeout"] < 30 for name in ("initiate_job", "jobs_api"))


def test_a_held_connection_has_time_to_answer_before_the_gateway_gives_up(dev: Template) -> None:
    hold = int(variables(dev, "stream_progress")["SSE_HOLD_SECONDS"])
    assert hold + 5 < handlers(dev)["stream_progress"]["Timeout"] < 30


@pytest.mark.parametrize("name", SETTINGS)
def test_a_collector_is_told_to_every_function(collected: Template, name: str) -> None:
    found = variables(collected, name)
    told = {key.lower(): value for key, value in found.items()}
    traces = read(TraceSettings, told)
    assert found.keys() >= COLLECTED
    assert traces.traces_url == "https://otel.example:4318/v1/traces"
    assert traces.headers == {"x-api-key": "a=b", "x-team": "d"}
    assert traces.trace_sample_rate == 1


def test_sentry_and_the_share_of_talkative_runs_are_told_to_every_function(elsewhere: Template) -> None:
    told = [{key: variables(elsewhere, name)[key] for key in REPORTED} for name in SETTINGS]
    assert told == [
        {
            "SENTRY_DSN": "https://0123abcd@sentry.example/7",
            "SENTRY_SAMPLE_RATE": "0.25",
            "POWERTOOLS_LOGGER_SAMPLE_RATE": "0.05",
        }
    ] * len(SETTINGS)


@pytest.mark.parametrize(
    ("deployment", "extras"),
    [("dev", []), ("collected", ["opentelemetry"]), ("elsewhere", ["xray", "sentry"])],
)
def test_what_a_stage_has_on_is_a_layer_of_every_function_and_else_there_is_none(
    request: pytest.FixtureRequest, deployment: str, extras: list[str]
) -> None:
    template: Template = request.getfixturevalue(deployment)
    built = resources(template, "AWS::Lambda::LayerVersion")
    assert len(built) == len(extras) + 2
    refs = [{"Ref": logical_id(template, "AWS::Lambda::LayerVersion", f"{name}packages")} for name in extras]
    for function in handlers(template).values():
        assert [ref for ref in refs if ref not in function["Layers"]] == []
        assert len(function["Layers"]) <= MOST_LAYERS


def test_tracing_is_off_unless_configured(dev: Template, collected: Template, elsewhere: Template) -> None:
    for template in (dev, collected):
        assert all("TracingConfig" not in function for function in handlers(template).values())
    assert all(each["TracingConfig"] == {"Mode": "Active"} for each in handlers(elsewhere).values())


@pytest.mark.parametrize(("stage", "days"), [("dev", 7), ("prod", 90)])
def test_log_groups_forget_by_stage(request: pytest.FixtureRequest, stage: str, days: int) -> None:
    groups = resources(request.getfixturevalue(stage), "AWS::Logs::LogGroup").values()
    assert len(groups) == len(SETTINGS) + 1
    assert {group["Properties"]["RetentionInDays"] for group in groups} == {days}
