"""The Jobs port where DynamoDB refuses, throttles or loses its answer, as no emulator does by itself.

On the emulator alone: see faults.py.
"""

from datetime import datetime

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from downloads.aws.contention import MOST_REFUSALS
from downloads.aws.recording import RecordingDynamoJobs
from downloads.changes import Settled
from downloads.claim import Claim
from downloads.errors import ContendedError, StateUnavailableError
from downloads.model import Job, JobStatus
from tests.aws import dynamo_jobs
from tests.conftest import a_job, ready
from tests.contract.conftest import Cloud, make_table
from tests.contract.faults import Answer, Faults, cancelled, error

IDS = [70000, 70007, 70014]
PASSING = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]


@pytest.fixture
def faults() -> Faults:
    return Faults()


def connected(emulator: Cloud, faults: Faults, attempts: int, now: datetime) -> RecordingDynamoJobs:
    client = emulator("dynamodb", config=Config(retries={"mode": "standard", "total_max_attempts": attempts}))
    faults.put_into(client)
    return dynamo_jobs(client, make_table(client), clock=lambda: now)


@pytest.fixture
def jobs(emulator: Cloud, faults: Faults, now: datetime) -> RecordingDynamoJobs:
    return connected(emulator, faults, 1, now)


@pytest.fixture
def patient_jobs(emulator: Cloud, faults: Faults, now: datetime) -> RecordingDynamoJobs:
    """As the functions have it: botocore itself tries twice, with one ClientRequestToken."""
    return connected(emulator, faults, 2, now)


def stored(jobs: RecordingDynamoJobs, faults: Faults) -> Job:
    job = a_job(total=len(IDS))
    jobs.create(job, IDS)
    faults.sent = 0
    return job


def counted(jobs: RecordingDynamoJobs, job: Job) -> tuple[int, int]:
    after = jobs.get(job.job_id)
    assert after is not None
    return after.completed, after.version


@pytest.mark.parametrize("reason", PASSING)
def test_a_refusal_that_passes_is_tried_again_and_counts_once(
    jobs: RecordingDynamoJobs, faults: Faults, now: datetime, reason: str
) -> None:
    job = stored(jobs, faults)
    faults.refused = [cancelled("None", "None", reason), cancelled(reason, "None", "None")]
    jobs.record(job, [ready(70000), ready(70007)], now)
    assert (faults.sent, counted(jobs, job)) == (3, (2, 2))


@pytest.mark.parametrize("reason", PASSING)
def test_a_refusal_that_stays_is_contention_and_counts_nothing(
    jobs: RecordingDynamoJobs, faults: Faults, now: datetime, reason: str
) -> None:
    job = stored(jobs, faults)
    faults.refused = [cancelled("None", reason)] * MOST_REFUSALS
    with pytest.raises(ContendedError):
        jobs.record(job, [ready(70000)], now)
    assert (faults.sent, counted(jobs, job)) == (MOST_REFUSALS, (0, 1))
    jobs.record(job, [ready(70000)], now)
    assert counted(jobs, job) == (1, 2)


def test_what_no_other_try_can_mend_is_raised_at_once(
    jobs: RecordingDynamoJobs, faults: Faults, now: datetime
) -> None:
    job = stored(jobs, faults)
    faults.refused = [cancelled("None", "ValidationError")]
    with pytest.raises(ClientError):
        jobs.record(job, [ready(70000)], now)
    assert (faults.sent, counted(jobs, job)) == (1, (0, 1))


