"""Spans by OTLP over HTTP, as a collector reads them, and a collector that is not there."""

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from downloads import VERSION
from downloads.rest import REST_S
from downloads.setting_parts import read
from downloads.trace import Trace
from downloads.trace_settings import TraceSettings
from downloads.tracing.otlp import LONGEST_FLUSH_S, UNSENT, OtlpSpans
from tests.otlp_receiver import OtlpReceiver
from tests.receivers import Receiver

PARENT = Trace("5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8")
# Machines are shared: nobody waits for longer than this, and a collector that answers later answers too late.
NOTICEABLY_LONG_S = 15.0
CLOCK = [0.0]


def spans_to(url: str, said: list[str], **changes: str) -> OtlpSpans:
    values = {"stage": "test", "tracing": "otlp", "otlp_endpoint": url, "aws_lambda_function_name": "tested"}
    return OtlpSpans(read(TraceSettings, values | changes), said.append, lambda: CLOCK[0])


@pytest.fixture(autouse=True)
def clock() -> list[float]:
    """Seconds, to be moved on by hand."""
    CLOCK[0] = 0.0
    return CLOCK


@contextmanager
def soon() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < NOTICEABLY_LONG_S


@contextmanager
def nobody_answers() -> Iterator[str]:
    """Connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def an_answer_never_ends() -> Iterator[str]:
    """Each byte comes in time, and there is always another."""

    def trickle(connection: socket.socket) -> None:
        while not receiver.over.wait(0.2):
            connection.sendall(b"H")

    with Receiver(trickle) as receiver:
        yield f"http://127.0.0.1:{receiver.port}"


@contextmanager
def nobody_listens() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


def run(spans: OtlpSpans, count: int = 1) -> None:
    """What a function's run does."""
    for number in range(count):
        with spans.span(f"work {number}", parent=PARENT):
            pass
    spans.flush()


def test_a_collector_learns_who_speaks_and_gets_its_key() -> None:
    with OtlpReceiver() as collector:
        spans = spans_to(f"{collector.url}/base/", [], otlp_headers="Authorization=Bearer%20key,x-team=d")
        run(spans)
        assert collector.paths == ["/base/v1/traces"]
        headers = collector.headers[0]
        assert (headers["authorization"], headers["x-team"]) == ("Bearer key", "d")
        assert headers["content-type"] == "application/x-protobuf"
        resource = collector.named("work 0").resource
        told = {"service.name", "service.version", "deployment.environment.name", "faas.name"}
        assert {name: resource[name] for name in told} == {
            "service.name": "downloads",
            "service.version": VERSION,
            "deployment.environment.name": "test",
            "faas.name": "tested",
        }


def test_spans_of_a_run_come_in_one_request() -> None:
    with OtlpReceiver() as collector:
        run(spans_to(collector.url, []), count=20)
        assert (len(collector.paths), len(collector.spans)) == (1, 20)


def test_an_exception_is_told_with_its_message_and_stack() -> None:
    with OtlpReceiver() as collector:
        spans = spans_to(collector.url, [])
        with pytest.raises(ValueError, match="seven"), spans.span("work"):
            raise ValueError("seven")
        spans.flush()
        (exception,) = collector.named("work").exceptions
        assert (exception["exception.type"], exception["exception.message"]) == ("ValueError", "seven")
        assert "test_otlp.py" in exception["exception.stacktrace"]


def test_of_new_traces_as_many_are_told_as_the_rate_says() -> None:
    with OtlpReceiver() as collector:
        spans = spans_to(collector.url, [], trace_sample_rate="0.5")
        sampled = 0
        for _ in range(400):
            with spans.span("new") as span:
                sampled += span.trace.sampled
        spans.flush()
        assert len(collector.spans) == sampled
        # 400 coins: outside of this once in some ten million runs.
        assert 146 < sampled < 254


def test_a_trace_that_was_begun_elsewhere_is_told_whatever_the_rate() -> None:
    with OtlpReceiver() as collector:
        spans = spans_to(collector.url, [], trace_sample_rate="0")
        with spans.span("new") as new:
            assert not new.trace.sampled
        run(spans)
        assert [span.name for span in collector.spans] == ["work 0"]


@pytest.mark.parametrize("away", [nobody_answers, an_answer_never_ends, nobody_listens])
def test_a_collector_that_is_away_costs_a_run_little_and_a_line_of_its_log(
    away: Callable[[], AbstractContextManager[str]], caplog: pytest.LogCaptureFixture, clock: list[float]
) -> None:
    caplog.set_level(logging.DEBUG, "opentelemetry")
    with away() as url:
        said: list[str] = []
        spans = spans_to(url, said)
        with soon():
            # More than a request holds: the second is not even tried.
            run(spans, count=1_200)
        assert said == [UNSENT]
        run(spans)
        assert said == [UNSENT], "the next run does not even ask"
        clock[0] += REST_S
        with soon():
            run(spans)
        assert said == [UNSENT, UNSENT]
        # Of this collector: a test before may have left one that is still being tried.
        port = url.rpartition(":")[2]
        ours = [line for line in caplog.records if port in line.getMessage()]
        assert [line for line in ours if line.name.startswith("opentelemetry")] == []


def test_a_collector_that_answers_too_late_is_left_alone() -> None:
    with OtlpReceiver(pause_s=LONGEST_FLUSH_S * 10) as collector:
        said: list[str] = []
        spans = spans_to(collector.url, said)
        with soon():
            run(spans)
        assert said == [UNSENT]


@pytest.mark.parametrize("status", [400, 401, 404, 413, 429, 500, 503])
def test_a_collector_that_refused_is_told_again_after_a_while(status: int, clock: list[float]) -> None:
    with OtlpReceiver(status=status) as collector:
        said: list[str] = []
        spans = spans_to(collector.url, said)
        run(spans)
        assert said == [UNSENT]
        collector.status, asked = 200, len(collector.paths)
        run(spans)
        assert len(collector.paths) == asked
        clock[0] += REST_S
        run(spans)
        assert said == [UNSENT]
        assert "work 0" in [span.name for span in collector.spans]


def test_a_run_with_nothing_to_tell_asks_no_collector() -> None:
    with nobody_listens() as url:
        said: list[str] = []
        spans_to(url, said).flush()
        assert said == []
