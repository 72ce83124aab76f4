"""The demo page: a private bucket that CloudFront alone reads, strict headers, nothing left behind."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra_cdk import samples
from infra_cdk.config import for_stage
from infra_cdk.demo_page_files import offered
from infra_cdk.page_build import built_page
from tests.infra.conftest import Synthesize
from tests.infra.templates import logical_id, one, resources

DISTRIBUTION = "AWS::CloudFront::Distribution"
HEADERS = "AWS::CloudFront::ResponseHeadersPolicy"
CACHING_DISABLED, CACHING_OPTIMIZED = (
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "658327ea-f89d-4fab-a63d-7e88639e58f6",
)


@pytest.fixture(scope="module")
def shown(synthesize: Synthesize, tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """A stack with the page, from a build that is a page of three files."""
    build = tmp_path_factory.mktemp("dist")
    (build / "index.html").write_text("<!doctype html>")
    (build / "config.json").write_text("{}")
    (build / "assets").mkdir()
    (build / "assets" / "a.js").write_text("1")

    return partial(synthesize, page=build, DEMO_PAGE="true")


@pytest.fixture(scope="module")
def page(shown: Synthesize) -> Template:
    return shown("dev")


@pytest.fixture(scope="module")
def public(shown: Synthesize) -> Template:
    """Production, with a key of its own, another issuer, another S3 server, and a list of files."""
    return shown(
        "prod",
        OIDC_ISSUER="https://id.example/realm",
        OIDC_AUDIENCES="downloads",
        DEMO_SIGN_IN="https://token.example",
        BUCKET_NAME="our-files",
        S3_ENDPOINT_URL="https://s3.internal.example",
        S3_PUBLIC_ENDPOINT_URL="https://s3.example.org",
        DEMO_FILES="70000=Price list,70007",
        CORS_ORIGINS="https://d111111abcdef8.cloudfront.net",
    )


def spelled(value: Any) -> str:
    """A CloudFormation text with its references in angle brackets."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(spelled(part) for part in value["Fn::Join"][1])
    ((_, name),) = value.items()
    return f"<{name}>"


