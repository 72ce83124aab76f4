"""An operator's redrive: a dead letter is marked, parked, and goes round again by the command line."""

import json
import os
import subprocess

from tests.e2e.conftest import Service, until
from tests.e2e.test_client import COMMAND


def redrive(service: Service) -> dict[str, int]:
    environment = {**os.environ, **service.cloud.environment, "DELINEATE_STACK": "downloads-dev"}
    command = [COMMAND, "admin", "redrive", "--json"]
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    fates: dict[str, int] = json.loads(done.stdout)
    return fates


def test_a_parked_dead_letter_goes_round_again(service: Service) -> None:
    sqs, outputs = service.cloud.client("sqs"), service.cloud.outputs
    late = 70_126
    job_id = service.initiate([70000, late])
    assert service.ended(job_id)["progress"]["failed"] == 1
    letter = json.dumps({"jobId": job_id, "fileId": late, "round": 1})
    sqs.send_message(QueueUrl=outputs["DeadLetterQueueUrl"], MessageBody=letter)
    service.cloud.put_object(f"downloads/{late}.zip", b"late")
    # Other tests' letters may be parked too: theirs go wherever they belong.
    until(lambda: redrive(service).get("retried", 0), bool)
    job = until(lambda: service.ended(job_id), lambda told: told["round"] == 2)
    assert job["progress"] == {"completed": 2, "failed": 0, "total": 2, "percentage": 100}
