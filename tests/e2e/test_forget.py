"""An operator has one user forgotten on the deployed stack, by the command line."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import jwt

from tests.e2e.conftest import Service

CLIENT = str(Path(sys.executable).parent / "delineate")


def test_nothing_of_a_user_is_left_and_others_keep_what_is_theirs(service: Service) -> None:
    token = service.cloud.sign_in("leaving")
    subject = jwt.decode(token, options={"verify_signature": False})["sub"]
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "once"}
    theirs = Service(
        service.cloud, httpx.Client(base_url=service.http.base_url, headers=headers, timeout=120), token
    )
    job_id = theirs.initiate([70000, 70084])
    theirs.ended(job_id)
    theirs.ticket(job_id)
    another = service.initiate([70000])
    command = [CLIENT, "admin", "forget", subject, "--yes", "--json", "--stack", "downloads-dev"]
    environment = {"PATH": str(Path(CLIENT).parent), **service.cloud.environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["jobs"] == 1
    assert "Nothing is left." in done.stderr or "Deleted" in done.stderr
    assert theirs.http.get(f"/v1/download/status/{job_id}").status_code == httpx.codes.NOT_FOUND
    assert theirs.http.get("/v1/downloads").json()["jobs"] == []
    table = service.cloud.client("dynamodb").get_paginator("scan")
    pages = table.paginate(TableName=service.cloud.outputs["TableName"])
    # Closed tallies name a job and nobody, and go by their TTL: no batch that is under way comes after them.
    found = [item for page in pages for item in page["Items"] if "closed_at" not in item]
    left = json.dumps(found, default=str)
    assert subject not in left
    assert job_id not in left
    assert service.status(another)["jobId"] == another
