"""An operator's view of the deployed stack by the installed command: `admin top` and `admin job`."""

import json
import os
import subprocess
from typing import Any

from delineate.operator.items import who
from downloads.model import Job
from infra_cdk import samples
from tests.e2e.conftest import Service, until
from tests.e2e.test_client import COMMAND

FILES = [70000, 70007, samples.MISSING]
NEVER = "00000000-0000-4000-8000-000000000000"


def admin(service: Service, *args: str) -> "subprocess.CompletedProcess[str]":
    stack = {"DELINEATE_STACK": service.cloud.outputs["StackName"]}
    environment = {**os.environ, **service.cloud.environment, **stack}
    command = [COMMAND, "admin", *args]
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=90)


def document(service: Service, *args: str) -> dict[str, Any]:
    done = admin(service, *args, "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_top_shows_an_open_job(service: Service, idle: Job) -> None:
    told = document(service, "top")
    mine = next(job for job in told["slowest"] if job["jobId"] == idle.job_id)
    assert (mine["total"], mine["status"], mine["userId"]) == (2, "queued", who(service.owner))
    assert set(told["queues"]) == {
        "high", "normal", "notices", "deadLetters", "parked", "undelivered", "streamFailures", "missedSweeps",
        "missedClosings", "bundles", "unbundled",
    }  # fmt: skip
    done = admin(service, "top", "--once")
    assert done.returncode == 0, done.stderr
    assert idle.job_id in done.stdout
    assert service.owner not in done.stdout + json.dumps(told)


def test_job_tells_the_whole_story(service: Service) -> None:
    job_id = service.initiate(FILES)
    service.ended(job_id)

    def story() -> list[tuple[str, str]]:
        return [(event["source"], event["kind"]) for event in document(service, "job", job_id)["events"]]

    # A function's lines reach the log when its run is over.
    until(story, lambda events: any(source == "initiate_job" for source, _ in events))
    told = document(service, "job", job_id, "--files")
    assert (told["status"], told["completed"], told["failed"]) == ("completed", 2, 1)
    assert told["reasons"] == {"NOT_FOUND": 1}
    assert told["notes"] == []
    results = {
        event["fileId"]: event["kind"] for event in told["events"] if event["kind"] in ("ready", "failed")
    }
    assert results == {70000: "ready", 70007: "ready", samples.MISSING: "failed"}
    times = [event["at"] for event in told["events"] if "at" in event]
    assert times == sorted(times)


def test_job_as_text_names_nobody_and_opens_nothing(service: Service) -> None:
    callback = "http://127.0.0.1:9/hook?key=only-theirs"
    job_id = service.initiate(FILES, callback_url=callback)
    service.ended(job_id)
    shown = until(lambda: admin(service, "job", job_id, "--files").stdout, lambda text: "webhook" in text)
    assert f"by {who(service.owner)}" in shown
    assert "1 NOT_FOUND: the store has no such file" in shown
    assert "NOT_CONNECTED" in shown
    for secret in ("only-theirs", "X-Amz-", service.owner, service.owner.removeprefix("user:")):
        assert secret not in shown


def test_a_job_that_never_was_is_a_sentence_and_an_exit_code(service: Service) -> None:
    done = admin(service, "job", NEVER)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"There is no job {NEVER} in downloads-dev" in done.stderr
    told = admin(service, "job", NEVER, "--json")
    assert json.loads(told.stdout)["error"]["code"] == "JOB_NOT_FOUND"
    assert admin(service, "job", "nonsense").returncode == 2
