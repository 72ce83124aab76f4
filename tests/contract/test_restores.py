"""Archived files: what every store of jobs and every store of files must do about them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from downloads.aws.s3 import S3Objects, file_of
from downloads.aws.s3_restore import cold_of
from downloads.cold import Asked, ColdClass, Restore, RestoreRule, Tier
from downloads.errors import ObjectUnreadableError, StoreUnavailableError
from downloads.file import ErrorCode, RestoringFile
from downloads.model import Job, JobStatus
from downloads.ports import Jobs, Objects
from tests.conftest import a_job, failed, ready
from tests.contract.conftest import ALL, cloud_of, make_bucket, s3_objects
from tests.fakes import FakeObjects

IDS = [70000, 70007, 70014]
RULE = RestoreRule(Tier.STANDARD)
HOUR = timedelta(hours=1)
KEY = "downloads/70000.zip"


def begun(jobs: Jobs, now: datetime) -> Job:
    job = a_job(total=len(IDS))
    jobs.create(job, IDS)
    return jobs.begin(job, now)


def current(jobs: Jobs, job: Job) -> Job:
    found = jobs.get(job.job_id)
    assert found is not None
    return found


def test_a_file_that_waits_is_known_and_no_result(jobs: Jobs, now: datetime) -> None:
    job, file = begun(jobs, now), RestoringFile(70000, now + 12 * HOUR)
    assert set(jobs.wait(job, [file], RULE, now)) == {70000}
    assert jobs.standings(job, IDS[0], IDS[-1]) == {70000: file}
    assert jobs.results(job, IDS[0], IDS[-1]) == {}
    after = current(jobs, job)
    assert (after.version, after.remaining) == (job.version + 1, 3)
    assert (after.restored_by, after.deadline_at) == (file.ready_at, now + 19 * HOUR)
    assert after.expires_at == now + 43 * HOUR
    assert jobs.waiting_for(70000) == [job.job_id]
    assert jobs.waiting_for(70007) == []
    for _ in range(2):
        jobs.told(70000, job.job_id)
        assert jobs.waiting_for(70000) == []


def test_noted_twice_it_waits_as_it_did(jobs: Jobs, now: datetime) -> None:
    job, file = begun(jobs, now), RestoringFile(70000, now + 12 * HOUR)
    jobs.wait(job, [file, file], RULE, now)
    before = current(jobs, job)
    assert not jobs.wait(job, [RestoringFile(70000, now + 48 * HOUR)], RULE, now)
    assert current(jobs, job) == before
    assert jobs.standings(job, 70000, 70000) == {70000: file}


def test_no_time_moves_to_an_earlier_one_whatever_a_writer_knew(jobs: Jobs, now: datetime) -> None:
    job = begun(jobs, now)
    jobs.wait(job, [RestoringFile(70000, now + 48 * HOUR)], RULE, now)
    longest = current(jobs, job)
    # Of a job as it was before that.
    jobs.wait(job, [RestoringFile(70007, now + HOUR)], RULE, now)
    after = current(jobs, job)
    assert after.version == longest.version + 1
    assert (after.restored_by, after.deadline_at) == (longest.restored_by, longest.deadline_at)
    assert after.expires_at == longest.expires_at


def test_no_wait_has_a_job_outlive_its_results(jobs: Jobs, now: datetime) -> None:
    job, rule = begun(jobs, now), RestoreRule(Tier.BULK, results=50 * HOUR)
    for file_id in IDS[:2]:
        assert jobs.wait(job, [RestoringFile(file_id, now + 48 * HOUR)], rule, now)
    after = current(jobs, job)
    assert after.expires_at == job.created_at + 50 * HOUR
    assert after.deadline_at == job.created_at + 49.5 * HOUR


def test_a_result_takes_the_place_of_the_wait_once(jobs: Jobs, now: datetime) -> None:
    job = begun(jobs, now)
    jobs.wait(job, [RestoringFile(file_id, now + HOUR) for file_id in IDS], RULE, now)
    for _ in range(3):
        jobs.record(job, [ready(70000), failed(70007)], now)
    after = current(jobs, job)
    assert (after.completed, after.failed, after.remaining) == (1, 1, 1)
    jobs.record(job, [ready(70014)], now)
    assert current(jobs, job).status is JobStatus.COMPLETED


def test_a_result_is_not_put_back_to_waiting(jobs: Jobs, now: datetime) -> None:
    job = begun(jobs, now)
    jobs.record(job, [ready(70000)], now)
    both = [RestoringFile(70000, now + HOUR), RestoringFile(70007, now + HOUR)]
    assert set(jobs.wait(job, both, RULE, now)) == {70007}
    assert jobs.standings(job, IDS[0], IDS[-1]) == {
        70000: ready(70000),
        70007: RestoringFile(70007, now + HOUR),
    }
    assert current(jobs, job).completed == 1


def test_an_ended_job_takes_no_wait_and_shows_none(jobs: Jobs, now: datetime) -> None:
    job = begun(jobs, now)
    jobs.wait(job, [RestoringFile(70000, now + HOUR)], RULE, now)
    ended = jobs.cancel(job.job_id, job.owner, now)
    assert ended is not None
    jobs.wait(job, [RestoringFile(70007, now + HOUR)], RULE, now)
    assert current(jobs, job) == ended
    assert jobs.standings(ended, IDS[0], IDS[-1]) == {}


def test_a_later_round_waits_anew(jobs: Jobs, now: datetime) -> None:
    job = begun(jobs, now)
    jobs.wait(job, [RestoringFile(70000, now + HOUR)], RULE, now)
    jobs.record(job, [failed(70000), failed(70007), failed(70014)], now)
    ended = current(jobs, job)
    reopened = ended.reopened(now, now + HOUR, now + HOUR)
    jobs.swap(ended, reopened)
    assert current(jobs, job).restored_by is None
    jobs.wait(reopened, [RestoringFile(70007, now + 5 * HOUR)], RULE, now)
    assert jobs.standings(reopened, IDS[0], IDS[-1]) == {70007: RestoringFile(70007, now + 5 * HOUR)}


def test_a_result_of_an_earlier_round_takes_no_place_of_what_waits_anew(jobs: Jobs, now: datetime) -> None:
    job = begun(jobs, now)
    jobs.record(job, [ready(70000), ready(70007), failed(70014)], now)
    ended = current(jobs, job)
    reopened = ended.reopened(now, now + HOUR, now + HOUR)
    jobs.swap(ended, reopened)
    jobs.wait(reopened, [RestoringFile(70014, now + HOUR)], RULE, now)
    jobs.record(job, [ready(70014)], now)
    assert 70014 not in jobs.results(reopened, IDS[0], IDS[-1])
    jobs.record(reopened, [ready(70014)], now)
    after = current(jobs, job)
    assert (after.status, after.completed) == (JobStatus.COMPLETED, 3)


@pytest.fixture(params=ALL)
def archived(request: pytest.FixtureRequest) -> Objects:
    """Two files of which one is archived; moto restores at the next look but one, the emulator in 2 s."""
    if request.param == "fake":
        return FakeObjects({70000: 5, 70007: 5}, archived={70000: ColdClass.FLEXIBLE})
    client = cloud_of(request)("s3")
    bucket = make_bucket(client, {70007: 5})
    client.put_object(Bucket=bucket, Key=KEY, Body=b"x" * 5, StorageClass="GLACIER")
    return s3_objects(client, bucket)


def test_an_archived_file_says_where_it_lies_until_it_is_restored(archived: Objects) -> None:
    found = archived.head(70000)
    assert (found.cold, found.restoring, found.size) == (ColdClass.FLEXIBLE, False, 5)
    asked = archived.restore(70000, ColdClass.FLEXIBLE, Tier.STANDARD, 3)
    assert (asked.tier, asked.asked) == (Tier.STANDARD, Asked.BEGUN)
    assert archived.head(70007).cold is None


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ({}, (None, False)),
        ({"StorageClass": "GLACIER_IR"}, (None, False)),
        ({"StorageClass": "GLACIER"}, (ColdClass.FLEXIBLE, False)),
        ({"StorageClass": "DEEP_ARCHIVE", "Restore": 'ongoing-request="true"'}, (ColdClass.DEEP, True)),
        ({"StorageClass": "INTELLIGENT_TIERING"}, (None, False)),
        (
            {"StorageClass": "INTELLIGENT_TIERING", "ArchiveStatus": "ARCHIVE_ACCESS"},
            (ColdClass.ARCHIVE_ACCESS, False),
        ),
        (
            {
                "StorageClass": "INTELLIGENT_TIERING",
                "ArchiveStatus": "DEEP_ARCHIVE_ACCESS",
                "Restore": 'ongoing-request="true"',
            },
            (ColdClass.DEEP_ARCHIVE_ACCESS, True),
        ),
    ],
)
def test_what_a_head_says_of_an_archive(head: dict[str, str], found: tuple[ColdClass | None, bool]) -> None:
    assert cold_of(head) == (*found, None)


def test_what_a_head_says_of_a_restored_copy(now: datetime) -> None:
    restore = 'ongoing-request="false", expiry-date="Fri, 27 Nov 2026 00:00:00 GMT"'
    head = {"StorageClass": "GLACIER", "Restore": restore}
    assert cold_of(head) == (None, False, datetime(2026, 11, 27, tzinfo=now.tzinfo))


@pytest.fixture
def stubbed() -> Iterator[tuple[S3Objects, Stubber]]:
    """What no emulator does: S3's answers as its API Reference has them."""
    client = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )  # none
    with Stubber(client) as stub:
        yield s3_objects(client, "bucket"), stub
        stub.assert_no_pending_responses()


