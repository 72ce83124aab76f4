"""The Jobs port where DynamoDB refuses, throttles or loses its answer, as no emulator does by itself.

On the emulator alone: see faults.py.
"""

from datetime import datetime

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from downloads.aws.counting import MOST_REFUSALS
from downloads.aws.dynamodb import DynamoJobs
from downloads.errors import ContendedError, StateUnavailableError
from downloads.model import Job
from tests.conftest import a_job, ready
from tests.contract.conftest import Cloud, make_table
from tests.contract.faults import Answer, Faults, cancelled, error

IDS = [70000, 70007, 70014]
PASSING = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]


@pytest.fixture
def faults() -> Faults:
    return Faults()


def connected(emulator: Cloud, faults: Faults, attempts: int, now: datetime) -> DynamoJobs:
    client = emulator("dynamodb", config=Config(retries={"mode": "standard", "total_max_attempts": attempts}))
    faults.put_into(client)
    return DynamoJobs(client, make_table(client), clock=lambda: now)


@pytest.fixture
def jobs(emulator: Cloud, faults: Faults, now: datetime) -> DynamoJobs:
    return connected(emulator, faults, 1, now)


@pytest.fixture
def patient_jobs(emulator: Cloud, faults: Faults, now: datetime) -> DynamoJobs:
    """As the functions have it: botocore itself tries twice, with one ClientRequestToken."""
    return connected(emulator, faults, 2, now)


def stored(jobs: DynamoJobs, faults: Faults) -> Job:
    job = a_job(total=len(IDS))
    jobs.create(job, IDS)
    faults.sent = 0
    return job


def counted(jobs: DynamoJobs, job: Job) -> tuple[int, int]:
    after = jobs.get(job.job_id)
    assert after is not None
    return after.completed, after.version


@pytest.mark.parametrize("reason", PASSING)
def test_a_refusal_that_passes_is_tried_again_and_counts_once(
    jobs: DynamoJobs, faults: Faults, now: datetime, reason: str
) -> None:
    job = stored(jobs, faults)
    faults.refused = [cancelled("None", "None", reason), cancelled(reason, "None", "None")]
    jobs.record(job, [ready(70000), ready(70007)], now)
    assert (faults.sent, counted(jobs, job)) == (3, (2, 2))


@pytest.mark.parametrize("reason", PASSING)
def test_a_refusal_that_stays_is_contention_and_counts_nothing(
    jobs: DynamoJobs, faults: Faults, now: datetime, reason: str
) -> None:
    job = stored(jobs, faults)
    faults.refused = [cancelled("None", reason)] * MOST_REFUSALS
    with pytest.raises(ContendedError):
        jobs.record(job, [ready(70000)], now)
    assert (faults.sent, counted(jobs, job)) == (MOST_REFUSALS, (0, 1))
    jobs.record(job, [ready(70000)], now)
    assert counted(jobs, job) == (1, 2)


def test_what_no_other_try_can_mend_is_raised_at_once(
    jobs: DynamoJobs, faults: Faults, now: datetime
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
    jobs: DynamoJobs, faults: Faults, now: datetime, fault: Answer
) -> None:
    job = stored(jobs, faults)
    faults.refused = [fault]
    with pytest.raises(StateUnavailableError):
        jobs.record(job, [ready(70000)], now)
    assert counted(jobs, job) == (0, 1)


@pytest.mark.parametrize("fault", [*FAULTS, *(cancelled(reason, "None") for reason in PASSING)])
def test_a_job_that_could_not_be_stored_now_is_none(jobs: DynamoJobs, faults: Faults, fault: Answer) -> None:
    job = a_job(total=len(IDS))
    faults.refused = [fault]
    with pytest.raises(StateUnavailableError):
        jobs.create(job, IDS)
    assert (jobs.get(job.job_id), jobs.file_ids(job.job_id)) == (None, ())


def test_results_that_were_written_though_the_answer_was_lost_count_once(
    jobs: DynamoJobs, faults: Faults, now: datetime
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
    patient_jobs: DynamoJobs, faults: Faults, now: datetime
) -> None:
    job = stored(patient_jobs, faults)
    faults.refused, faults.done = [error("InternalServerError", 500)], True
    patient_jobs.record(job, [ready(70000)], now)
    assert (faults.sent, counted(patient_jobs, job)) == (2, (1, 2))
