"""One address by CloudFront: which path leads where, what is sent on, and who is told of it."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra_cdk.config import for_stage
from infra_cdk.edge_distribution import REWRITE
from tests.infra.conftest import Synthesize
from tests.infra.templates import handlers, logical_id, one, resources
from tests.infra.test_demo_page import CACHING_DISABLED, CACHING_OPTIMIZED, DISTRIBUTION, sources, spelled

JOB = "0f8fad5b-d9cb-469f-a165-70867728950e"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
EVERY_METHOD = {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
OWN = {
    "EDGE_DOMAIN": "downloads.example.com",
    "EDGE_CERTIFICATE_ARN": "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-1111-2222",
    "EDGE_WEB_ACL_ARN": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/downloads/0a1b2c3d",
}


@pytest.fixture(scope="module")
def alone(synthesize: Synthesize) -> Template:
    """Production without a page, by CloudFront's own name."""
    return synthesize("prod", EDGE="true")


@pytest.fixture(scope="module")
def whole(synthesize: Synthesize, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """With the page, at a domain of the adopter's."""
    build = tmp_path_factory.mktemp("dist")
    (build / "index.html").write_text("<!doctype html>")
    (build / "assets").mkdir()
    (build / "assets" / "a.js").write_text("1")
    return partial(synthesize, page=build)("dev", EDGE="true", DEMO_PAGE="true", **OWN)


def config(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = one(template, DISTRIBUTION, "edge")["DistributionConfig"]
    return found


def behaviors(template: Template) -> dict[str, dict[str, Any]]:
    """By path pattern, in the order in which CloudFront looks; the last is the default."""
    found = config(template)
    return {each["PathPattern"]: each for each in found["CacheBehaviors"]} | {
        "*": found["DefaultCacheBehavior"]
    }


def origin(template: Template, behavior: dict[str, Any]) -> dict[str, Any]:
    (found,) = [each for each in config(template)["Origins"] if each["Id"] == behavior["TargetOriginId"]]
    return dict(found)


def leads_to(template: Template, behavior: dict[str, Any]) -> str:
    return spelled(origin(template, behavior)["DomainName"]).replace("AWS::", "")


def test_there_is_none_unless_it_is_asked_for(dev: Template, prod: Template) -> None:
    for template in (dev, prod):
        template.resource_count_is(DISTRIBUTION, 0)
        template.resource_count_is("AWS::CloudFront::Function", 0)


def test_each_path_leads_to_its_api(alone: Template, whole: Template) -> None:
    for template in (alone, whole):
        http, live = (
            f"<{logical_id(template, 'AWS::ApiGatewayV2::Api', name)}>.execute-api.<Region>.<URLSuffix>"
            for name in ("http", "websocket")
        )
        found = {path: leads_to(template, each) for path, each in behaviors(template).items()}
        assert found["/v1/download/stream/*"] == found["/live"] == live
        apis = {"*"} if template is alone else {"/v1/*", "/health", "/docs", "/openapi.json", "/api/*"}
        assert {path for path in found if found[path] == http} == apis


def test_the_websockets_paths_are_looked_at_before_what_holds_them(whole: Template) -> None:
    order = list(behaviors(whole))
    assert order.index("/v1/download/stream/*") < order.index("/v1/*")


def test_there_is_one_distribution_and_the_page_is_its_default(whole: Template) -> None:
    whole.resource_count_is(DISTRIBUTION, 1)
    found = behaviors(whole)
    bucket = logical_id(whole, "AWS::S3::Bucket", "demopage")
    for path, cache in {"*": CACHING_DISABLED, "assets/*": CACHING_OPTIMIZED}.items():
        assert origin(whole, found[path])["DomainName"] == {"Fn::GetAtt": [bucket, "RegionalDomainName"]}
        assert found[path]["CachePolicyId"] == cache
        assert found[path]["ResponseHeadersPolicyId"]
    assert config(whole)["DefaultRootObject"] == "index.html"


def test_the_apis_get_all_but_the_host_and_nothing_is_kept_or_packed(
    alone: Template, whole: Template
) -> None:
    for template in (alone, whole):
        for path, each in behaviors(template).items():
            if "execute-api" in leads_to(template, each):
                assert set(each["AllowedMethods"]) == EVERY_METHOD, path
                assert (each["CachePolicyId"], each["Compress"]) == (CACHING_DISABLED, False)
                assert each["OriginRequestPolicyId"] == ALL_BUT_HOST
                assert each["ViewerProtocolPolicy"] == "https-only"
                custom = origin(template, each)["CustomOriginConfig"]
                assert (custom["OriginProtocolPolicy"], custom["OriginSSLProtocols"]) == (
                    "https-only",
                    ["TLSv1.2"],
                )


def test_an_event_stream_may_be_quiet_as_long_as_the_service_holds_it(alone: Template) -> None:
    custom = origin(alone, behaviors(alone)["*"])["CustomOriginConfig"]
    hold = int(handlers(alone)["stream_progress"]["Environment"]["Variables"]["SSE_HOLD_SECONDS"])
    assert custom["OriginReadTimeout"] == 60 > hold


def test_paths_are_rewritten_where_they_differ(whole: Template) -> None:
    rewritten = {path for path, each in behaviors(whole).items() if each.get("FunctionAssociations")}
    assert rewritten == {"/v1/download/stream/*", "/live", "/api/*"}
    function = one(whole, "AWS::CloudFront::Function", "rewrite")
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert function["AutoPublish"] is True
    assert function["FunctionCode"] == REWRITE.read_text()


def test_the_service_names_the_address_and_lets_its_browsers_in(alone: Template, whole: Template) -> None:
    name = f"<{logical_id(alone, DISTRIBUTION, 'edge')}.DomainName>"
    for template, host, origins in (
        (alone, name, f"https://{name}"),
        (whole, OWN["EDGE_DOMAIN"], f"*,https://{OWN['EDGE_DOMAIN']}"),
    ):
        variables = {
            function: each["Environment"]["Variables"] for function, each in handlers(template).items()
        }
        assert told(variables["jobs_api"]["WEBSOCKET_URL"]) == f"wss://{host}/live"
        for function in ("authorize_websocket", "stream_progress"):
            assert told(variables[function]["CORS_ORIGINS"]) == origins


def told(value: Any) -> str:
    """As spelled; of an attribute, what it is of too."""
    if isinstance(value, dict) and "Fn::Join" in value:
        return "".join(told(part) for part in value["Fn::Join"][1])
    if isinstance(value, dict) and "Fn::GetAtt" in value:
        return f"<{'.'.join(value['Fn::GetAtt'])}>"
    return spelled(value)


def test_the_outputs_say_where_everything_is(alone: Template, whole: Template) -> None:
    by_name, by_domain = (
        {name: told(each["Value"]) for name, each in template.to_json()["Outputs"].items()}
        for template in (alone, whole)
    )
    name = f"<{logical_id(alone, DISTRIBUTION, 'edge')}.DomainName>"
    assert by_name["EdgeUrl"] == by_name["EdgeApiUrl"] == f"https://{name}"
    assert by_name["ApiUrl"].endswith(".execute-api.<AWS::Region>.<AWS::URLSuffix>")
    assert by_domain["EdgeUrl"] == by_domain["DemoPageUrl"] == "https://downloads.example.com"
    assert by_domain["EdgeApiUrl"] == "https://downloads.example.com/api"
    assert by_domain["EdgeHost"] == f"<{logical_id(whole, DISTRIBUTION, 'edge')}.DomainName>"


def test_the_page_calls_its_own_address_alone(whole: Template) -> None:
    allowed = sources(whole, "connect-src")
    assert allowed[:2] == ["'self'", "wss://downloads.example.com"]
    assert "execute-api" not in "".join(allowed)
    uploaded = json.dumps(resources(whole, "Custom::CDKBucketDeployment"))
    assert "execute-api" not in uploaded


def test_a_domain_brings_its_certificate_and_a_web_acl_is_attached(whole: Template) -> None:
    found = config(whole)
    assert found["Aliases"] == [OWN["EDGE_DOMAIN"]]
    assert found["ViewerCertificate"]["AcmCertificateArn"] == OWN["EDGE_CERTIFICATE_ARN"]
    assert found["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert found["WebACLId"] == OWN["EDGE_WEB_ACL_ARN"]


def test_cfn_lint_finds_nothing_in_a_stack_with_page_and_edge(whole: Template, tmp_path: Path) -> None:
    template = tmp_path / "edge.template.json"
    template.write_text(json.dumps(whole.to_json()))
    command = [Path(sys.executable).parent / "cfn-lint", "--template", template]
    command += ["--ignore-checks", "W3005", "--regions", "us-east-1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({"edge_domain": "a.example"}, "EDGE_DOMAIN needs EDGE"),
        ({"edge": True, "edge_domain": "a.example"}, "come together"),
        ({"edge": True, "edge_certificate_arn": OWN["EDGE_CERTIFICATE_ARN"]}, "come together"),
        (
            {
                "edge": True,
                "edge_domain": "https://a.example",
                "edge_certificate_arn": OWN["EDGE_CERTIFICATE_ARN"],
            },
            "EDGE_DOMAIN is",
        ),
        (
            {
                "edge": True,
                "edge_domain": "a.example",
                "edge_certificate_arn": OWN["EDGE_CERTIFICATE_ARN"].replace("us-east-1", "eu-central-1"),
            },
            "us-east-1, where CloudFront looks",
        ),
        (
            {"edge": True, "edge_web_acl_arn": "arn:aws:wafv2:eu-central-1:1:regional/webacl/a/b"},
            "EDGE_WEB_ACL_ARN",
        ),
    ],
)
def test_a_bad_setting_is_named(settings: dict[str, Any], refused: str) -> None:
    with pytest.raises(ValueError, match=refused):
        for_stage("dev", **settings)


def rewritten(uri: str, **query: str) -> dict[str, Any]:
    """What the function makes of a viewer's request, in Node; a query's values come as they were sent."""
    request = {
        "method": "GET",
        "uri": uri,
        "querystring": {name: {"value": value} for name, value in query.items()},
        "headers": {"host": {"value": "d1.cloudfront.net"}},
        "cookies": {},
    }
    event = {
        "version": "1.0",
        "context": {"requestId": "r-1"},
        "viewer": {"ip": "192.0.2.1"},
        "request": request,
    }
    script = f"{REWRITE.read_text()}\nconsole.log(JSON.stringify(handler({json.dumps(event)})));"
    done = subprocess.run(
        ["node", "--input-type=commonjs", "-e", script], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("uri", "query", "becomes"),
    [
        (f"/v1/download/stream/{JOB}", {"ticket": "t-1%5F"}, ("/live", {"jobId": JOB, "ticket": "t-1%5F"})),
        (f"/v1/download/stream/{JOB}", {}, ("/live", {"jobId": JOB})),
        (f"/v1/download/stream/{JOB}", {"jobId": "another", "x": "1"}, ("/live", {"jobId": JOB})),
        ("/live", {"ticket": "t", "jobId": "j"}, ("/live", {"ticket": "t", "jobId": "j"})),
        ("/api/v1/download/status/x%2Fy", {"limit": "1"}, ("/v1/download/status/x%2Fy", {"limit": "1"})),
        ("/api/", {}, ("/", {})),
    ],
)
def test_the_function_makes_of_a_path_what_the_api_takes(
    uri: str, query: dict[str, str], becomes: tuple[str, dict[str, str]]
) -> None:
    found = rewritten(uri, **query)
    assert (found["uri"], {name: each["value"] for name, each in found["querystring"].items()}) == becomes


@pytest.mark.parametrize(
    "uri", ["/v1/download/stream/", "/v1/download/stream/x%26ticket=1", f"/v1/download/stream/{JOB}/x"]
)
def test_what_is_no_job_is_refused_in_the_shape_of_errors(uri: str) -> None:
    found = rewritten(uri)
    body = json.loads(found["body"]["data"])
    assert (found["statusCode"], body["error"]["code"], body["requestId"]) == (404, "NOT_FOUND", "r-1")
    assert found["headers"]["x-request-id"]["value"] == "r-1"


def test_the_function_fits_cloudfront() -> None:
    """At most 10 KB; its runtime has no modules, timers, network or console that anybody reads."""
    code = REWRITE.read_text()
    assert len(code.encode()) < 10_240
    for word in ("import", "require", "fetch", "setTimeout", "async", "?.", "??", "class "):
        assert word not in code
