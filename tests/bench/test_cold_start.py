"""A processor is loaded in little more time than boto3 and its clients; tests/unit says what is loaded."""

import pytest

from tests.bench.cold_start import APIS, PROCESSORS, ROUNDS, once

# The goals of the bench, 1.25 and 1.6, and room for a machine that does other things.
MOST = dict.fromkeys(PROCESSORS, 1.4) | dict.fromkeys(APIS, 1.75)


@pytest.mark.parametrize("name", MOST)
def test_a_cold_start_is_not_far_from_its_floor(name: str) -> None:
    assert any(once(name) < MOST[name] for _ in range(ROUNDS))
