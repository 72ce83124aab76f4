"""A bundle of several storage classes, on moto: it waits for the slowest, and tells of a copy that ended."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

import bundle_files
import finish_restores
import process_file
from downloads import wiring
from downloads.bundle import BundleFormat, BundleStatus, wanted
from downloads.model import Job, JobStatus
from tests.conftest import a_job
from tests.integration.conftest import IDS, JOB_ID, context, sample

CLASSES = dict(zip(IDS, ("DEEP_ARCHIVE", "GLACIER", "STANDARD"), strict=True))
DONE: dict[str, list[object]] = {"batchItemFailures": []}


@pytest.fixture
def job(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Job:
    for file_id in IDS:
        put(aws, file_id)
    monkeypatch.setenv("RESTORE_TIER", "Standard")
    wiring.settings.cache_clear()
    now = datetime.now(UTC).replace(microsecond=0)
    made = a_job(
        total=len(IDS),
        job_id=JOB_ID,
        created_at=now,
        expires_at=now + timedelta(days=1),
        bundle=wanted(BundleFormat.ZIP),
    )
    aws.jobs.create(made, IDS)
    return made


def put(aws: SimpleNamespace, file_id: int) -> None:
    """Once more, it is the same file, and there is no copy of it."""
    key = f"downloads/{file_id}.zip"
    aws.s3.put_object(Bucket="downloads", Key=key, Body=b"%d" % file_id, StorageClass=CLASSES[file_id])


def prepare(aws: SimpleNamespace) -> Job:
    """Moto has restored what it was asked for at the next look but one."""
    for _ in range(3):
        assert process_file.handler(sample("process_file"), context()) == DONE
    assert finish_restores.handler(sample("finish_restores"), context()) == DONE
    return stored(aws)


def stored(aws: SimpleNamespace) -> Job:
    found = aws.jobs.get(JOB_ID)
    assert isinstance(found, Job)
    return found


def bundled(aws: SimpleNamespace) -> ZipFile:
    """The archive, of a job that has ended with it."""
    assert bundle_files.handler(sample("bundle_files"), context()) == DONE
    ended = stored(aws)
    assert ended.bundle is not None
    assert (ended.status, ended.bundle.status) == (JobStatus.COMPLETED, BundleStatus.COMPLETED)
    (found,) = aws.s3.list_objects_v2(Bucket="archives")["Contents"]
    return ZipFile(BytesIO(aws.s3.get_object(Bucket="archives", Key=found["Key"])["Body"].read()))


def test_the_bundle_waits_for_the_restores_and_holds_all(aws: SimpleNamespace, job: Job) -> None:
    assert process_file.handler(sample("process_file"), context()) == DONE
    waiting = stored(aws)
    assert (waiting.remaining, waiting.bundle_due) == (2, False)
    due = prepare(aws)
    assert (due.remaining, due.bundle_due) == (0, True)
    with bundled(aws) as archive:
        assert archive.testzip() is None
        assert {file_id: archive.read(f"{file_id}.zip") for file_id in IDS} == {
            file_id: b"%d" % file_id for file_id in IDS
        }


def test_a_copy_that_ended_before_it_was_bundled_is_told(aws: SimpleNamespace, job: Job) -> None:
    prepare(aws)
    put(aws, 70000)
    with bundled(aws) as archive:
        names = archive.namelist()
        assert {"70007.zip", "70014.zip"} < set(names)
        assert "70000.zip" not in names
        (manifest,) = (json.loads(archive.read(name)) for name in names if name.endswith(".json"))
    (missing,) = manifest["failed"]
    assert (missing["file_id"], missing["errorCode"]) == (70000, "ARCHIVED")
