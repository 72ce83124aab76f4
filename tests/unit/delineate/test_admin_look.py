"""What `admin top` reads: bounded, sticky, and never stopped by what AWS refuses."""

from datetime import datetime, timedelta

import pytest

from delineate.operator.cloud import AdminFault, find
from delineate.operator.look import MOST_JOBS, Look, Observer
from delineate.operator.scene import Scene, Watcher
from tests.operator_fakes import NOW, OWNER, STACK, FakeAws, job_item


class Screen:
    """A watcher whose clock the test moves, two seconds a look."""

    def __init__(self, aws: FakeAws) -> None:
        self._at = NOW - timedelta(seconds=2)
        self.watcher = Watcher(STACK, Observer(find(STACK, aws), aws, self._now))

    def _now(self) -> datetime:
        self._at += timedelta(seconds=2)
        return self._at

    def look(self) -> Scene:
        return self.watcher.next()


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws()


def ids(number: int) -> list[str]:
    return [f"{place % 16:x}{place:07}" for place in range(number)]


def test_open_jobs_are_read_by_their_keys_and_without_urls(aws: FakeAws) -> None:
    aws.put(job_item("a1"))
    scene = Screen(aws).look()
    assert [job.job_id for job in scene.slowest] == ["a1"]
    assert len(aws.calls.of("Query")) == 16
    asked = aws.calls.of("BatchGetItem")[0]["RequestItems"]["downloads"]
    assert "callback_url" not in asked["ExpressionAttributeNames"].values()
    assert OWNER not in str(scene.document())


def test_at_most_500_jobs_are_read_a_look_and_the_rest_is_counted(aws: FakeAws) -> None:
    for job_id in ids(620):
        aws.put(job_item(job_id))
    scene = Screen(aws).look()
    assert (len(scene.look.jobs), scene.look.unseen) == (MOST_JOBS, 120)
    assert (
        sum(len(asked["RequestItems"]["downloads"]["Keys"]) for asked in aws.calls.of("BatchGetItem")) == 500
    )


def test_jobs_that_are_followed_stay_so_when_more_come(aws: FakeAws) -> None:
    for job_id in ids(510):
        aws.put(job_item(f"f{job_id}"))
    screen = Screen(aws)
    first = set(screen.look().look.jobs)
    for job_id in ids(40):
        aws.put(job_item(f"0{job_id}"))
        aws.open[f"0{job_id}"] = NOW - timedelta(hours=1)
    assert set(screen.look().look.jobs) == first


def test_a_job_that_left_the_index_is_read_once_for_how_it_ended(aws: FakeAws) -> None:
    aws.put(job_item("a1"))
    screen = Screen(aws)
    screen.look()
    aws.put(job_item("a1", status="failed", completed=0, failed=10, completed_at=NOW), listed=False)
    scene = screen.look()
    assert (scene.slowest, scene.ended) == ([], {"failed": 1})
    before = len(aws.calls.of("BatchGetItem"))
    assert screen.look().ended == {"failed": 1}
    assert aws.calls.of("BatchGetItem")[before:] == []


def test_a_job_that_the_index_lost_for_a_moment_has_not_ended(aws: FakeAws) -> None:
    aws.put(job_item("a1"))
    screen = Screen(aws)
    screen.look()
    aws.put(job_item("a1"), listed=False)
    assert screen.look().ended == {}
    aws.put(job_item("a1", status="cancelled", completed_at=NOW), listed=False)
    assert screen.look().ended == {"cancelled": 1}


def test_an_ended_job_that_waits_for_its_notice_is_counted_once(aws: FakeAws) -> None:
    aws.put(job_item("a1"))
    screen = Screen(aws)
    screen.look()
    aws.put(job_item("a1", status="completed", completed=9, completed_at=NOW))
    scene = screen.look()
    assert (scene.look.open, scene.ended) == ([], {"completed": 1})
    aws.put(job_item("a1", status="completed", completed=9, completed_at=NOW), listed=False)
    assert screen.look().ended == {"completed": 1}


