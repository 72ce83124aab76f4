"""The Spans port, on all that carry it: where tracing is off, too, a place in the trace is handed on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from downloads.trace import Trace
from tests.spans_told import SERVICES, Service, otlp, xray

PARENT = Trace("5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8")
UNSAMPLED = Trace(PARENT.trace_id, PARENT.span_id, sampled=False)


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    with SERVICES[request.param]() as made:
        yield made


@pytest.fixture(params=[otlp, xray])
def telling(request: pytest.FixtureRequest) -> Iterator[Service]:
    with request.param() as made:
        yield made


def test_a_span_is_in_its_parents_trace(service: Service) -> None:
    with service.spans.span("work", parent=PARENT) as span:
        assert (span.trace.trace_id, span.trace.sampled) == (PARENT.trace_id, True)
        assert (span.trace.span_id != PARENT.span_id) == service.tells


def test_a_span_without_parent_begins_a_trace_that_can_be_handed_on(service: Service) -> None:
    with service.spans.span("first") as first:
        assert Trace.of_traceparent(first.trace.traceparent) == first.trace
        assert Trace.of_xray(first.trace.xray) == first.trace
    with service.spans.span("second") as second:
        assert second.trace.trace_id != first.trace.trace_id


def test_a_span_within_another_stays_in_its_trace(service: Service) -> None:
    with service.spans.span("run") as run, service.spans.span("part") as part:
        assert part.trace.trace_id == run.trace.trace_id
    with service.spans.span("next") as following:
        assert following.trace.trace_id != run.trace.trace_id


def test_a_new_trace_begins_with_the_time(service: Service) -> None:
    with service.spans.span("work") as span:
        began = int(span.trace.trace_id[:8], 16)
        assert abs(began - datetime.now(UTC).timestamp()) < 60


def test_an_exception_goes_on(service: Service) -> None:
    with pytest.raises(KeyError, match="gone"), service.spans.span("work"):
        raise KeyError("gone")


def test_what_is_not_sampled_stays_so_and_is_told_to_nobody(service: Service) -> None:
    with service.spans.span("work", parent=UNSAMPLED) as span, service.spans.span("part") as part:
        service.spans.past("wait", datetime.now(UTC), datetime.now(UTC), parent=span.trace)
        span.note({"seen": True})
        assert (span.trace.trace_id, span.trace.sampled) == (PARENT.trace_id, False)
    service.spans.flush()
    assert service.told() == []
    assert (part.trace.trace_id, part.trace.sampled) == (PARENT.trace_id, False)


def test_spans_lie_below_the_one_that_the_thread_is_in(telling: Service) -> None:
    with telling.spans.span("work", parent=PARENT) as work:
        with telling.spans.span("part") as part, telling.spans.span("detail"):
            pass
        with telling.spans.span("next"):
            pass
    parents = {name: telling.named(name).parent_id for name in ("work", "part", "detail", "next")}
    assert parents == {
        "work": PARENT.span_id,
        "part": work.trace.span_id,
        "detail": part.trace.span_id,
        "next": work.trace.span_id,
    }
    assert {span.trace_id for span in telling.told()} == {PARENT.trace_id}
    assert telling.named("part").span_id == part.trace.span_id


def test_a_parent_that_is_named_goes_before_the_thread(telling: Service) -> None:
    """A message is of its own trace, whatever the run that works on it is in."""
    with telling.spans.span("run") as run, telling.spans.span("message", parent=PARENT):
        pass
    assert telling.named("message").trace_id == PARENT.trace_id
    assert telling.named("message").parent_id == PARENT.span_id
    assert telling.named("run").trace_id == run.trace.trace_id
    assert telling.named("run").parent_id is None


def test_another_thread_is_below_what_it_is_told_and_else_below_nothing(telling: Service) -> None:
    def work() -> None:
        with telling.spans.span("lost"):
            pass
        with telling.spans.span("found", parent=run.trace):
            pass

    with telling.spans.span("run") as run:
        thread = Thread(target=work)
        thread.start()
        thread.join()
    assert telling.named("found").parent_id == run.trace.span_id
    assert telling.named("lost").trace_id != run.trace.trace_id


def test_an_exception_is_told_of_each_span_that_it_leaves_and_of_no_other(telling: Service) -> None:
    with telling.spans.span("run"):
        with telling.spans.span("fine"), pytest.raises(KeyError), telling.spans.span("failed"):
            raise KeyError("gone")
        with telling.spans.span("after") as after:
            pass
    errors = {name: telling.named(name).error for name in ("run", "fine", "failed", "after")}
    assert errors == {"run": None, "fine": None, "failed": "KeyError", "after": None}
    assert telling.named("after").span_id == after.trace.span_id


def test_the_first_span_of_a_trace_that_has_its_id_already_has_no_parent(telling: Service) -> None:
    begun = Trace.begun()
    with telling.spans.span("first", parent=begun) as first, telling.spans.span("below"):
        assert first.trace.trace_id == begun.trace_id
    told, below = telling.named("first"), telling.named("below")
    assert (told.trace_id, told.parent_id) == (begun.trace_id, None)
    assert (below.trace_id, below.parent_id) == (begun.trace_id, told.span_id)


def test_attributes_are_told_from_the_beginning_and_as_they_become_known(telling: Service) -> None:
    with telling.spans.span("work", {"job.id": "a", "file.count": 3}) as span:
        span.note({"ready": True, "file.count": 2, "seconds": 0.5})
    assert telling.named("work").attributes == {"job_id": "a", "file_count": 2, "ready": True, "seconds": 0.5}


def test_to_note_something_after_the_end_is_too_late_and_no_error(telling: Service) -> None:
    with telling.spans.span("work") as span:
        pass
    span.note({"late": True})
    assert telling.named("work").attributes == {}


def test_work_that_was_done_already_has_the_times_it_took(telling: Service) -> None:
    end = datetime(2026, 11, 24, 12, 0, 7, 250_000, tzinfo=UTC)
    telling.spans.past("download_delay", end - timedelta(seconds=7), end, {"file.id": 7}, parent=PARENT)
    told = telling.named("download_delay")
    assert (told.start, told.end) == pytest.approx((end.timestamp() - 7, end.timestamp()), abs=1e-3)
    assert (told.trace_id, told.parent_id, told.attributes) == (
        PARENT.trace_id,
        PARENT.span_id,
        {"file_id": 7},
    )


def test_flushing_again_tells_nothing_twice(telling: Service) -> None:
    with telling.spans.span("work"):
        pass
    telling.spans.flush()
    telling.spans.flush()
    assert len(telling.told()) == 1