def policy(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = one(template, HEADERS, "headers")["ResponseHeadersPolicyConfig"]
    return found


def sources(template: Template, directive: str) -> list[str]:
    """What a directive of the content security policy allows."""
    security = policy(template)["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    assert security["Override"] is True
    directives = [
        part.split() for part in spelled(security["ContentSecurityPolicy"]).replace("AWS::", "").split(";")
    ]
    (found,) = (each[1:] for each in directives if each[0] == directive)
    return found


def test_there_is_no_page_unless_it_is_asked_for(dev: Template, prod: Template) -> None:
    for template in (dev, prod):
        template.resource_count_is(DISTRIBUTION, 0)
        assert "DemoPageUrl" not in template.to_json()["Outputs"]


def test_cloudfront_alone_reads_the_bucket(page: Template) -> None:
    distribution = logical_id(page, DISTRIBUTION, "demopage")
    name = logical_id(page, "AWS::S3::Bucket", "demopage")
    bucket = one(page, "AWS::S3::Bucket", "demopage")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    statements = one(page, "AWS::S3::BucketPolicy", "demopage")["PolicyDocument"]["Statement"]
    (allowed,) = (each for each in statements if each["Effect"] == "Allow")
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allowed["Action"] == "s3:GetObject"
    assert distribution in json.dumps(allowed["Condition"]["StringEquals"]["AWS:SourceArn"])
    (origin,) = one(page, DISTRIBUTION, "demopage")["DistributionConfig"]["Origins"]
    assert origin["DomainName"] == {"Fn::GetAtt": [name, "RegionalDomainName"]}
    assert origin["OriginAccessControlId"]


def test_the_page_comes_by_https_and_never_old(page: Template) -> None:
    config = one(page, DISTRIBUTION, "demopage")["DistributionConfig"]
    (hashed,) = config["CacheBehaviors"]
    fresh = config["DefaultCacheBehavior"]
    assert config["DefaultRootObject"] == "index.html"
    assert config["PriceClass"] == "PriceClass_100"
    for behavior in (fresh, hashed):
        assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
        assert behavior["AllowedMethods"] == ["GET", "HEAD"]
    assert (hashed["PathPattern"], hashed["CachePolicyId"]) == ("assets/*", CACHING_OPTIMIZED)
    assert fresh["CachePolicyId"] == CACHING_DISABLED
    for behavior in (fresh, hashed):
        assert behavior["ResponseHeadersPolicyId"] == {"Ref": logical_id(page, HEADERS, "headers")}


def test_no_error_is_kept_for_a_year(page: Template) -> None:
    """An answer's headers are put on errors too: how long to keep an object is the object's own to say."""
    said = {each["Header"] for each in policy(page)["CustomHeadersConfig"]["Items"]}
    assert said == {"Cross-Origin-Opener-Policy"}


def test_every_answer_says_how_browsers_must_treat_it(page: Template) -> None:
    security = policy(page)["SecurityHeadersConfig"]
    assert security["ContentTypeOptions"] == {"Override": True}
    assert security["FrameOptions"] == {"FrameOption": "DENY", "Override": True}
    assert security["ReferrerPolicy"] == {"ReferrerPolicy": "no-referrer", "Override": True}
    hsts = security["StrictTransportSecurity"]
    assert (hsts["AccessControlMaxAgeSec"], hsts["IncludeSubdomains"]) == (31_536_000, False)


def test_the_page_runs_its_own_scripts_alone_and_nobody_frames_it(page: Template) -> None:
    for directive in ("default-src", "base-uri", "form-action", "frame-ancestors"):
        assert sources(page, directive) == ["'none'"]
    assert sources(page, "script-src") == sources(page, "style-src") == ["'self'"]


def test_the_page_calls_this_stack_and_nothing_else_of_aws(page: Template) -> None:
    http, live = (logical_id(page, "AWS::ApiGatewayV2::Api", name) for name in ("http", "websocket"))
    files = logical_id(page, "AWS::S3::Bucket", "storage")
    assert sources(page, "connect-src") == [
        "'self'",
        f"https://<{http}>.execute-api.<Region>.<URLSuffix>/",
        f"wss://<{live}>.execute-api.<Region>.<URLSuffix>/live",
        "https://cognito-idp.<Region>.<URLSuffix>/",
        f"https://<{files}>.s3.<Region>.<URLSuffix>/",
        f"https://<{files}>.s3.<URLSuffix>/",
    ]


def test_the_page_calls_another_issuer_and_another_store_where_they_are(public: Template) -> None:
    assert sources(public, "connect-src")[3:] == [
        "https://id.example",
        "https://token.example",
        "https://our-files.s3.example.org",
    ]


def test_files_come_through_frames_of_their_buckets(page: Template, public: Template) -> None:
    files, archives = (logical_id(page, "AWS::S3::Bucket", name) for name in ("storage", "archives"))
    assert sources(page, "frame-src") == [
        f"https://<{bucket}>.{host}/"
        for bucket in (files, archives)
        for host in ("s3.<Region>.<URLSuffix>", "s3.<URLSuffix>")
    ]
    assert sources(public, "frame-src") == ["https://our-files.s3.example.org"]


def test_index_comes_after_what_it_names_and_both_are_kept_as_long_as_they_may(page: Template) -> None:
    uploads = resources(page, "Custom::CDKBucketDeployment")
    ids = {"hashed": "demopageuploadhashed", "fresh": "demopageuploadfresh"}
    hashed, fresh = (logical_id(page, "Custom::CDKBucketDeployment", name) for name in ids.values())
    assert hashed in uploads[fresh]["DependsOn"]
    kept = {name: uploads[name]["Properties"]["SystemMetadata"]["cache-control"] for name in uploads}
    assert kept == {hashed: "public, max-age=31536000, immutable", fresh: "no-cache"}
    assert uploads[hashed]["Properties"]["DestinationBucketKeyPrefix"] == "assets"
    # The address of the API is filled in when the stack is deployed.
    assert logical_id(page, "AWS::ApiGatewayV2::Api", "http") in json.dumps(uploads[fresh]["Properties"])


def test_the_upload_keeps_what_open_pages_need_and_empties_the_bucket_at_the_end(page: Template) -> None:
    bucket = logical_id(page, "AWS::S3::Bucket", "demopage")
    for upload in resources(page, "Custom::CDKBucketDeployment").values():
        assert upload["Properties"]["DestinationBucketName"] == {"Ref": bucket}
        assert (upload["Properties"]["Prune"], upload["Properties"]["RetainOnDelete"]) == (False, False)


def test_the_page_goes_with_its_stack_in_production_too(public: Template) -> None:
    bucket = resources(public, "AWS::S3::Bucket")[logical_id(public, "AWS::S3::Bucket", "demopage")]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_cloudfront_needs_none_of_the_stacks_key(public: Template) -> None:
    public.resource_count_is("AWS::KMS::Key", 1)
    encryption = one(public, "AWS::S3::Bucket", "demopage")["BucketEncryption"]
    (rule,) = encryption["ServerSideEncryptionConfiguration"]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


def test_the_address_of_the_page_is_what_cors_takes(page: Template) -> None:
    value = spelled(page.to_json()["Outputs"]["DemoPageUrl"]["Value"])
    assert value.startswith("https://<")
    assert not value.endswith("/")


def test_files_are_offered_by_their_names_or_ids() -> None:
    config = for_stage("dev", demo_files=("70000=Price list", "70007"))
    assert offered(config) == [{"id": 70000, "name": "Price list"}, {"id": 70007, "name": "File 70007"}]


def test_without_a_list_the_samples_are_offered_and_the_one_that_is_missing() -> None:
    ids = [each["id"] for each in offered(for_stage("dev"))]
    assert set(ids) - set(samples.SIZES) == {samples.MISSING}


@pytest.mark.parametrize("host", ["token.example", "https://token.example/path", "http://token.example"])
def test_a_place_to_sign_in_at_is_an_origin_by_https(host: str) -> None:
    with pytest.raises(ValueError, match="DEMO_SIGN_IN has"):
        for_stage("dev", demo_sign_in=(host,))


def test_the_sizes_that_are_offered_are_those_of_the_files() -> None:
    sizes = {each["id"]: each["size"] for each in offered(for_stage("dev")) if "size" in each}
    assert sizes[70000] == len(samples.sample(70000)) > samples.SIZES[70000]


@pytest.mark.parametrize(
    ("entry", "refused"),
    [("x", "ID or ID=NAME"), ("70000=", "ID or ID=NAME"), ("7=Seven", "MIN_FILE_ID to MAX_FILE_ID")],
)
def test_a_bad_file_is_named(entry: str, refused: str) -> None:
    with pytest.raises(ValueError, match=f"DEMO_FILES has .*{refused}"):
        for_stage("dev", demo_files=(entry,))


def test_a_page_that_is_not_built_is_told_with_the_command_that_does_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="`make page`"):
        built_page(tmp_path)
