"""Cursors come back as the places that they were, and nothing else is one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.cursors import file_after, file_cursor, place_after, place_cursor
from downloads.errors import BadCursorError
from downloads.model import Place

MOMENTS = st.integers(min_value=0, max_value=4 * 10**12).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)


@given(created_at=MOMENTS, job_id=st.uuids().map(str))
def test_a_place_comes_back(created_at: datetime, job_id: str) -> None:
    place = Place(created_at, job_id)
    assert place_after(place_cursor(place)) == place


@given(file_id=st.integers(min_value=1, max_value=999_999_999))
def test_a_file_comes_back(file_id: int) -> None:
    assert file_after(file_cursor(file_id)) == file_id


@given(text=st.text(max_size=128))
def test_any_text_is_a_place_or_refused(text: str) -> None:
    for read, kind in ((place_after, Place), (file_after, int)):
        try:
            assert isinstance(read(text), kind)
        except BadCursorError:
            continue


@pytest.mark.parametrize("ours", [None, 70000])
def test_no_cursor_begins_at_the_beginning(ours: int | None) -> None:
    assert file_after(None) == 0
    assert place_after(None) is None
    assert (file_cursor(ours) is None) == (ours is None)
