"""`make invoke` against the deployed stack: the sample events, a failure, and names that are not there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Service

ROOT = Path(__file__).parents[2]


def invoke(service: Service, name: str, event: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra_cdk.invoke", "--fn", name, "--event", event]
    command += ["--state", str(service.cloud.state)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_sample_request_is_answered_that_there_is_no_such_job(service: Service) -> None:
    done = invoke(service, "jobs_api", "events/jobs_api.json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["statusCode"] == 404
    assert json.loads(answer["body"])["error"]["code"] == "JOB_NOT_FOUND"
    assert '"function":"jobs_api"' in done.stderr


def test_the_sample_messages_come_from_the_lane_of_this_stack(service: Service) -> None:
    done = invoke(service, "process_file", "events/process_file.json")
    assert done.returncode == 0, done.stderr
    # Nobody has started the sample's job: its messages are let go.
    assert json.loads(done.stdout) == {"batchItemFailures": []}
    lane = service.cloud.outputs["HighQueueUrl"].rpartition("/")[2]
    assert f":downloads-high is arn:aws:sqs:us-east-1:000000000000:{lane} here" in done.stderr
    assert '"messages":3' in done.stderr


def test_a_function_that_fails_is_exit_code_1(service: Service, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("{}")
    done = invoke(service, "publish_progress", str(tmp_path / "mine.json"))
    assert done.returncode == 1, done.stderr
    assert "Records" in json.loads(done.stdout)["errorMessage"]
    assert "failed after" in done.stderr


@pytest.mark.parametrize(
    ("name", "event", "told"),
    [
        ("process", "events/process_file.json", "initiate_job, jobs_api, process_file"),
        ("process_file", "process_file.json", "events/process_file.json"),
    ],
)
def test_a_wrong_name_is_exit_code_2(service: Service, name: str, event: str, told: str) -> None:
    done = invoke(service, name, event)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
