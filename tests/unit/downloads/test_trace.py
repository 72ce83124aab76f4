"""Trace headers: what is read is what was written, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.spans import NoSpans
from downloads.trace import Trace

HEX = "0123456789abcdef"
TRACES = st.builds(
    Trace,
    st.text(HEX, min_size=32, max_size=32).filter(lambda text: int(text, 16)),
    st.text(HEX, min_size=16, max_size=16).filter(lambda text: int(text, 16)),
    st.booleans(),
)


@given(TRACES)
def test_both_headers_hand_the_whole_place_on(trace: Trace) -> None:
    assert Trace.of_traceparent(trace.traceparent) == trace
    assert Trace.of_xray(trace.xray) == trace


@pytest.mark.parametrize(
    "text",
    [
        "",
        "junk",
        f"00-{'0' * 32}-{'1' * 16}-01",
        f"00-{'1' * 32}-{'0' * 16}-01",
        f"ff-{'1' * 32}-{'1' * 16}-01",
        f"00-{'A' * 32}-{'1' * 16}-01",
        f"00-{'1' * 32}-{'1' * 16}-01\nx",
    ],
)
def test_what_is_no_traceparent_is_refused(text: str) -> None:
    assert Trace.of_traceparent(text) is None


@pytest.mark.parametrize("text", ["", "junk", "Root=1-1-1", "Parent=1111111111111111", "Root="])
def test_what_is_no_header_of_xray_is_refused(text: str) -> None:
    assert Trace.of_xray(text) is None


def test_a_header_of_xray_without_a_parent_is_continued() -> None:
    told = Trace.of_xray("Self=1-00000000-000000000000000000000001; Root=1-5759e988-bd862e3fe1be46a994272793")
    assert told
    assert told.trace_id == "5759e988bd862e3fe1be46a994272793"
    assert len(told.span_id) == 16
    assert told.sampled


def test_new_traces_differ_and_a_span_below_stays_in_its_trace() -> None:
    first, second = Trace.begun(), Trace.begun()
    assert first.trace_id != second.trace_id
    assert first.below().trace_id == first.trace_id
    assert first.below().span_id != first.span_id


def test_without_tracing_the_place_of_the_parent_is_handed_on() -> None:
    parent = Trace.begun()
    with NoSpans().span("work", parent=parent) as span:
        span.note({"seen": True})
        assert span.trace == parent
