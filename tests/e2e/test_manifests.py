"""Manifests from the deployed stack, each worked off by the real tool: every byte arrives."""

import csv
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from infra_cdk import samples
from tests.e2e.conftest import Service
from tests.tools import COMMANDS, bring, brought

IDS = [70000, 70007, 70021, 70091, 70098]
EXPECTED = {f"{file_id}.zip": samples.sample(file_id) for file_id in IDS}
LISTED = ("csv", *COMMANDS)


@pytest.fixture(scope="module")
def job_id(service: Service) -> str:
    """A job that has ended: five files, one of them empty, and one that is missing."""
    started = service.initiate([*IDS, samples.MISSING])
    assert service.ended(started)["progress"]["failed"] == 1
    return started


@pytest.mark.parametrize("form", COMMANDS)
def test_every_file_arrives_whole(service: Service, job_id: str, tmp_path: Path, form: str) -> None:
    reply = service.http.get(f"/v1/download/{job_id}", params={"format": form})
    assert reply.status_code == httpx.codes.OK, reply.text
    run = bring(form, reply.content, tmp_path / "to")
    assert run.returncode == 0, run.stderr
    assert brought(tmp_path / "to") == EXPECTED


@pytest.mark.parametrize("form", LISTED)
def test_the_command_line_prints_what_the_service_writes(
    service: Service, job_id: str, tmp_path: Path, form: str
) -> None:
    told = {"DELINEATE_API_URL": service.cloud.outputs["ApiUrl"], "DELINEATE_TOKEN": service.token}
    command = [str(Path(sys.executable).with_name("delineate")), "links", job_id, "--format", form]
    direct = {"NO_PROXY": "127.0.0.1,localhost"}
    run = subprocess.run(command, env=os.environ | told | direct, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    if form == "csv":
        assert [row["status"] for row in rows(run.stdout.decode())].count("completed") == len(IDS)
    else:
        assert bring(form, run.stdout, tmp_path / "to").returncode == 0
        assert brought(tmp_path / "to") == EXPECTED


def test_a_table_names_what_failed_and_the_checksums_hold(service: Service, job_id: str) -> None:
    reply = service.http.get(f"/v1/download/{job_id}", headers={"accept": "text/csv"})
    assert reply.headers["content-type"].startswith("text/csv")
    assert reply.headers["content-disposition"] == f'attachment; filename="{job_id}.csv"'
    assert reply.headers["cache-control"] == "no-store"
    listed = {int(row["file_id"]): row for row in rows(reply.text)}
    assert listed[samples.MISSING]["errorCode"] == "NOT_FOUND"
    for file_id in IDS:
        assert listed[file_id]["md5"] == hashlib.md5(samples.sample(file_id)).hexdigest()  # noqa: S324 # an ETag


def test_what_cannot_be_given_is_said_in_our_shape(service: Service, job_id: str) -> None:
    for status, query, accept in ((406, {}, "image/png"), (422, {"format": "zip"}, "*/*")):
        reply = service.http.get(f"/v1/download/{job_id}", params=query, headers={"accept": accept})
        assert reply.status_code == status
        assert {"error", "requestId"} <= reply.json().keys()


def test_head_stays_what_it_was(service: Service, job_id: str) -> None:
    plain = service.http.head(f"/v1/download/{job_id}")
    assert service.http.head(f"/v1/download/{job_id}?format=csv").status_code == plain.status_code


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))
