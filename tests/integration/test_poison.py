"""Batches that mix good messages with poison: the good are recorded, the poison goes alone."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bury_file
import process_file
from downloads.aws.items import job_key
from downloads.file import ErrorCode, FailedFile
from downloads.model import Job, JobStatus
from tests import poison
from tests.conftest import a_job
from tests.integration.conftest import IDS, context, sample

BATCHES = settings(
    max_examples=25,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
EXPIRED = "00000000-0000-4000-8000-00000000dead"


def fresh_job(aws: SimpleNamespace, **changes: Any) -> Job:
    now = datetime.now(UTC).replace(microsecond=0)
    made = a_job(total=3, **({"created_at": now, "expires_at": now + timedelta(days=1)} | changes))
    aws.jobs.create(made, IDS)
    return made


def message(job: Job, file_id: int) -> str:
    return json.dumps({"jobId": job.job_id, "fileId": file_id, "round": 1})


def event(name: str, bodies: list[str]) -> dict[str, Any]:
    record = sample(name)["Records"][0]
    return {"Records": [record | {"messageId": str(n), "body": body} for n, body in enumerate(bodies)]}


def kept(answer: dict[str, Any]) -> set[str]:
    return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}


def places(bodies: list[str], wanted: list[str]) -> set[str]:
    return {str(place) for place, body in enumerate(bodies) if body in wanted}


def bad(job: Job) -> st.SearchStrategy[str]:
    return poison.no_message() | poison.spoilt(job.job_id, IDS[0]) | poison.strangers(job.job_id, IDS)


@BATCHES
@given(data=st.data())
def test_the_good_are_recorded_and_acknowledged_the_poison_is_kept(aws: SimpleNamespace, data: Any) -> None:
    job = fresh_job(aws)
    good = data.draw(st.lists(st.sampled_from(IDS), max_size=3, unique=True))
    poisonous = data.draw(st.lists(bad(job), max_size=4))
    late = data.draw(st.lists(poison.stale(job.job_id, IDS[0]), max_size=3))
    bodies = data.draw(st.permutations([message(job, file_id) for file_id in good] + poisonous + late))
    answer = process_file.handler(event("process_file", bodies), context())
    assert kept(answer) == places(bodies, poisonous)
    after = aws.jobs.get(job.job_id)
    assert sorted(aws.jobs.results(job, 0, 999_999_999)) == sorted(good)
    assert after.completed + after.failed == len(good)
    assert (after.status is JobStatus.QUEUED) is (not good)


def test_a_tally_of_unknown_shape_costs_its_own_job_alone(aws: SimpleNamespace) -> None:
    broken, well = fresh_job(aws), fresh_job(aws)
    aws.dynamodb.put_item(TableName="downloads", Item=job_key(broken.job_id, "TALLY#0001#00"))
    bodies = [message(broken, IDS[0]), message(well, IDS[0])]
    assert kept(process_file.handler(event("process_file", bodies), context())) == {"0"}
    assert aws.jobs.get(well.job_id).completed == 1


@BATCHES
@given(data=st.data())
def test_dead_letters_fail_their_own_files_and_all_are_parked(aws: SimpleNamespace, data: Any) -> None:
    job = fresh_job(aws)
    good = data.draw(st.lists(st.sampled_from(IDS), max_size=3, unique=True))
    others = data.draw(st.lists(bad(job) | poison.stale(job.job_id, IDS[0]), max_size=6))
    bodies = data.draw(st.permutations([message(job, file_id) for file_id in good] + others))
    assert kept(bury_file.handler(event("bury_file", bodies), context())) == set()
    exhausted = {file_id: FailedFile(file_id, ErrorCode.ATTEMPTS_EXHAUSTED) for file_id in good}
    assert aws.jobs.results(job, 0, 999_999_999) == exhausted
    assert aws.jobs.get(job.job_id).failed == len(good)
    assert sorted(parked(aws)) == sorted(bodies)


def parked(aws: SimpleNamespace) -> list[str]:
    taken: list[str] = []
    while found := aws.sqs.receive_message(QueueUrl=aws.urls["parked"], MaxNumberOfMessages=10).get(
        "Messages"
    ):
        taken += [each["Body"] for each in found]
    return taken


def test_dead_letters_too_big_for_one_batch_are_parked_all(aws: SimpleNamespace) -> None:
    job = fresh_job(aws)
    bodies = [message(job, 70000), *(str(n) * 200_000 for n in range(9))]
    assert kept(bury_file.handler(event("bury_file", bodies), context())) == set()
    assert sorted(parked(aws)) == sorted(bodies)
    assert aws.jobs.get(job.job_id).failed == 1


def test_messages_of_an_expired_job_and_of_other_jobs_files_count_nothing(aws: SimpleNamespace) -> None:
    job, other = fresh_job(aws), a_job(total=1, job_id=str(uuid4()))
    aws.jobs.create(other, [10_000])
    old = fresh_job(aws, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    bodies = [message(old, 70000), message(job, 10_000), message(job, 70000)]
    assert kept(process_file.handler(event("process_file", bodies), context())) == {"1"}
    assert aws.jobs.results(old, 0, 999_999_999) == {}
    assert list(aws.jobs.results(job, 0, 999_999_999)) == [70000]
