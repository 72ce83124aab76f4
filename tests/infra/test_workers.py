"""A suite that deploys or synthesizes does so once: its tests share one worker."""

import pytest


def test_the_tests_of_a_suite_share_a_worker(request: pytest.FixtureRequest) -> None:
    grouped = getattr(request.config.option, "loadgroup", False)
    assert request.node.nodeid.endswith("@infra") is bool(grouped)
