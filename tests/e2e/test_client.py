"""The installed command `delineate get` against the deployed stack."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from delineate import Client, Fate
from downloads.aws.recording import RecordingDynamoJobs
from downloads.file import PreparedFile, StoredObject
from downloads.model import Job
from infra_cdk import samples
from tests.conftest import a_job, failed
from tests.e2e.client_gateway import without_websocket
from tests.e2e.conftest import PATIENCE_S, Service, until

COMMAND = str(Path(sys.executable).with_name("delineate"))
# What runs the tests in the background may have told its children to ignore Ctrl-C.
HEEDING_CTRL_C = ("env", "--default-signal=INT")
IDS = [*samples.SIZES, samples.MISSING]
REASON = f"{samples.MISSING}  There is no file with this id in the store. (NOT_FOUND)"


def start(api: str, token: str, args: Sequence[str | int]) -> "subprocess.Popen[str]":
    told = {"DELINEATE_API_URL": api, "DELINEATE_TOKEN": token, "NO_PROXY": "127.0.0.1,localhost"}
    environment = {**os.environ, **told}
    command = [*HEEDING_CTRL_C, COMMAND, "get", *map(str, args)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def get(api: str, token: str, *args: str | int) -> tuple[int, str, str]:
    with start(api, token, args) as running:
        stdout, stderr = running.communicate(timeout=2 * PATIENCE_S)
    return running.returncode, stdout, stderr


def assert_samples_in(folder: Path) -> None:
    kept = {path.name for path in folder.iterdir()} - {".delineate"}
    assert kept == {f"{file_id}.zip" for file_id in samples.SIZES}
    for file_id in samples.SIZES:
        assert (folder / f"{file_id}.zip").read_bytes() == samples.sample(file_id), file_id


@pytest.fixture
def api(service: Service) -> str:
    url: str = service.cloud.outputs["ApiUrl"]
    return url


def test_every_file_arrives_and_the_missing_one_is_named(service: Service, api: str, tmp_path: Path) -> None:
    code, stdout, stderr = get(api, service.token, *IDS, "--out", tmp_path.as_posix(), "--json")
    told: dict[str, Any] = json.loads(stdout)
    assert code == 1
    assert_samples_in(tmp_path)
    assert REASON in stderr
    assert "asking for the status instead" not in stderr
    assert (told["status"], told["complete"], told["total"]) == ("completed", False, len(IDS))
    assert (told["saved"], told["present"], told["failed"]) == (len(samples.SIZES), 0, 1)
    assert told["bytes"] == sum(len(samples.sample(file_id)) for file_id in samples.SIZES)
    assert [file["file_id"] for file in told["files"]] == sorted(IDS)
    (missing,) = [file for file in told["files"] if file["status"] == "failed"]
    assert (missing["file_id"], missing["errorCode"]) == (samples.MISSING, "NOT_FOUND")


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (True, "No WebSocket; following by server-sent events instead."),
        (False, "No live updates; asking for the status instead."),
    ],
)
def test_without_a_websocket_it_says_so_and_goes_on(
    service: Service, api: str, tmp_path: Path, events: bool, said: str
) -> None:
    with without_websocket(api, service.websocket_url, events) as gateway:
        code, stdout, stderr = get(gateway, service.token, *IDS, "--out", tmp_path.as_posix())
    assert code == 1
    assert said in stderr
    assert REASON in stderr
    assert f"{len(samples.SIZES)} of {len(IDS)} files in {tmp_path}" in stderr
    assert sorted(stdout.splitlines()) == sorted(
        str(tmp_path / f"{file_id}.zip") for file_id in samples.SIZES
    )
    assert_samples_in(tmp_path)


def test_a_program_orders_watches_and_downloads(service: Service, api: str, tmp_path: Path) -> None:
    with Client(api, lambda: service.token) as client:
        job = client.jobs.create(IDS, priority="high", idempotency_key=str(uuid4()))
        states = list(job.events())
        assert states[-1].settled
        report = job.download(tmp_path)
        assert next(client.jobs.list()).id == job.id
    assert {outcome.error_code for outcome in report.having(Fate.FAILED)} == {"NOT_FOUND"}
    assert_samples_in(tmp_path)


def test_ctrl_c_in_the_middle_says_how_to_go_on_and_that_finishes(
    service: Service, api: str, jobs: RecordingDynamoJobs, tmp_path: Path
) -> None:
    absent = list(range(60_000, 61_000 - len(samples.SIZES)))
    job = a_halted_job(service, jobs, [*absent, *samples.SIZES])
    first, *rest = (prepared(service, file_id) for file_id in samples.SIZES)
    jobs.record(job, [first], datetime.now(UTC))
    with start(api, service.token, ["--job", job.job_id, "--out", tmp_path.as_posix()]) as stopped:
        until((tmp_path / f"{first.file_id}.zip").exists, bool)
        stopped.send_signal(signal.SIGINT)
        try:
            _, stderr = stopped.communicate(timeout=PATIENCE_S)
        finally:
            stopped.kill()
    again = f"delineate get --job {job.job_id} --out {tmp_path}"
    assert stopped.returncode == 130
    assert "Stopped with 1 of 1,000 files on disk. Pick up again with:" in stderr
    assert stderr.splitlines()[-1].strip() == again

    results = [*rest, *(failed(file_id) for file_id in absent)]
    jobs.record(job, results, datetime.now(UTC))
    code, stdout, stderr = get(api, service.token, *again.split()[2:], "--json")
    told = json.loads(stdout)
    assert code == 1
    assert (told["jobId"], told["total"], told["failed"]) == (job.job_id, 1000, len(absent))
    assert (told["saved"], told["present"]) == (len(rest), 1)
    assert_samples_in(tmp_path)


def a_halted_job(service: Service, jobs: RecordingDynamoJobs, file_ids: Sequence[int]) -> Job:
    """Nobody works on it but the test, so that it stands still in the middle for as long as it takes."""
    now = datetime.now(UTC).replace(microsecond=0)
    later = now + timedelta(hours=1)
    times = {"created_at": now, "expires_at": later, "deadline_at": later, "check_at": later}
    job = a_job(total=len(file_ids), owner=service.owner, **times)
    jobs.create(job, file_ids)
    return job


def prepared(service: Service, file_id: int) -> PreparedFile:
    """As process_file records it."""
    key = f"downloads/{file_id}.zip"
    found = service.cloud.client("s3").head_object(Bucket=service.cloud.outputs["BucketName"], Key=key)
    stored = StoredObject(key, found["ContentLength"], found["ETag"].strip('"'))
    return PreparedFile(file_id, stored)
