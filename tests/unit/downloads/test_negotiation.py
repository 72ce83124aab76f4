"""Accept, read as RFC 9110 has it, and as a well-kept library of others reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from downloads.manifests.formats import OFFERED, Format, wanted
from downloads.negotiation import preferred

TYPES = tuple(OFFERED)
RANGES = st.sampled_from([*TYPES, "text/*", "application/*", "*/*", "text/html", "TEXT/CSV"])
QUALITIES = st.sampled_from(["", ";q=0", ";q=0.000", "; q=0.3", ";q=0.30", ";Q=0.7", ";q=1", " ; q=1.000"])


@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        (None, Format.JSON),
        ("", Format.JSON),
        ("*/*", Format.JSON),
        ("application/json", Format.JSON),
        ("text/csv", Format.CSV),
        ("text/csv;header=present, application/json;q=0.5", Format.CSV),
        ("text/csv;q=0.5, application/json", Format.JSON),
        ("text/*", Format.CSV),
        ("text/csv;q=0.1, text/*;q=0.9", Format.URLS),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format.JSON),
        ("application/metalink4+xml, */*;q=0.1", Format.METALINK),
        ("*/*, application/json;q=0", Format.CSV),
        ("text/uri-list", Format.URLS),
        ("image/png", None),
        ("*/*;q=0", None),
        ("application/json;q=0", None),
        ("text/csv;q=2, text/uri-list;q=0.2", Format.URLS),
        ("nonsense, ;;, /", Format.JSON),
    ],
)
def test_what_accept_asks_for(accept: str | None, format_: Format | None) -> None:
    assert wanted(accept) is format_


@given(st.lists(st.tuples(RANGES, QUALITIES), min_size=1, max_size=6, unique_by=lambda each: each[0].lower()))
def test_it_decides_as_werkzeug_does(ranges: list[tuple[str, str]]) -> None:
    accept = ", ".join(f"{media}{quality}" for media, quality in ranges)
    theirs = parse_accept_header(accept, MIMEAccept)
    # Its `best_match` prefers the more specific among equals, which the RFC leaves open: compare qualities.
    qualities = {media: _quality(theirs, media) for media in TYPES}
    chosen = preferred(accept, TYPES)
    if chosen is None:
        assert not any(qualities.values())
    else:
        assert qualities[chosen] == max(qualities.values()) > 0


def _quality(accept: MIMEAccept, media: str) -> float:
    """By the most specific range."""
    kind = media.partition("/")[0]
    given_ = {one.lower(): quality for one, quality in accept}
    return next((given_[each] for each in (media, f"{kind}/*", "*/*") if each in given_), 0.0)


@given(st.text(max_size=200))
def test_nothing_breaks_it(accept: str) -> None:
    assert preferred(accept, TYPES) in (*TYPES, None)
