"""The Allowances port: a rate of new jobs and a number of open ones, exact however many ask at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from downloads.allowance import UNWRITTEN, Allowances, Rate, Standing
from downloads.aws.allowances import DynamoAllowances
from downloads.errors import RateLimitedError, TooManyOpenJobsError
from downloads.model import Job
from downloads.ports import Jobs
from tests.aws import dynamo_jobs
from tests.conftest import NOW, a_job, ready
from tests.contract.conftest import ALL, Cloud, cloud_of, make_table
from tests.fakes import FakeAllowances, FakeJobs

# One token every two seconds, three at once; two open jobs.
RATE, MOST_OPEN = Rate(per_minute=30, burst=3), 2
Stage = tuple[Allowances, Jobs]


@pytest.fixture(params=ALL)
def stage(request: pytest.FixtureRequest, now: datetime) -> Stage:
    if request.param == "fake":
        jobs = FakeJobs(clock=now)
        return FakeAllowances(jobs, RATE, MOST_OPEN), jobs
    return deployed(cloud_of(request)("dynamodb"), now)


def deployed(client: object, now: datetime) -> Stage:
    table = make_table(client)
    return DynamoAllowances(client, table, RATE, MOST_OPEN), dynamo_jobs(client, table, clock=lambda: now)  # type: ignore[arg-type] # a boto3 client


def taken(allowances: Allowances, account: str, now: datetime) -> bool:
    try:
        allowances.take(account, now)
    except RateLimitedError:
        return False
    return True


def started(stage: Stage, account: str, now: datetime) -> Job:
    allowances, jobs = stage
    job = a_job(total=1, created_at=now)
    allowances.reserve(account, job, now)
    jobs.create(job, [70000])
    return job


def test_a_burst_then_the_rate(stage: Stage, now: datetime) -> None:
    allowances, _ = stage
    assert [taken(allowances, "a", now) for _ in range(4)] == [True, True, True, False]
    assert not taken(allowances, "a", now + timedelta(milliseconds=1_999))
    assert taken(allowances, "a", now + timedelta(seconds=2))
    assert not taken(allowances, "a", now + timedelta(seconds=2))


def test_who_is_refused_is_told_when_to_come_again(stage: Stage, now: datetime) -> None:
    allowances, _ = stage
    for _ in range(3):
        allowances.take("a", now)
    with pytest.raises(RateLimitedError) as refused:
        allowances.take("a", now + timedelta(milliseconds=100))
    assert refused.value.retry_after_s == 2
    assert taken(allowances, "a", now + timedelta(milliseconds=100, seconds=2))


def test_accounts_have_each_their_own(stage: Stage, now: datetime) -> None:
    allowances, _ = stage
    for _ in range(3):
        allowances.take("a", now)
    assert taken(allowances, "b", now)


def test_the_standing_is_told_without_taking(stage: Stage, now: datetime) -> None:
    allowances, _ = stage
    assert allowances.standing("a", now) == Standing(limit=3, remaining=3, reset_s=0)
    allowances.take("a", now)
    allowances.take("a", now)
    assert allowances.standing("a", now) == allowances.standing("a", now) == Standing(3, 1, 4)
    assert allowances.standing("a", now + timedelta(seconds=3)) == Standing(3, 2, 1)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(min_value=0, max_value=5_000), max_size=25))
def test_any_pace_is_held_to_the_rate(aws: None, steps: list[int]) -> None:
    """The adapter on moto against the bucket written down plainly, in milliseconds."""
    import boto3  # noqa: PLC0415 # inside the mocked cloud

    allowances, _ = deployed(boto3.client("dynamodb"), NOW)
    tokens, last, passed = 3.0, 0, 0
    for step in steps:
        passed += step
        tokens, last = min(3.0, tokens + (passed - last) / 2_000), passed
        expected = tokens >= 1 - 1e-9
        assert taken(allowances, "a", NOW + timedelta(milliseconds=passed)) is expected
        tokens -= expected


def test_fifty_at_once_take_no_more_than_there_is(emulator: Cloud, now: datetime) -> None:
    allowances, _ = deployed(emulator("dynamodb"), now)
    assert at_once(lambda: taken(allowances, "a", now)) == 3


def test_fifty_at_once_open_no_more_jobs_than_may_be_open(emulator: Cloud, now: datetime) -> None:
    stage = deployed(emulator("dynamodb"), now)
    assert at_once(lambda: place_for(stage, now)) == MOST_OPEN


def at_once(ask: Callable[[], bool]) -> int:
    with ThreadPoolExecutor(25) as pool:
        return sum(pool.map(lambda _: ask(), range(50)))


def place_for(stage: Stage, now: datetime) -> bool:
    try:
        started(stage, "a", now)
    except TooManyOpenJobsError:
        return False
    return True


def test_so_many_may_be_open_and_no_more(stage: Stage, now: datetime) -> None:
    started(stage, "a", now)
    started(stage, "a", now)
    assert not place_for(stage, now)
    started(stage, "b", now)


def test_the_place_of_an_ended_job_is_free(stage: Stage, now: datetime) -> None:
    first, _ = started(stage, "a", now), started(stage, "a", now)
    stage[1].record(first, [ready(70000)], now)
    assert place_for(stage, now + timedelta(seconds=1))
    assert not place_for(stage, now + timedelta(seconds=1))


def test_a_job_that_was_never_written_holds_its_place_for_a_minute(stage: Stage, now: datetime) -> None:
    started(stage, "a", now)
    stage[0].reserve("a", a_job(total=1), now)
    assert not place_for(stage, now + UNWRITTEN)
    assert place_for(stage, now + UNWRITTEN + timedelta(seconds=1))


def test_a_place_is_given_back_at_once(stage: Stage, now: datetime) -> None:
    started(stage, "a", now)
    job = a_job(total=1)
    stage[0].reserve("a", job, now)
    stage[0].release("a", job)
    assert place_for(stage, now)


def test_a_reopened_job_needs_a_place_and_keeps_it_while_it_is_written(stage: Stage, now: datetime) -> None:
    allowances, jobs = stage
    ended = started(stage, "a", now)
    jobs.record(ended, [ready(70000)], now)
    started(stage, "a", now)
    later = now + timedelta(seconds=5)
    allowances.reserve("a", ended, later)
    allowances.reserve("a", ended, later)
    assert not place_for(stage, later), "the place of a job that is being reopened was given away"


def test_a_place_that_is_taken_anew_while_it_is_judged_is_not_cleared(aws: None, now: datetime) -> None:
    """A retry of an ended job, between another caller's look at its place and the clearing of it."""
    import boto3  # noqa: PLC0415 # inside the mocked cloud

    client = boto3.client("dynamodb")
    table = make_table(client)
    jobs = dynamo_jobs(client, table, clock=lambda: now)
    allowances = DynamoAllowances(Meanwhile(client), table, RATE, most_open=1)  # type: ignore[arg-type] # a client with one call watched
    ended = started((allowances, jobs), "a", now)
    jobs.record(ended, [ready(70000)], now)
    later = now + timedelta(seconds=1)
    Meanwhile.then = lambda: DynamoAllowances(client, table, RATE, 1).reserve("a", ended, later)
    with pytest.raises(TooManyOpenJobsError):
        allowances.reserve("a", a_job(total=1), later)


