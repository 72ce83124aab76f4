"""The committed collection: what the document makes now, read by Postman's parser, with bodies that fit."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.collection.document import calls, published
from tests.collection.postman import COMMITTED, HERE, name_of, requests, text

OPEN = {"GET /", "GET /health"}


@pytest.fixture(scope="module")
def collection() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(COMMITTED.read_text("utf-8"))
    return read


@pytest.fixture(scope="module")
def parsed() -> list[dict[str, Any]]:
    done = subprocess.run(
        ["node", HERE / "parse.mjs"],
        input=COMMITTED.read_text("utf-8"),
        capture_output=True,
        text=True,
        check=True,
    )
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def test_the_committed_file_is_what_the_document_makes_now() -> None:
    assert COMMITTED.read_text("utf-8") == text(), "run `make collection` and commit what it writes"


def test_every_operation_is_in_it_once(collection: dict[str, Any]) -> None:
    names = [name_of(item) for item in requests(collection)]
    assert sorted(names) == sorted(calls(published()))


def test_a_job_is_started_first_and_cancelled_after_its_links(collection: dict[str, Any]) -> None:
    names = [name_of(item) for item in requests(collection)]
    links, cancel = names.index("GET /v1/download/{jobId}"), names.index("DELETE /v1/download/{jobId}")
    assert names[0] == "POST /v1/download/initiate"
    assert links < cancel


def test_postmans_parser_reads_every_request(
    parsed: list[dict[str, Any]], collection: dict[str, Any]
) -> None:
    assert [(each["name"], each["method"]) for each in parsed] == [
        (item["name"], item["request"]["method"]) for item in requests(collection)
    ]
    assert all(each["url"].startswith("{{baseUrl}}/") for each in parsed)


def test_only_the_open_calls_carry_no_token(collection: dict[str, Any], parsed: list[dict[str, Any]]) -> None:
    tokens = {name_of(item): each["auth"] for item, each in zip(requests(collection), parsed, strict=True)}
    assert {name for name, auth in tokens.items() if auth != "bearer"} == OPEN


def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    document = published()
    for name, operation in calls(document).items():
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            yield name, {**schema, "components": document["components"]}


@pytest.mark.parametrize(
    ("name", "schema"), list(bodies()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_body_fits_the_contract(collection: dict[str, Any], name: str, schema: dict[str, Any]) -> None:
    [item] = [each for each in requests(collection) if name_of(each) == name]
    body = json.loads(item["request"]["body"]["raw"])
    assert body
    Draft202012Validator(schema).validate(body)


def test_nothing_is_left_for_a_person_to_fill_in(collection: dict[str, Any]) -> None:
    for item in requests(collection):
        url = item["request"]["url"]
        shown = [*url["query"], *url["variable"], *item["request"].get("header", [])]
        assert not [each for each in shown if str(each["value"]).startswith("<")], item["name"]


def test_no_token_is_committed(collection: dict[str, Any]) -> None:
    variables = {each["key"]: each["value"] for each in collection["variable"]}
    assert variables.keys() == {"baseUrl", "bearerToken", "jobId", "nextCursor"}
    assert variables["bearerToken"] == ""
    assert COMMITTED.stat().st_size < 100_000
