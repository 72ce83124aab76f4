"""DynamoDB's way to count and to end a job, with a rival or a crash between any two calls of the table.

On moto alone: what is tried is the order of conditional writes, which is the adapter's own.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import boto3
import pytest

from downloads.aws import items, spread, tallies
from downloads.aws.recording import RecordingDynamoJobs
from downloads.bundle import BundleFormat, wanted
from downloads.cold import RestoreRule, Tier
from downloads.file import PreparedFile, RestoringFile
from downloads.model import Job, JobStatus, OnError, Spread
from tests.aws import dynamo_jobs
from tests.conftest import NOW, a_job, failed, ready
from tests.contract.conftest import make_table
from tests.unit.simulation.world import CrashError, Fuse

IDS = range(10_000, 10_006)
CALLS = {"get_paginator", "put_item", "update_item", "transact_write_items"}
Act = Callable[[RecordingDynamoJobs, Job], object]


@dataclass
class Client:
    """The client, each call of which passes the fuse."""

    inner: Any
    fuse: Fuse = field(default_factory=Fuse)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        return (lambda *a, **k: self.fuse.call(found, a, k)) if name in CALLS else found


def half(jobs: RecordingDynamoJobs, job: Job) -> None:
    jobs.record(job, [ready(file_id) for file_id in IDS[2:4]], NOW)


def the_last(jobs: RecordingDynamoJobs, job: Job) -> None:
    jobs.record(job, [ready(file_id) for file_id in IDS[2:]], NOW)


def a_failure(jobs: RecordingDynamoJobs, job: Job) -> None:
    jobs.record(job, [failed(IDS[5])], NOW)


def cancel(jobs: RecordingDynamoJobs, job: Job) -> None:
    jobs.cancel(job.job_id, job.owner, NOW)


ACTS: list[Act] = [the_last, a_failure, cancel]
RIVALS: list[Act | None] = [None, half, a_failure, cancel]


def name_of(given: object) -> str:
    return getattr(given, "__name__", "a crash" if given is None else str(given))


@pytest.mark.parametrize("act", ACTS, ids=name_of)
@pytest.mark.parametrize("rival", RIVALS, ids=name_of)
@pytest.mark.parametrize("on_error", OnError)
def test_a_rival_or_a_crash_between_any_two_calls_leaves_one_true_end(
    aws: None, act: Act, rival: Act | None, on_error: OnError
) -> None:
    for call in count(1):
        for after in (False, True):
            fuse = tried(act, rival, on_error, Fuse(call, after))
        if fuse.burnt < call:
            break


@pytest.fixture
def another_build(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, new jobs are spread over more keys."""

    def deployed() -> None:
        monkeypatch.setattr(spread, "FILES_A_PARTITION", 1)
        monkeypatch.setattr(spread, "FILES_A_TALLY", 1)

    return deployed


@pytest.mark.parametrize("act", ACTS, ids=name_of)
def test_a_job_is_read_as_it_was_written_whatever_the_numbers_are_now(
    aws: None, act: Act, another_build: Callable[[], None]
) -> None:
    client = boto3.client("dynamodb")
    jobs, job = started(client, make_table(client))
    before = jobs.results(job, IDS[0], IDS[-1])
    another_build()
    later = jobs.get(job.job_id)
    assert later is not None
    assert jobs.results(later, IDS[0], IDS[-1]) == before
    act(jobs, later)
    check(jobs, later)
    ended = jobs.get(job.job_id)
    assert ended is not None
    assert spread.of(ended) == Spread(1, 2)


def test_a_job_of_before_the_numbers_were_kept_is_read_by_those_of_the_build(aws: None) -> None:
    client = boto3.client("dynamodb")
    table = make_table(client)
    jobs, job = started(client, table)
    client.update_item(
        TableName=table,
        Key=items.job_key(job.job_id),
        UpdateExpression="REMOVE #partitions, tallies",
        ExpressionAttributeNames={"#partitions": "partitions"},
    )
    the_last(jobs, job)
    check(jobs, job)


