"""SNAP_START: the functions that people wait for begin as copies of a snapshot."""

import json

import pytest
from aws_cdk.assertions import Template

from tests.infra.conftest import Synthesize
from tests.infra.templates import handlers, resources

SNAPPED = {"initiate_job", "jobs_api", "stream_progress"}
ALIAS, INTEGRATION = "AWS::Lambda::Alias", "AWS::ApiGatewayV2::Integration"


@pytest.fixture(scope="module")
def snapped(synthesize: Synthesize) -> Template:
    return synthesize("dev", SNAP_START="true")


def test_the_functions_of_the_http_api_have_snapshots_and_no_others(snapped: Template) -> None:
    found = {name: each.get("SnapStart") for name, each in handlers(snapped).items()}
    assert {name for name, each in found.items() if each} == SNAPPED
    assert all(found[name] == {"ApplyOn": "PublishedVersions"} for name in SNAPPED)


def test_the_http_api_calls_the_versions_that_have_one(snapped: Template) -> None:
    aliases = set(resources(snapped, ALIAS))
    assert len(aliases) == len(SNAPPED)
    uris = [
        json.dumps(each["Properties"]["IntegrationUri"]) for each in resources(snapped, INTEGRATION).values()
    ]
    assert {alias for alias in aliases if any(alias in uri for uri in uris)} == aliases


def test_it_is_off_where_nobody_asks_for_it(dev: Template, prod: Template) -> None:
    for template in (dev, prod):
        assert not resources(template, ALIAS)
        assert not any("SnapStart" in each for each in handlers(template).values())
