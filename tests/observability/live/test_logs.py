"""From one request's id, all lines of its job are found, in all functions; and they fit the index shipped."""

import pytest

from tests.e2e.conftest import until
from tests.observability.live.conftest import REQUEST, Line, Observed, lines
from tests.observability.test_elastic import unfit

PASSED = {"initiate_job", "process_file", "publish_progress", "deliver_webhook"}
ALWAYS = {"level", "message", "timestamp", "service", "function", "runId", "coldStart", "location"}


@pytest.fixture(scope="module")
def written(observed: Observed, story: str) -> list[Line]:
    return [line for line in lines(observed.service.cloud) if "_aws" not in line]


def test_one_id_finds_the_whole_story(written: list[Line], story: str) -> None:
    found = [line for line in written if line.get("requestId") == REQUEST]
    assert {line["function"] for line in found} == PASSED
    assert {line.get("jobId", story) for line in found} == {story}
    assert {line["message"] for line in found} >= {"request", "job", "job accepted", "file", "webhook"}
    of_the_job = [line for line in written if line.get("jobId") == story and line["function"] in PASSED]
    assert [line for line in of_the_job if line.get("requestId") != REQUEST] == []


def test_those_who_ask_later_are_found_by_the_correlation(observed: Observed, story: str) -> None:
    headers = {"x-request-id": "asked-later"}
    observed.service.http.get(f"/v1/download/status/{story}", headers=headers)
    asked = until(
        lambda: [line for line in lines(observed.service.cloud) if line.get("requestId") == "asked-later"],
        bool,
    )
    (line,) = (line for line in asked if line["message"] == "request")
    assert (line["jobId"], line["correlationId"]) == (story, "order-1")
    assert line["endpoint"] == "/v1/download/status/{jobId}"


def test_every_line_says_where_it_comes_from(written: list[Line]) -> None:
    assert written
    assert [line for line in written if not set(line) >= ALWAYS] == []


def test_every_line_fits_the_index(written: list[Line]) -> None:
    assert {field: line for line in written for field in unfit(line)} == {}


def test_no_line_has_a_secret(observed: Observed, written: list[Line]) -> None:
    told = str(written)
    assert "X-Amz-Signature" not in told
    assert observed.service.token not in told
    assert observed.service.owner.removeprefix("user:") not in told
