"""Numbers as people read them, and what belongs in no message."""

import pytest

from delineate import words
from delineate.cli.ending import ExitCode, code_of
from delineate.contracts import FileState
from delineate.errors import ServiceError, Unreachable


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_234_567, "1.2 MB"),
        (5e9, "5.0 GB"),
        (2e16, "20000.0 TB"),
    ],
)
def test_sizes(octets: float, text: str) -> None:
    assert words.size(octets) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.44, "0.4 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3599, "59 min 59 s"), (7800, "2 h 10 min")],
)
def test_spans(seconds: float, text: str) -> None:
    assert words.span(seconds) == text


def test_counts() -> None:
    assert [words.files(n) for n in (0, 1, 1000)] == ["0 files", "1 file", "1,000 files"]


def test_no_escape_sequence_of_the_service_reaches_a_terminal() -> None:
    told = FileState(file_id=1, status="failed", error="\x1b]0;owned\x07bad\nline", errorCode="A\x1b[2J")
    assert told.error == " ]0;owned bad line"
    assert told.errorCode == "A [2J"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Unreachable("no"), ExitCode.SERVICE),
        (ServiceError("X", "m", 500), ExitCode.SERVICE),
        (ServiceError("X", "m", 404), ExitCode.SERVICE),
        (ServiceError("X", "m", 422), ExitCode.USAGE),
    ],
)
def test_exit_codes(fault: Unreachable | ServiceError, code: ExitCode) -> None:
    assert code_of(fault) is code
