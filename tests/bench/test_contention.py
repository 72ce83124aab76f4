"""The bench's model at work, small: the way it is counted loses nothing and rarely meets itself."""

import pytest

from tests.bench.contention import Way, in_one_counter, in_tallies, measured

FILES = 200


@pytest.mark.parametrize("way", [in_tallies, in_one_counter])
def test_each_file_counts_once_however_many_are_at_work(way: Way) -> None:
    assert measured(20, FILES, way).completed == FILES


def test_batches_that_run_at_once_rarely_meet_where_one_counter_had_them_meet() -> None:
    now, before = (measured(5, FILES, way).counts for way in (in_tallies, in_one_counter))
    assert now.conflicts <= 0.05 * now.transactions
    assert before.conflicts > 0.2 * before.transactions
