"""Spans as X-Ray's daemon reads them ("Segment documents", X-Ray's guide)."""

import logging
from collections.abc import Iterator

import pytest

from downloads.trace import Trace
from downloads.tracing.xray import XraySpans
from tests.xray_receiver import XrayReceiver

PARENT = Trace("5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8")


class ClosedError(Exception):
    """Has no room for marks."""

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("__"):
            raise AttributeError(name)
        super().__setattr__(name, value)


@pytest.fixture
def daemon() -> Iterator[XrayReceiver]:
    with XrayReceiver() as receiver:
        yield receiver


@pytest.fixture
def spans(daemon: XrayReceiver) -> XraySpans:
    return XraySpans(daemon.address)


def test_work_below_another_span_is_a_subsegment_of_its_own(daemon: XrayReceiver, spans: XraySpans) -> None:
    with spans.span("work", {"job.id": "a"}, PARENT) as span:
        pass
    told = daemon.named("work")
    times = told.pop("start_time"), told.pop("end_time")
    assert times[0] <= times[1]
    assert told == {
        "name": "work",
        "id": span.trace.span_id,
        "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
        "parent_id": PARENT.span_id,
        "type": "subsegment",
        "namespace": "local",
        "in_progress": False,
        "annotations": {"job_id": "a"},
    }


def test_a_trace_that_begins_here_begins_with_a_segment(daemon: XrayReceiver, spans: XraySpans) -> None:
    with spans.span("work") as span:
        pass
    told = daemon.named("work")
    assert (told["id"], told["trace_id"]) == (span.trace.span_id, span.trace.xray_root)
    assert not {"type", "parent_id", "user"} & told.keys()


def test_a_document_is_sent_when_its_span_ends(daemon: XrayReceiver, spans: XraySpans) -> None:
    with spans.span("work"):
        with spans.span("part"):
            assert daemon.documents() == []
        assert [document["name"] for document in daemon.documents()] == ["part"]


def test_names_and_keys_have_the_characters_that_x_ray_takes(daemon: XrayReceiver, spans: XraySpans) -> None:
    with spans.span("GET /v1/download/{jobId}?x=*", {"http.route/method": "GET", "näme": 1}):
        pass
    (told,) = daemon.documents()
    assert told["name"] == "GET /v1/download/jobIdx="
    assert told["annotations"] == {"http_route_method": "GET", "n_me": 1}


def test_a_long_name_and_value_are_cut_to_what_x_ray_takes(daemon: XrayReceiver, spans: XraySpans) -> None:
    with spans.span("n" * 300, {"text": "v" * 2_000}):
        pass
    (told,) = daemon.documents()
    assert (len(told["name"]), len(told["annotations"]["text"])) == (200, 1_000)


def test_an_exception_is_a_fault_with_its_cause(daemon: XrayReceiver, spans: XraySpans) -> None:
    with pytest.raises(ValueError, match="seven"), spans.span("run"), spans.span("work"):
        raise ValueError("seven")
    work, run = daemon.named("work"), daemon.named("run")
    (exception,) = work["cause"]["exceptions"]
    assert (exception["type"], exception["message"]) == ("ValueError", "seven")
    assert exception["stack"][-1]["path"] == "test_xray.py"
    # It is told once: further up by its id.
    assert (work["fault"], run["fault"], run["cause"]) == (True, True, exception["id"])


def test_an_exception_that_takes_no_mark_is_a_fault_and_goes_on(
    daemon: XrayReceiver, spans: XraySpans
) -> None:
    with pytest.raises(ClosedError), spans.span("work"):
        raise ClosedError
    assert daemon.named("work")["fault"] is True


def test_a_deep_stack_fits_a_datagram(daemon: XrayReceiver, spans: XraySpans) -> None:
    def deeper(left: int) -> None:
        if not left:
            raise ValueError("deep")
        deeper(left - 1)

    with pytest.raises(ValueError, match="deep"), spans.span("work"):
        deeper(500)
    (exception,) = daemon.named("work")["cause"]["exceptions"]
    assert [frame["label"] for frame in exception["stack"]] == ["deeper"] * 10


def test_a_daemon_that_is_away_is_not_missed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with XrayReceiver() as receiver:
        address = receiver.address
    spans = XraySpans(address)
    for _ in range(3):
        with spans.span("work", parent=PARENT):
            pass
    spans.flush()
    assert caplog.records == []


def test_what_no_datagram_holds_is_lost_without_a_word(
    daemon: XrayReceiver, spans: XraySpans, caplog: pytest.LogCaptureFixture
) -> None:
    with spans.span("large", {f"a{number}": "v" * 1_000 for number in range(100)}):
        pass
    with spans.span("small"):
        pass
    assert [document["name"] for document in daemon.documents()] == ["small"]
    assert caplog.records == []
