"""The probe goes on with the service: the calls that it answers are those that process_file makes."""

from tests.bench.interpreter import told


def test_all_that_is_compared_is_measured() -> None:
    found = told(["-m", "tests.bench.handler_probe", "1", "1"])
    assert {name: list(map(len, each.values())) for name, each in found.items()} == {
        "handler": [1, 1, 1],
        "links": [1, 1, 1],
    }