FAULTS = [
    error("ThrottlingException"),
    error("ProvisionedThroughputExceededException"),
    error("RequestLimitExceeded"),
    error("TransactionInProgressException"),
    error("InternalServerError", 500),
    error("ServiceUnavailable", 503),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_passing_fault_is_told_as_one_and_counts_nothing(
    jobs: RecordingDynamoJobs, faults: Faults, now: datetime, fault: Answer
) -> None:
    job = stored(jobs, faults)
    faults.refused = [fault]
    with pytest.raises(StateUnavailableError):
        jobs.record(job, [ready(70000)], now)
    assert counted(jobs, job) == (0, 1)


@pytest.mark.parametrize("fault", [*FAULTS, *(cancelled(reason, "None") for reason in PASSING)])
def test_a_job_that_could_not_be_stored_now_is_none(
    jobs: RecordingDynamoJobs, faults: Faults, fault: Answer
) -> None:
    job = a_job(total=len(IDS))
    faults.refused = [fault]
    with pytest.raises(StateUnavailableError):
        jobs.create(job, IDS)
    assert (jobs.get(job.job_id), jobs.file_ids(job.job_id)) == (None, ())


def claim_of(job: Job, expires_at: datetime) -> Claim:
    return Claim(job.owner, "k", "f", job.job_id, expires_at)


def test_twins_with_one_key_are_told_to_come_again(
    jobs: RecordingDynamoJobs, faults: Faults, now: datetime
) -> None:
    """The other is writing at this moment; what stands of the key may be a claim that has expired."""
    old, twin = a_job(), a_job()
    jobs.create(old, IDS, claim_of(old, expires_at=now))
    for job in (twin, a_job(owner="other")):
        faults.refused = [cancelled("None", "None", "TransactionConflict")]
        with pytest.raises(ContendedError):
            jobs.create(job, IDS, claim_of(job, job.expires_at))
        assert jobs.get(job.job_id) is None


def test_results_that_were_written_though_the_answer_was_lost_count_once(
    jobs: RecordingDynamoJobs, faults: Faults, now: datetime
) -> None:
    job = stored(jobs, faults)
    faults.lost = 1
    with pytest.raises(StateUnavailableError):
        jobs.record(job, [ready(70000), ready(70007)], now)
    jobs.record(job, [ready(70000), ready(70007), ready(70014)], now)
    after = jobs.get(job.job_id)
    assert after is not None
    assert (after.completed, after.status.terminal, after.version) == (3, True, 3)


def test_botocores_own_second_try_after_a_lost_answer_counts_once(
    patient_jobs: RecordingDynamoJobs, faults: Faults, now: datetime
) -> None:
    job = stored(patient_jobs, faults)
    faults.refused, faults.done = [error("InternalServerError", 500)], True
    patient_jobs.record(job, [ready(70000)], now)
    assert (faults.sent, counted(patient_jobs, job)) == (2, (1, 2))


@pytest.fixture
def contended(emulator: Cloud, faults: Faults, now: datetime) -> RecordingDynamoJobs:
    """Conflicts meet the single updates: a batch of results is being counted at that moment."""
    client = emulator("dynamodb", config=Config(retries={"mode": "standard", "total_max_attempts": 1}))
    faults.put_into(client, "UpdateItem")
    return dynamo_jobs(client, make_table(client), clock=lambda: now)


CONFLICT = error("TransactionConflictException")


def test_a_cancel_that_meets_a_batch_waits_for_it(
    contended: RecordingDynamoJobs, faults: Faults, now: datetime
) -> None:
    job = stored(contended, faults)
    faults.refused = [CONFLICT] * 3
    after = contended.cancel(job.job_id, job.owner, now)
    assert after is not None
    assert (after.status, after.version) == (JobStatus.CANCELLED, 2)


def test_a_settling_that_meets_others_for_ever_gives_up_and_loses_nothing(
    emulator: Cloud, faults: Faults, now: datetime
) -> None:
    client = emulator("dynamodb", config=Config(retries={"mode": "standard", "total_max_attempts": 1}))
    faults.put_into(client, "PutItem")
    jobs = dynamo_jobs(client, make_table(client), clock=lambda: now)
    job = stored(jobs, faults)
    jobs.record(job, [ready(70000)], now)
    faults.refused = [CONFLICT, error("ConditionalCheckFailedException")] * (MOST_REFUSALS // 2)
    with pytest.raises(ContendedError):
        jobs.settle(job.job_id)
    assert (faults.sent, counted(jobs, job)) == (MOST_REFUSALS, (1, 2))
    assert jobs.settle(job.job_id) == Settled(job.counted([ready(70000)], now), since=1)


def test_file_ids_are_read_once_a_job(emulator: Cloud, faults: Faults, now: datetime) -> None:
    client = emulator("dynamodb")
    faults.put_into(client, "GetItem")
    jobs = dynamo_jobs(client, make_table(client), clock=lambda: now)
    assert jobs.file_ids("unknown") == ()
    job = stored(jobs, faults)
    assert [jobs.file_ids(job.job_id) for _ in range(3)] == [tuple(IDS)] * 3
    assert faults.sent == 1
