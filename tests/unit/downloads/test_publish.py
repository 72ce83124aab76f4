"""Publishing on the fakes: who gets which frames."""

import json
from typing import Any

import pytest

from downloads.changes import Changes, Recorded
from downloads.contracts.frames import FILES_PER_FRAME, change_frames, snapshot_frames
from downloads.contracts.replies import FileState
from downloads.file import ErrorCode, FileResult
from downloads.model import Job, Wish
from downloads.usecases.publish import Audience, publish
from downloads.usecases.watch import MOST_TRIES, Desk, fulfil, subscribe
from tests.conftest import NOW, SESSION, a_job, failed, ready
from tests.fakes import FakeConnections, FakeJobs, FakeWatchers

LONGEST_REASON = max(ErrorCode, key=lambda code: len(failed(10_000, code).reason))


@pytest.fixture
def faults() -> list[str]:
    return []


@pytest.fixture
def audience(faults: list[str]) -> Audience:
    return Audience(
        FakeJobs(clock=NOW),
        FakeWatchers(),
        FakeConnections(),
        lambda _, connection, __: faults.append(connection),
    )


@pytest.fixture
def desk(audience: Audience) -> Desk:
    return Desk(audience.jobs, audience.watchers, audience.connections)


def frames(audience: Audience, connection: str) -> list[dict[str, Any]]:
    assert isinstance(audience.connections, FakeConnections)
    return [json.loads(frame) for frame in audience.connections.frames.get(connection, [])]


def changes(job: Job, *results: FileResult) -> Changes:
    return Changes(
        job=job, since=job.version - 1, recorded=[Recorded(result, job.round) for result in results]
    )


def test_what_failed_before_a_retry_is_told_no_more(audience: Audience) -> None:
    job = a_job(completed=1, version=6, round=2)
    audience.watchers.add(job.job_id, "one", None, NOW)
    recorded = [Recorded(failed(70000), 1), Recorded(ready(70007), 1), Recorded(failed(70014), 2)]
    publish(job.job_id, Changes(job=job, since=4, recorded=recorded), audience, NOW)
    (frame,) = frames(audience, "one")
    assert (frame["round"], [file["file_id"] for file in frame["files"]]) == (2, [70007, 70014])


def test_every_watcher_gets_one_frame_a_batch(audience: Audience) -> None:
    job = a_job(completed=2, version=3)
    for connection in ("one", "two"):
        audience.watchers.add(job.job_id, connection, None, NOW)
    assert publish(job.job_id, changes(job, ready(70000), ready(70007)), audience, NOW) == 2
    for connection in ("one", "two"):
        (frame,) = frames(audience, connection)
        assert (frame["since"], frame["version"], len(frame["files"])) == (2, 3, 2)


def test_a_watcher_that_a_frame_does_not_reach_is_forgotten_and_told_of_unless_gone(
    audience: Audience, faults: list[str]
) -> None:
    job = a_job(version=2)
    assert isinstance(audience.connections, FakeConnections)
    audience.connections.gone.add("gone")
    audience.connections.stuck.add("stuck")
    audience.connections.slow.add("slow")
    for connection in ("gone", "slow", "stuck", "well"):
        audience.watchers.add(job.job_id, connection, None, NOW)
    publish(job.job_id, changes(job), audience, NOW)
    assert len(frames(audience, "well")) == 1
    assert list(audience.watchers.of(job.job_id, NOW)) == ["well"]
    assert sorted(faults) == ["slow", "stuck"]


def test_a_watcher_who_subscribes_between_two_changes_misses_none(audience: Audience, desk: Desk) -> None:
    """Registered before the snapshot is read: what is not in the snapshot comes as a change."""
    job = a_job(total=2)
    audience.jobs.create(job, [70000, 70007])
    audience.jobs.record(job, [ready(70000)], NOW)
    subscribe(job.job_id, "late", SESSION, desk, NOW)
    audience.jobs.record(job, [ready(70007)], NOW)
    after = audience.jobs.get(job.job_id)
    assert after is not None
    publish(job.job_id, changes(after, ready(70007)), audience, NOW)
    snapshot, change = frames(audience, "late")
    assert (snapshot["version"], change["since"], change["version"]) == (2, 2, 3)
    assert [file["file_id"] for file in snapshot["files"] + change["files"]] == [70000, 70007]


def test_a_wish_is_fulfilled_as_a_subscription(audience: Audience, desk: Desk) -> None:
    job = a_job()
    audience.jobs.create(job, [70000, 70007, 70014])
    fulfil(Wish("one", job.job_id, SESSION), desk, NOW)
    assert [frame["type"] for frame in frames(audience, "one")] == ["snapshot"]
    assert list(audience.watchers.of(job.job_id, NOW)) == ["one"]


@pytest.mark.parametrize(("tries", "again"), [(0, True), (MOST_TRIES - 1, True), (MOST_TRIES, False)])
def test_a_wish_of_a_connection_not_there_yet_comes_round_again(
    audience: Audience, desk: Desk, tries: int, again: bool
) -> None:
    job = a_job()
    audience.jobs.create(job, [70000])
    assert isinstance(audience.connections, FakeConnections)
    assert isinstance(audience.watchers, FakeWatchers)
    audience.connections.gone.add("one")
    fulfil(Wish("one", job.job_id, SESSION, tries), desk, NOW)
    assert audience.watchers.wishes == ([Wish("one", job.job_id, SESSION, tries + 1)] if again else [])
    assert list(audience.watchers.of(job.job_id, NOW)) == []


@pytest.mark.parametrize("count", [0, 1, FILES_PER_FRAME, FILES_PER_FRAME + 1, 1000])
def test_frames_stay_below_32_kb_and_parts_join(count: int) -> None:
    job = a_job(total=max(count, 1), version=100)
    results = [failed(99_999_000 + n, LONGEST_REASON) for n in range(count)]
    states = [FileState.of(result.file_id, result) for result in results]
    for made in (list(snapshot_frames(job, states)), list(change_frames(job, 90, states))):
        parts = [json.loads(frame) for frame in made]
        assert max(len(frame.encode()) for frame in made) < 32_768
        assert [part["part"] for part in parts] == list(range(1, parts[0]["parts"] + 1))
        assert sum(len(part["files"]) for part in parts) == count
    assert [json.loads(frame)["since"] for frame in change_frames(job, 90, states)][:2] == [90, 100][
        : len(parts)
    ]