def test_a_job_of_before_that_has_more_tallies_closed_is_closed_all_the_same(aws: None) -> None:
    client = boto3.client("dynamodb")
    table = make_table(client)
    _, job = started(client, table)
    for number in range(spread.of(job).tallies + 1):
        client.update_item(TableName=table, **tallies.closing(job, number, NOW))
    # A loop without an end dies at its 50th call.
    settled = dynamo_jobs(Client(client, Fuse(50)), table, clock=lambda: NOW).settle(job.job_id)
    assert settled is not None
    assert (settled.job.status, settled.job.completed) == (JobStatus.CANCELLED, 2)


def test_who_would_wait_for_a_restore_ends_the_cancel_of_one_that_died(aws: None) -> None:
    client = boto3.client("dynamodb")
    table = make_table(client)
    jobs, job = started(client, table)
    client.update_item(TableName=table, **tallies.closing(job, 0, NOW))
    restoring = RestoringFile(IDS[3], NOW + timedelta(hours=1))
    assert not jobs.wait(job, [restoring], RestoreRule(Tier.STANDARD), NOW)
    ended = jobs.get(job.job_id)
    assert ended is not None
    assert ended.status is JobStatus.CANCELLED


def test_nobody_sees_an_end_by_a_cancel_before_it_is_written(aws: None) -> None:
    """Whoever ends the job by its bundle may still be quicker than a cancel that has closed all tallies."""
    client = boto3.client("dynamodb")
    table = make_table(client)
    jobs, job = started(client, table, bundle=wanted(BundleFormat.ZIP))
    the_last(jobs, job)
    due = jobs.get(job.job_id)
    assert due is not None
    assert due.bundle
    seen = []

    def cancel_that_dies_before_it_writes() -> None:
        with suppress(CrashError):
            cancel(dynamo_jobs(Client(client, Fuse(5)), table, clock=lambda: NOW), job)
        seen.append(jobs.get(job.job_id))

    done = due.bundled(due.bundle.begun(10, NOW).completed(10, 0), NOW)
    bundler = Client(client, Fuse(2, meanwhile=cancel_that_dies_before_it_writes))
    dynamo_jobs(bundler, table, clock=lambda: NOW).swap(due, done)
    assert (seen, jobs.get(job.job_id)) == ([due], done)


def tried(act: Act, rival: Act | None, on_error: OnError, fuse: Fuse) -> Fuse:
    """One run in a table of its own."""
    client = boto3.client("dynamodb")
    table = make_table(client)
    jobs, job = started(client, table, on_error=on_error)
    fuse.meanwhile = rival and (lambda: rival(jobs, job))
    with suppress(CrashError):
        act(dynamo_jobs(Client(client, fuse), table, clock=lambda: NOW), job)
    check(jobs, job)
    client.delete_table(TableName=table)
    return fuse


def started(client: Any, table: str, **changes: object) -> tuple[RecordingDynamoJobs, Job]:
    """A job of six files in two tallies, of which two files are recorded and not settled."""
    jobs = dynamo_jobs(client, table, clock=lambda: NOW)
    job = a_job(total=len(IDS), **changes)
    jobs.create(job, list(IDS))
    job = jobs.begin(job, NOW)
    assert spread.of(job).tallies == 2
    jobs.record(job, [ready(file_id) for file_id in IDS[:2]], NOW)
    return jobs, job


def check(jobs: RecordingDynamoJobs, job: Job) -> None:
    settled = jobs.settle(job.job_id)
    assert settled is not None
    after = settled.job
    assert jobs.get(job.job_id) == after
    assert told(jobs, after) == (after.completed, after.failed)
    if not after.status.terminal:
        assert after.version == 2 + after.batches
        assert not after.gives_up
    jobs.record(job, [ready(file_id) for file_id in IDS], NOW)
    ended = jobs.get(job.job_id)
    assert ended is not None
    assert told(jobs, ended) == (ended.completed, ended.failed)
    assert ended == after or not after.status.terminal
    assert ended.status.terminal
    early = ended.remaining > 0
    assert ended.version == 2 + ended.batches + early
    assert early == (ended.status is JobStatus.CANCELLED or (early and ended.failed > 0))


def told(jobs: RecordingDynamoJobs, job: Job) -> tuple[int, int]:
    """How many results there are: ready, and failed."""
    results = jobs.results(job, IDS[0], IDS[-1]).values()
    completed = sum(isinstance(one, PreparedFile) for one in results)
    return completed, len(results) - completed