def wanted(tier: str | None, days: int | None = None) -> dict[str, Any]:
    request: dict[str, Any] = {"GlacierJobParameters": {"Tier": tier}} if tier else {}
    return {
        "Bucket": "bucket",
        "Key": KEY,
        "RestoreRequest": request | ({"Days": days} if days else {}),
    }


@pytest.mark.parametrize(
    ("cold", "tier", "request_", "asked"),
    [
        (ColdClass.FLEXIBLE, Tier.BULK, wanted("Bulk", 3), Asked.BEGUN),
        (ColdClass.DEEP, Tier.EXPEDITED, wanted("Standard", 3), Asked.BEGUN),
        (ColdClass.ARCHIVE_ACCESS, Tier.STANDARD, wanted("Standard"), Asked.BEGUN),
        (None, Tier.STANDARD, wanted(None, 3), Asked.RENEWED),
    ],
)
def test_what_s3_is_asked_for(
    stubbed: tuple[S3Objects, Stubber],
    cold: ColdClass | None,
    tier: Tier,
    request_: dict[str, Any],
    asked: Asked,
) -> None:
    objects, stub = stubbed
    status = {"HTTPStatusCode": 202 if asked is Asked.BEGUN else 200}
    stub.add_response("restore_object", {"ResponseMetadata": status}, request_)
    assert objects.restore(70000, cold, tier, 3).asked is asked


