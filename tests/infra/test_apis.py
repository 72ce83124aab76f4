"""Routes, stages, CORS, and the addresses handed out."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template

from delineate.operator.cloud import OTHER_NAMES
from tests.infra.templates import handlers, logical_id, one, resources

AUTHORIZER = "AWS::ApiGatewayV2::Authorizer"
ROUTE, API, STAGE = "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage"

OPEN = {"GET /", "GET /health", "GET /docs", "GET /openapi.json"}
PROGRESS = "GET /v1/download/progress/{jobId}"
PREFLIGHTS = {"OPTIONS /", "OPTIONS /{proxy+}"}

# $default is for 404 and 405 in the service's own shape.
JOBS = (
    *OPEN, *PREFLIGHTS, "GET /v1/downloads", "POST /v1/download/{jobId}/ticket",
    "GET /v1/download/status/{jobId}",
    "GET /v1/download/{jobId}", "DELETE /v1/download/{jobId}", "POST /v1/download/{jobId}/retry",
    "GET /v1/download/{jobId}/deliveries",
    "POST /v1/download/check", "POST /v1/download/start", "$default",
)  # fmt: skip


def routes(template: Template, api: str) -> dict[str, str]:
    """Route key to the logical id of the function behind it."""
    api_id = {"Ref": logical_id(template, API, api)}
    integrations = resources(template, "AWS::ApiGatewayV2::Integration")
    found = [route["Properties"] for route in resources(template, ROUTE).values()]
    return {
        route["RouteKey"]: _function(integrations[route["Target"]["Fn::Join"][1][1]["Ref"]])
        for route in found
        if route["ApiId"] == api_id
    }


def _function(integration: dict[str, Any]) -> str:
    uri = json.dumps(integration["Properties"]["IntegrationUri"])
    return uri.split('"Fn::GetAtt": ["')[1].split('"')[0]


def output(template: Template, name: str) -> str:
    """An output's value with references written as `<LogicalId>`."""
    value = template.to_json()["Outputs"][name]["Value"]
    parts = value["Fn::Join"][1] if "Fn::Join" in value else [value]
    return "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in parts)


def test_operators_tell_functions_from_other_names(dev: Template) -> None:
    named = {name for name in dev.to_json()["Outputs"] if name.endswith("Name")}
    assert len(named - OTHER_NAMES) == len(handlers(dev))


def test_every_call_is_a_route_and_initiate_and_progress_have_functions_of_their_own(dev: Template) -> None:
    names = ("initiatejob", "jobsapi", "streamprogress")
    functions = {name: logical_id(dev, "AWS::Lambda::Function", name) for name in names}
    assert routes(dev, "httpapi") == {
        "POST /v1/download/initiate": functions["initiatejob"],
        "GET /v1/download/progress/{jobId}": functions["streamprogress"],
        **dict.fromkeys(JOBS, functions["jobsapi"]),
    }


def authorization(template: Template, api: str) -> dict[str, tuple[str, str | None]]:
    """Route key to the kind of authorization, and the authorizer's logical id."""
    api_id = {"Ref": logical_id(template, API, api)}
    found = [route["Properties"] for route in resources(template, ROUTE).values()]
    return {
        route["RouteKey"]: (route["AuthorizationType"], route.get("AuthorizerId", {}).get("Ref"))
        for route in found
        if route["ApiId"] == api_id
    }


@pytest.mark.parametrize("deployment", ["dev", "prod", "local", "another_issuer"])
def test_every_route_asks_for_a_token_but_the_public_ones(
    request: pytest.FixtureRequest, deployment: str
) -> None:
    template: Template = request.getfixturevalue(deployment)
    found = authorization(template, "httpapi")
    public = {key for key, (kind, _) in found.items() if kind == "NONE"}
    # Progress checks a token or a ticket itself; a preflight, where there is CORS, carries neither.
    assert public == OPEN | {PROGRESS} | (PREFLIGHTS if deployment != "prod" else set())
    jwt = logical_id(template, AUTHORIZER, "httpapi")
    assert {each for key, each in found.items() if key not in public} == {("JWT", jwt)}
    assert found["$default"] == ("JWT", jwt)