def test_rates_are_of_what_happened_between_the_looks(aws: FakeAws) -> None:
    aws.put(job_item("a1", completed=4, failed=1))
    screen = Screen(aws)
    assert screen.look().rates is None
    aws.put(job_item("a1", completed=7, failed=2))
    aws.put(job_item("b1", completed=2, failed=0, created_at=NOW + timedelta(seconds=1)))
    aws.put(job_item("c1", completed=5, failed=5))
    rates = screen.look().rates
    assert rates
    assert (rates.files, rates.files_a_second, rates.failed_share) == (6, 3.0, 1 / 6)


def test_a_retry_does_not_count_backwards(aws: FakeAws) -> None:
    aws.put(job_item("a1", completed=4, failed=3))
    screen = Screen(aws)
    screen.look()
    aws.put(job_item("a1", completed=5, failed=1, round=2))
    rates = screen.look().rates
    assert rates
    assert (rates.files, rates.failed_share) == (2, 0.5)


def test_a_throttled_table_is_a_line_and_not_the_end(aws: FakeAws) -> None:
    aws.put(job_item("a1"))
    screen = Screen(aws)
    screen.look()
    aws.calls.refused["Query"] = "ThrottlingException"
    scene = screen.look()
    assert "Cannot read the index of open jobs" in scene.complaints[0].line
    assert "ThrottlingException" in scene.complaints[0].line
    assert scene.look.queues is not None
    aws.calls.refused.clear()
    aws.put(job_item("a1", completed=6))
    scene = screen.look()
    assert scene.rates
    assert (scene.rates.files, scene.complaints) == (2, ())


def test_queues_that_may_not_be_asked_are_a_line_too(aws: FakeAws) -> None:
    aws.calls.refused["GetQueueAttributes"] = "AccessDenied"
    scene = Screen(aws).look()
    assert scene.document()["queues"] is None
    assert "AccessDenied" in scene.complaints[0].line


def test_keys_that_the_table_was_too_busy_for_are_asked_again(aws: FakeAws) -> None:
    aws.put(job_item("a1"))
    aws.busy = 2
    assert [job.job_id for job in Screen(aws).look().slowest] == ["a1"]


def test_a_table_that_stays_busy_is_said_and_nobody_is_taken_for_ended(aws: FakeAws) -> None:
    aws.put(job_item("a1"))
    screen = Screen(aws)
    screen.look()
    aws.busy = 4
    scene = screen.look()
    assert (scene.ended, scene.complaints[0].line) == ({}, "The table was too busy to tell of 1 jobs.")
    assert [job.job_id for job in screen.look().slowest] == ["a1"]


def test_a_lane_stands_still_only_after_it_has_for_half_a_minute(aws: FakeAws) -> None:
    screen, normal = Screen(aws), "https://sqs/normal"
    aws.depths[normal] = (7, 0, 0)
    assert [screen.look().complaints for _ in range(15)] == [()] * 15
    told = [one.line for one in screen.look().complaints]
    assert told == ["7 files wait in normal and none is being prepared: look at process_file"]
    aws.depths[normal] = (7, 1, 0)
    assert screen.look().complaints == ()
    aws.depths[normal] = (7, 0, 0)
    assert screen.look().complaints == ()


def test_an_item_of_another_shape_hides_no_other(aws: FakeAws) -> None:
    broken = job_item("a1")
    del broken["total"]
    aws.put(broken)
    aws.put(job_item("b1"))
    assert [job.job_id for job in Screen(aws).look().slowest] == ["b1"]


def test_another_stack_is_told_apart(aws: FakeAws) -> None:
    aws.describe_stacks = lambda **_: {"Stacks": [{}]}  # type: ignore[method-assign] # a stack without outputs
    with pytest.raises(AdminFault, match="none of the download service"):
        find(STACK, aws)


def test_a_look_that_saw_nothing_has_no_open_jobs() -> None:
    assert (Look(NOW).open, Look(NOW).unseen) == ([], 0)
