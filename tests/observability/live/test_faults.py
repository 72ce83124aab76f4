"""An error on purpose arrives in Sentry once, with what it is about; what a caller got wrong does not."""

import uuid

import httpx

from tests.e2e.conftest import until
from tests.observability.live.conftest import READY, Observed


def test_one_forced_error_is_one_event_and_a_404_none(observed: Observed) -> None:
    http = observed.service.http
    assert http.get(f"/v1/download/status/{uuid.uuid4()}").status_code == httpx.codes.NOT_FOUND
    reply = http.post(
        "/v1/download/check",
        params={"sentry_test": "true"},
        json={"file_id": READY[0]},
        headers={"x-request-id": "forced"},
    )
    assert reply.status_code == httpx.codes.INTERNAL_SERVER_ERROR
    assert reply.json()["error"]["code"] == "INTERNAL_ERROR"
    # A second one is the last word: what else was told by then, was told besides.
    http.post("/v1/download/check", params={"sentry_test": "true"}, json={"file_id": READY[1]})
    event, last = until(lambda: observed.sentry.events, lambda events: len(events) > 1)
    assert f"file_id={READY[1]}" in last["exception"]["values"][-1]["value"]
    assert f"file_id={READY[0]}" in event["exception"]["values"][-1]["value"]
    assert event["tags"]["requestId"] == "forced"
    assert event["environment"] == "dev"
    assert event["user"]["id"] not in {"", observed.service.owner}
    assert observed.service.token not in str(event)
