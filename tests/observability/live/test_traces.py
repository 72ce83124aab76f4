"""One trace of one job, through every function that it passes."""

import pytest

from infra_cdk.samples import MISSING
from tests.e2e.conftest import Service, until
from tests.observability.live.conftest import READY, REQUEST, Observed, lines
from tests.otlp_receiver import ToldSpan
from tests.xray_receiver import XrayReceiver

PASSED = {"initiate_job", "process_file", "publish_progress", "deliver_webhook"}
WORK = {"initiate", "process_download", "s3_check", "presign", "record_results", "publish", "deliver_webhook"}


@pytest.fixture(scope="module")
def spans(observed: Observed, story: str) -> list[ToldSpan]:
    """Those of the story's trace, once its webhook's is there."""
    trace_id = next(
        line["traceId"] for line in lines(observed.service.cloud) if line.get("requestId") == REQUEST
    )
    return until(
        lambda: observed.spans_of(trace_id),
        lambda found: {span.name for span in found} >= WORK | {"download_delay"},
    )


def by_name(spans: list[ToldSpan], name: str) -> list[ToldSpan]:
    return [span for span in spans if span.name == name]


def test_a_job_is_one_connected_trace(spans: list[ToldSpan], story: str) -> None:
    (root,) = by_name(spans, "initiate")
    assert root.parent_id is None
    known = {span.span_id for span in spans}
    assert [span.name for span in spans if span is not root and span.parent_id not in known] == []
    assert {span.attributes["job.id"] for span in spans if "job.id" in span.attributes} == {story}


def test_it_passes_every_function(spans: list[ToldSpan]) -> None:
    seen = {str(span.resource["faas.name"]).replace("_", "").lower() for span in spans}
    for function in PASSED:
        assert any(function.replace("_", "") in name for name in seen), seen


def test_each_file_has_its_look(spans: list[ToldSpan]) -> None:
    prepared = by_name(spans, "process_download")
    assert sorted(span.attributes["file.id"] for span in prepared) == sorted([*READY, MISSING])
    assert {span.attributes["download.type"] for span in prepared} == {"async"}
    looks = {span.attributes["file.id"]: span for span in by_name(spans, "s3_check")}
    parents = {span.attributes["file.id"]: span.span_id for span in prepared}
    assert {file_id: look.parent_id for file_id, look in looks.items()} == parents
    assert {file_id: look.attributes["s3.available"] for file_id, look in looks.items()} == {
        READY[0]: True,
        READY[1]: True,
        MISSING: False,
    }


def test_the_answer_that_has_the_links_is_found_there_too(spans: list[ToldSpan]) -> None:
    assert {span.attributes["files"] for span in by_name(spans, "presign")} == {len(READY)}


def test_what_failed_says_so(spans: list[ToldSpan]) -> None:
    failed = [span for span in by_name(spans, "process_download") if span.failed]
    assert [span.attributes["file.id"] for span in failed] == [MISSING]
    assert "ObjectUnreadableError" in failed[0].exceptions[0]["exception.type"]


def test_the_simulated_delay_is_a_wait_of_its_own(spans: list[ToldSpan]) -> None:
    waits = [(span.end - span.start) / 1e9 for span in by_name(spans, "download_delay")]
    assert len(waits) == len(READY) + 1
    assert all(1 <= wait <= 2 for wait in waits)


def test_nothing_of_a_link_or_a_token_is_told(observed: Observed, spans: list[ToldSpan]) -> None:
    told = str(spans)
    assert "X-Amz-Signature" not in told
    assert observed.service.token not in told


def test_segments_for_xray_are_linked_likewise(xray: tuple[Service, XrayReceiver]) -> None:
    service, daemon = xray
    job_id = service.initiate([*READY, MISSING])
    assert service.ended(job_id)["status"] == "completed"
    documents = until(
        lambda: [one for one in daemon.documents() if one.get("annotations", {}).get("job_id") == job_id],
        lambda found: (
            {one["name"] for one in found} >= {"initiate", "process_download", "record_results", "publish"}
        ),
    )
    (trace_id,) = {one["trace_id"] for one in documents}
    all_of_it = [one for one in daemon.documents() if one["trace_id"] == trace_id]
    (root,) = (one for one in all_of_it if one["name"] == "initiate")
    known = {one["id"] for one in all_of_it}
    assert [one["name"] for one in all_of_it if one is not root and one["parent_id"] not in known] == []
    failed = [one["name"] for one in all_of_it if one.get("fault")]
    assert sorted(failed) == ["process_download", "s3_check"]