def test_of_a_copy_that_is_gone_s3_restores_in_its_own_tier(stubbed: tuple[S3Objects, Stubber]) -> None:
    objects, stub = stubbed
    accepted = {"ResponseMetadata": {"HTTPStatusCode": 202}}
    stub.add_response("restore_object", accepted, wanted(None, 3))
    assert objects.restore(70000, None, Tier.BULK, 3) == Restore(Tier.STANDARD, Asked.BEGUN)


def test_one_that_is_under_way_is_joined(stubbed: tuple[S3Objects, Stubber]) -> None:
    objects, stub = stubbed
    stub.add_client_error("restore_object", "RestoreAlreadyInProgress", http_status_code=409)
    assert objects.restore(70000, ColdClass.DEEP, Tier.BULK, 3).asked is Asked.JOINED


def test_where_no_expedited_is_to_be_had_it_is_standard(stubbed: tuple[S3Objects, Stubber]) -> None:
    objects, stub = stubbed
    stub.add_client_error("restore_object", "GlacierExpeditedRetrievalNotAvailable", http_status_code=503)
    accepted = {"ResponseMetadata": {"HTTPStatusCode": 202}}
    stub.add_response("restore_object", accepted, wanted("Standard", 3))
    assert objects.restore(70000, ColdClass.FLEXIBLE, Tier.EXPEDITED, 3).tier is Tier.STANDARD


@pytest.mark.parametrize("code", ["InvalidObjectState", "ObjectAlreadyInActiveTierError"])
def test_what_changed_meanwhile_is_looked_at_again(stubbed: tuple[S3Objects, Stubber], code: str) -> None:
    objects, stub = stubbed
    stub.add_client_error("restore_object", code, http_status_code=403)
    with pytest.raises(StoreUnavailableError):
        objects.restore(70000, ColdClass.FLEXIBLE, Tier.STANDARD, 3)


def test_what_the_service_may_not_restore_is_forbidden(stubbed: tuple[S3Objects, Stubber]) -> None:
    objects, stub = stubbed
    stub.add_client_error("restore_object", "AccessDenied", http_status_code=403)
    with pytest.raises(ObjectUnreadableError) as raised:
        objects.restore(70000, ColdClass.FLEXIBLE, Tier.STANDARD, 3)
    assert raised.value.code is ErrorCode.FORBIDDEN


@pytest.mark.parametrize(
    ("key", "template", "file_id"),
    [
        ("downloads/70000.zip", "downloads/{file_id}.zip", 70000),
        ("downloads/070000.zip", "downloads/{file_id}.zip", None),
        ("downloads/x.zip", "downloads/{file_id}.zip", None),
        ("downloads/70000xzip", "downloads/{file_id}.zip", None),
        ("a{b}/7", "a{{b}}/{file_id}", 7),
        ("año 70000", "año {file_id}", 70000),
    ],
)
def test_whose_key_it_is(key: str, template: str, file_id: int | None) -> None:
    assert file_of(key, template) == file_id