def test_where_nobody_signs_in_no_route_of_http_asks_for_a_token(anybody: Template) -> None:
    assert set(authorization(anybody, "httpapi").values()) == {("NONE", None)}
    assert not PREFLIGHTS & authorization(anybody, "httpapi").keys()


@pytest.mark.parametrize("deployment", ["dev", "prod", "anybody"])
def test_a_connection_is_let_in_by_authorize_websocket(
    request: pytest.FixtureRequest, deployment: str
) -> None:
    template: Template = request.getfixturevalue(deployment)
    found = authorization(template, "websocketapi")
    authorizer = logical_id(template, AUTHORIZER, "websocketapi")
    assert found.pop("$connect") == ("CUSTOM", authorizer)
    # API Gateway authorizes no other route of a WebSocket API.
    assert set(found.values()) == {("NONE", None)}
    function = logical_id(template, "AWS::Lambda::Function", "authorizewebsocket")
    properties = one(template, AUTHORIZER, "websocketapi")
    assert properties["AuthorizerType"] == "REQUEST"
    assert {"Fn::GetAtt": [function, "Arn"]} in properties["AuthorizerUri"]["Fn::Join"][1]


def test_the_authorizer_is_asked_whatever_a_connection_carries(dev: Template) -> None:
    # With an identity source, API Gateway answers 401 by itself where it is missing: a ticket in the query
    # would never reach the function, or a header would not.
    assert not one(dev, AUTHORIZER, "websocketapi").get("IdentitySource")


@pytest.mark.parametrize(
    ("deployment", "http", "websocket"),
    [("dev", (100, 200), (100, 200)), ("prod", (1_000, 2_000), (500, 1_000))],
)
def test_stages_let_through_so_many_requests(
    request: pytest.FixtureRequest, deployment: str, http: tuple[int, int], websocket: tuple[int, int]
) -> None:
    template: Template = request.getfixturevalue(deployment)
    for api, (rate, burst) in {"httpapi": http, "websocketapi": websocket}.items():
        limits = one(template, STAGE, api)["DefaultRouteSettings"]
        assert limits == {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst}


def test_apis_have_names_of_their_own(dev: Template, prod: Template) -> None:
    names = {one(each, API, api)["Name"] for each in (dev, prod) for api in ("httpapi", "websocketapi")}
    assert names == {
        "downloads-dev-http", "downloads-dev-live", "downloads-prod-http", "downloads-prod-live",
    }  # fmt: skip


def test_every_word_of_a_websocket_client_reaches_the_websocket_function(dev: Template) -> None:
    function = logical_id(dev, "AWS::Lambda::Function", "websocketapiwebsocket")
    keys = {"$connect", "$disconnect", "subscribe", "unsubscribe", "ping", "$default"}
    assert routes(dev, "websocketapi") == dict.fromkeys(keys, function)
    assert one(dev, API, "websocketapi")["RouteSelectionExpression"] == "$request.body.action"


def test_each_route_may_call_its_function(dev: Template) -> None:
    found = [each["Properties"]["Principal"] for each in resources(dev, "AWS::Lambda::Permission").values()]
    # And the authorizer of $connect.
    assert found.count("apigateway.amazonaws.com") == len(resources(dev, ROUTE)) + 1
    assert set(found) == {"apigateway.amazonaws.com", "events.amazonaws.com"}


def test_stages_deploy_themselves(dev: Template) -> None:
    stages = {each["Properties"]["StageName"]: each["Properties"] for each in resources(dev, STAGE).values()}
    assert set(stages) == {"$default", "live"}
    assert all(stage["AutoDeploy"] is True for stage in stages.values())


def test_requests_are_logged_as_json_without_query_strings(dev: Template) -> None:
    settings = one(dev, STAGE, "httpapi")["AccessLogSettings"]
    group = logical_id(dev, "AWS::Logs::LogGroup", "accesslogs")
    assert settings["DestinationArn"] == {"Fn::GetAtt": [group, "Arn"]}
    fields = json.loads(settings["Format"])
    assert (fields["requestId"], fields["route"]) == ("$context.requestId", "$context.routeKey")
    assert not any("path" in value.lower() or "query" in value.lower() for value in fields.values())