class Meanwhile:
    """A DynamoDB client; once it has read jobs, something else happens."""

    then: Callable[[], None] | None = None

    def __init__(self, client: object) -> None:
        self._client = client

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)

    def batch_get_item(self, **asked: object) -> object:
        answer = self._client.batch_get_item(**asked)  # type: ignore[attr-defined] # a boto3 client
        then, Meanwhile.then = Meanwhile.then, None
        if then:
            then()
        return answer


def test_jobs_that_could_not_be_read_keep_their_places(aws: None, now: datetime) -> None:
    import boto3  # noqa: PLC0415 # inside the mocked cloud

    client = boto3.client("dynamodb")
    table = make_table(client)
    stage = (
        DynamoAllowances(Throttled(client), table, RATE, 1),
        dynamo_jobs(client, table, clock=lambda: now),
    )  # type: ignore[arg-type] # a client with one call watched
    ended = started(stage, "a", now)
    stage[1].record(ended, [ready(70000)], now)
    assert not place_for(stage, now + timedelta(hours=1))


class Throttled(Meanwhile):
    """A DynamoDB client that reads no job now."""

    def batch_get_item(self, **asked: object) -> object:
        return {"Responses": {}, "UnprocessedKeys": asked["RequestItems"]}


def test_an_older_job_that_is_retried_makes_no_place_forgotten_sooner(aws: None, now: datetime) -> None:
    import boto3  # noqa: PLC0415 # inside the mocked cloud

    client = boto3.client("dynamodb")
    table = make_table(client)
    allowances = DynamoAllowances(client, table, RATE, MOST_OPEN)
    allowances.reserve("a", a_job(total=1, created_at=now), now)
    key = {"PK": {"S": "CALLER#a"}, "SK": {"S": "OPEN"}}
    before = int(client.get_item(TableName=table, Key=key)["Item"]["expires_at"]["N"])
    older = a_job(total=1, created_at=now - timedelta(hours=2), expires_at=now + timedelta(hours=22))
    allowances.reserve("a", older, now)
    assert int(client.get_item(TableName=table, Key=key)["Item"]["expires_at"]["N"]) >= before
