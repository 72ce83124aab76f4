"""What the table holds of one user: all of it is found and deleted, and nothing of others."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError

from downloads.allowance import Rate
from downloads.aws import spread
from downloads.aws.allowances import DynamoAllowances
from downloads.aws.checkpoints import DynamoCheckpoints
from downloads.aws.deliveries import DynamoDeliveries
from downloads.aws.holdings import DynamoHoldings
from downloads.aws.tickets import DynamoTickets
from downloads.aws.watchers import DynamoWatchers
from downloads.bundle import Sizes
from downloads.bundle_ports import Checkpoint
from downloads.caller import Session
from downloads.claim import Claim
from downloads.cold import RestoreRule
from downloads.errors import StateUnavailableError
from downloads.file import RestoringFile
from downloads.model import Job, Wish
from downloads.notice import Attempt, Outcome
from downloads.ticket import Ticket
from downloads.usecases.forget import Shredder, forget
from tests.aws import dynamo_jobs
from tests.conftest import a_job, failed, ready
from tests.contract.conftest import CLOUDS, cloud_of, make_table

ANN, BEN = "user:ann", "user:ben"


class Table:
    """A table, and everything that the service may write into it of an owner."""

    def __init__(self, client: Any, now: datetime) -> None:
        self.client, self.name, self.now = client, make_table(client), now
        self.jobs = dynamo_jobs(client, self.name, clock=lambda: now)

    def fill(self, owner: str, jobs: int) -> list[Job]:
        return [self._job(owner) for _ in range(jobs)]

    def _job(self, owner: str) -> Job:
        job = a_job(total=40, job_id=str(uuid4()), owner=owner, created_at=self.now)
        claim = Claim(owner, f"key-{job.job_id}", "print", job.job_id, self.now + timedelta(days=1))
        self.jobs.create(job, list(range(70_000, 70_040)), claim)
        results = [ready(file_id) for file_id in range(70_000, 70_030)]
        self.jobs.record(job, [*results, failed(70_030)], self.now)
        watchers = DynamoWatchers(self.client, self.name)
        watchers.add(job.job_id, f"c-{job.job_id}", None, self.now)
        watchers.wish(Wish(f"w-{job.job_id}", job.job_id, Session(owner)), self.now)
        digest = uuid4().hex
        session = Session(owner, self.now + timedelta(hours=1), job.job_id)
        later = self.now + timedelta(seconds=30)
        DynamoTickets(self.client, self.name).issue(Ticket(digest, session, later, later))
        attempt = Attempt(job.job_id, 3, 1, self.now, Outcome.DELIVERED, owner=owner)
        DynamoDeliveries(self.client, self.name).begin(attempt)
        allowances = DynamoAllowances(self.client, self.name, Rate(60, 20), 20)
        allowances.take(owner, self.now)
        allowances.reserve(owner, job, self.now)
        return job

    def left(self) -> list[dict[str, Any]]:
        """All but closed tallies, which say nothing of anybody."""
        pages = self.client.get_paginator("scan").paginate(TableName=self.name)
        found = [item for page in pages for item in page["Items"]]
        return [item for item in found if item.keys() != {"PK", "SK", "closed_at", "expires_at"}]


@pytest.fixture(params=CLOUDS)
def table(request: pytest.FixtureRequest, now: datetime) -> Table:
    return Table(cloud_of(request)("dynamodb"), now)


def test_nothing_of_one_user_is_left_and_everything_of_another(table: Table, now: datetime) -> None:
    table.fill(BEN, 1)
    before = sorted(map(str, table.left()))
    mine = table.fill(ANN, 2)
    # One whose own item is gone, as by its TTL: only a look through the table finds what it left.
    table.client.delete_item(
        TableName=table.name, Key={"PK": {"S": f"JOB#{mine[0].job_id}"}, "SK": {"S": "JOB"}}
    )
    # And a result in a partition of its own, as a large job may have.
    apart = {"PK": {"S": f"JOB#{mine[1].job_id}#7"}, "SK": {"S": "FILE#000070099"}}
    table.client.put_item(TableName=table.name, Item=apart)
    holdings = DynamoHoldings(table.client, table.name)
    told = forget(ANN, Shredder(holdings, None, lambda: True), now)
    assert told.done
    assert sorted(map(str, table.left())) == before
    assert told.items > 2 * 31
    again = forget(ANN, Shredder(holdings, None, lambda: True), now)
    assert (again.jobs, again.items, again.done) == (0, 0, True)


def test_a_job_that_another_build_spread_more_widely_is_forgotten_whole(
    table: Table, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "FILES_A_PARTITION", 1)
    monkeypatch.setattr(spread, "MOST_PARTITIONS", 12)
    (job,) = table.fill(ANN, 1)
    monkeypatch.undo()
    DynamoHoldings(table.client, table.name).shred_job(job.job_id)
    assert not [item for item in table.left() if item["PK"]["S"].startswith(f"JOB#{job.job_id}")]


def test_jobs_are_listed_page_by_page(table: Table) -> None:
    jobs = [a_job(job_id=str(uuid4()), owner=ANN, created_at=table.now) for _ in range(103)]
    for job in jobs:
        table.jobs.create(job, [70_000])
    holdings = DynamoHoldings(table.client, table.name)
    first = holdings.jobs(ANN)
    second = holdings.jobs(ANN, first.after)
    assert (len(first.ids), len(second.ids), second.after) == (100, 3, None)
    assert {*first.ids, *second.ids} == {job.job_id for job in jobs}


def test_what_waits_for_its_restore_is_forgotten_both_ways(table: Table, now: datetime) -> None:
    job = table.jobs.begin(table.fill(ANN, 1)[0], now)
    day, hour = timedelta(days=1), timedelta(hours=1)
    rule = RestoreRule("Standard", 3 * day, day, hour, 7 * day)
    table.jobs.wait(job, [RestoringFile(70_035, now + 5 * hour)], rule, now)
    assert table.jobs.waiting_for(70_035) == [job.job_id]
    DynamoHoldings(table.client, table.name).shred_job(job.job_id)
    assert table.jobs.waiting_for(70_035) == []


def test_while_a_job_is_there_so_is_what_tells_of_its_archives(table: Table, now: datetime) -> None:
    """Broken off after each slice: whoever hears of the checkpoint's end finds no job that has one."""
    job = a_job(total=100, job_id=str(uuid4()), owner=ANN, created_at=now)
    table.jobs.create(job, list(range(70_000, 70_100)))
    table.jobs.record(job, [ready(file_id) for file_id in range(70_000, 70_100)], now)
    fresh = Checkpoint(job.job_id, 1, Sizes(10**9, 5 * 1024 * 1024), job.expires_at, "run")
    assert DynamoCheckpoints(table.client, table.name).take(fresh, now)
    calls = list[None]()

    def broken_off(**_: object) -> None:
        calls.append(None)
        if len(calls) > 2:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")

    hook = ("before-call.dynamodb.BatchWriteItem", broken_off)
    table.client.meta.events.register(*hook)
    seen = list[set[str]]()
    try:
        while not seen or seen[-1]:
            calls.clear()
            with suppress(StateUnavailableError):
                DynamoHoldings(table.client, table.name).shred_job(job.job_id)
            seen.append({item["SK"]["S"] for item in table.left()} & {"JOB", "BUNDLE"})
    finally:
        table.client.meta.events.unregister(*hook)
    assert seen[-2:] == [{"BUNDLE"}, set()]
    assert all(each == {"JOB", "BUNDLE"} for each in seen[:-2])
    assert len(seen) > 4


def test_a_batch_that_comes_after_its_job_was_forgotten_leaves_nothing(table: Table, now: datetime) -> None:
    job = table.jobs.begin(table.fill(ANN, 1)[0], now)
    holdings = DynamoHoldings(table.client, table.name)
    holdings.shred_job(job.job_id)
    before = sorted(map(str, table.left()))
    table.jobs.record(job, [ready(70_031)], now)
    assert sorted(map(str, table.left())) == before
    assert holdings.shred_job(job.job_id) == 0
