"""The committed collection against the deployed stack, by Postman's own runner."""

import json
import subprocess
from pathlib import Path

from downloads.model import Job
from tests.collection.postman import COMMITTED, HERE
from tests.e2e.conftest import PATIENCE_S, Service

NEWMAN = HERE / "node_modules" / ".bin" / "newman"
STARTED, CANCELLED = "Start a download job", "Cancel a job"
ENDED_BEFORE = {CANCELLED, "Prepare the failed files again"}
"""The stream of progress has been read to the job's end by then."""


def run(service: Service, folder: Path, *more: str, token: str) -> dict[str, int]:
    """Status codes by request name; the runner fails on its own when a request gets no answer."""
    command = [str(NEWMAN), "run", str(COMMITTED), "--reporters", "json", "--reporter-json-export"]
    command += [str(folder / "run.json"), "--env-var", f"baseUrl={service.cloud.outputs['ApiUrl']}"]
    command += ["--env-var", f"bearerToken={token}", *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stdout + done.stderr
    executions = json.loads((folder / "run.json").read_text())["run"]["executions"]
    return {each["item"]["name"]: each["response"]["code"] for each in executions}


def test_every_request_is_answered_as_the_document_says(service: Service, tmp_path: Path) -> None:
    codes = run(service, tmp_path, token=service.token)
    assert codes[STARTED] == 202
    assert {name: code for name, code in codes.items() if code >= 300} == dict.fromkeys(ENDED_BEFORE, 409)


def test_a_job_that_goes_on_is_cancelled(service: Service, tmp_path: Path, idle: Job) -> None:
    job = ["--env-var", f"jobId={idle.job_id}"]
    assert run(service, tmp_path, "--folder", CANCELLED, *job, token=service.token) == {CANCELLED: 200}
    assert service.status(idle.job_id)["status"] == "cancelled"


def test_without_its_token_no_job_is_started(service: Service, tmp_path: Path) -> None:
    assert run(service, tmp_path, "--folder", STARTED, token="none") == {STARTED: 401}
