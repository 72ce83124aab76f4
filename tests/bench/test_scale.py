"""The model of what is full first: by hand for one resource, and what the stack's settings do to it."""

from dataclasses import replace

import pytest

from infra_cdk.config import for_stage
from tests.bench.cloud.play import Played, play
from tests.bench.scale_model import Limited, files_a_second_of_one_job, limited

CONFIG = for_stage("prod")


@pytest.fixture(scope="module")
def played() -> Played:
    return play(10, CONFIG)


def test_what_is_used_half_a_second_a_job_is_full_at_twice_its_limit() -> None:
    workers = Limited("workers", 0.5, 3, "MAX_CONCURRENCY", 1_000)
    assert workers.jobs_a_second == 6
    assert workers.full(12) == 2
    assert workers.jobs_a_second_at_most == 2_000


def test_more_concurrency_moves_the_lane_and_nothing_else(played: Played) -> None:
    before = {one.name: one.jobs_a_second for one in limited(played, CONFIG)}
    after = {one.name: one.jobs_a_second for one in limited(played, replace(CONFIG, max_concurrency=8))}
    moved = {name for name, rate in after.items() if rate != before[name]}
    assert moved == {"Normal lane: batches at once"}
    assert after["Normal lane: batches at once"] == pytest.approx(2 * before["Normal lane: batches at once"])


def test_frames_to_watchers_are_among_what_is_limited(played: Played) -> None:
    (posts,) = (one for one in limited(played, CONFIG) if one.name == "API Gateway: frames posted a second")
    assert posts.use == len(played.cloud.frames) > 0


def test_the_scarcest_comes_first(played: Played) -> None:
    rates = [one.jobs_a_second for one in limited(played, CONFIG)]
    assert rates == sorted(rates)


def test_one_job_goes_as_fast_as_its_fullest_partition(played: Played) -> None:
    fullest = max(played.cloud.table.units_by_partition.values())
    assert files_a_second_of_one_job(played) == pytest.approx(1_000 * played.files / fullest)
    assert fullest < played.cloud.table.write_units