def test_browsers_may_call_where_origins_are_configured(dev: Template, prod: Template) -> None:
    cors = one(dev, API, "httpapi")["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["*"]
    assert cors["AllowMethods"] == ["GET", "POST", "DELETE"]
    assert "AllowCredentials" not in cors
    assert set(cors["AllowHeaders"]) == {
        "authorization", "content-type", "idempotency-key", "x-request-id", "last-event-id",
    }  # fmt: skip
    assert set(cors["ExposeHeaders"]) == {
        "x-request-id", "location", "retry-after", "idempotency-replayed", "www-authenticate",
        "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "link", "content-disposition", "date",
    }  # fmt: skip
    assert "CorsConfiguration" not in one(prod, API, "httpapi")


OUTPUTS = {
    "AlarmTopicArn",
    "DashboardName",
    "StackName", "ApiUrl", "DocsUrl", "WebSocketUrl", "WebSocketEndpoint", "BucketName", "TableName",
    "HighQueueUrl",
    "NormalQueueUrl", "DeadLetterQueueUrl", "ProgressFailuresQueueUrl", "InitiateJobName", "JobsApiName",
    "ProcessFileName", "PublishProgressName", "WebsocketName", "ParkedQueueUrl", "SweepJobsName",
    "BuryFileName", "RedriveFilesName", "StreamProgressName", "DeliverWebhookName", "WebhookSecretArn",
    "NoticesQueueUrl", "UndeliveredQueueUrl", "AuthorizeWebsocketName", "CloseConnectionsName",
    "UserPoolId", "UserPoolClientId", "MissedSweepsQueueUrl", "MissedClosingsQueueUrl",
    "FinishRestoresName", "RestoredQueueUrl", "UntoldQueueUrl", "ForgetUserName",
    "BundleFilesName", "BundlesQueueUrl", "UnbundledQueueUrl", "BundleBucket",
}  # fmt: skip


@pytest.mark.parametrize("deployment", ["dev", "prod", "local"])
def test_outputs_say_where_everything_is(request: pytest.FixtureRequest, deployment: str) -> None:
    assert set(request.getfixturevalue(deployment).to_json()["Outputs"]) == OUTPUTS


def test_on_aws_the_addresses_are_the_gateways_own(dev: Template) -> None:
    http, websocket = (logical_id(dev, API, name) for name in ("httpapi", "websocketapi"))
    host = "execute-api.<AWS::Region>.<AWS::URLSuffix>"
    assert output(dev, "ApiUrl") == f"https://<{http}>.{host}"
    assert output(dev, "DocsUrl") == f"https://<{http}>.{host}/docs"
    assert output(dev, "WebSocketUrl") == f"wss://<{websocket}>.{host}/live"
    assert output(dev, "WebSocketEndpoint") == f"https://<{websocket}>.{host}/live"
    assert all("ms-custom-id" not in str(api) for api in resources(dev, API).values())


def test_on_the_emulator_the_addresses_are_paths_with_chosen_ids(local: Template) -> None:
    http, websocket = (logical_id(local, API, name) for name in ("httpapi", "websocketapi"))
    base = "127.0.0.1:4599/_aws/execute-api"
    assert output(local, "ApiUrl") == f"http://{base}/<{http}>"
    assert output(local, "WebSocketUrl") == f"ws://{base}/<{websocket}>/live"
    assert output(local, "WebSocketEndpoint") == f"http://{base}/<{websocket}>/live"
    assert one(local, API, "httpapi")["Tags"]["ms-custom-id"] == "http-dev"
    assert one(local, API, "websocketapi")["Tags"]["ms-custom-id"] == "live-dev"


def test_resources_carry_the_tags_of_service_and_stage(prod: Template) -> None:
    tags = one(prod, "AWS::DynamoDB::Table", "table")["Tags"]
    assert {"Key": "service", "Value": "downloads"} in tags
    assert {"Key": "stage", "Value": "prod"} in tags
