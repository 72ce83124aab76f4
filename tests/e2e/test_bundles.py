"""One archive of a job's files, on the deployed stack: watched, resumed, cancelled, expired with its job."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from downloads.bundle import MIB
from tests.e2e.conftest import Service, hear, say, until

# Three parts of 5 MiB, S3's least; no run of the shared stack has time for more than one.
LARGE = {95000: b"a" * (6 * MIB), 95001: bytes(range(256)) * (20 * 1024), 95002: b""}
MISSING = 95003
# Of 20 parts: a cancel comes in time.
LONG = 95004


@pytest.fixture(scope="module")
def bundled(service: Service) -> dict[str, Any]:
    """The last status of a job whose bundle took several runs, and every frame that a watcher saw."""
    for file_id, body in LARGE.items():
        service.cloud.put_object(f"downloads/{file_id}.zip", body)
    job_id = service.initiate([*LARGE, MISSING], bundle="zip")
    with service.watch() as socket:
        say(socket, "subscribe", jobId=job_id)
        frames = [hear(socket)]
        while frames[-1]["status"] not in {"completed", "failed"}:
            frames.append(hear(socket))
    return {"job": service.status(job_id), "frames": frames}


def test_a_watcher_sees_bytes_after_files(bundled: dict[str, Any]) -> None:
    seen = [(frame["bundle"]["status"], frame["progress"]["percentage"]) for frame in bundled["frames"]]
    assert seen[-1] == ("completed", 100)
    assert ("processing", 50) in seen
    assert [percentage for _, percentage in seen] == sorted(percentage for _, percentage in seen)
    assert not any("archives" in frame["bundle"] for frame in bundled["frames"])


def test_the_archive_resumes_and_unzips(bundled: dict[str, Any]) -> None:
    (archive,) = bundled["job"]["bundle"]["archives"]
    first = httpx.get(archive["downloadUrl"], headers={"range": f"bytes=0-{MIB - 1}"})
    rest = httpx.get(
        archive["downloadUrl"], headers={"range": f"bytes={MIB}-", "if-range": f'"{archive["etag"]}"'}
    )
    assert (first.status_code, rest.status_code) == (206, 206)
    assert archive["filename"] in first.headers["content-disposition"]
    data = first.content + rest.content
    assert len(data) == archive["size"] == bundled["job"]["bundle"]["bytesTotal"]
    with ZipFile(BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist() if name.endswith(".zip")} == {
            f"{file_id}.zip": body for file_id, body in LARGE.items()
        }
        manifest = json.loads(opened.read("MANIFEST.json"))
    assert [each["file_id"] for each in manifest["files"]] == list(LARGE)
    assert [(each["file_id"], each["errorCode"]) for each in manifest["failed"]] == [(MISSING, "NOT_FOUND")]


def test_links_have_the_same_archive(service: Service, bundled: dict[str, Any]) -> None:
    reply = service.http.get(f"/v1/download/{bundled['job']['jobId']}").json()
    (archive,) = reply["bundle"]["archives"]
    assert archive["etag"] == bundled["job"]["bundle"]["archives"][0]["etag"]


def test_it_took_a_run_a_part(service: Service, bundled: dict[str, Any]) -> None:
    logs = service.cloud.client("logs")
    function = service.cloud.outputs["BundleFilesName"]
    told = service.cloud.client("lambda").get_function_configuration(FunctionName=function)
    group = told["LoggingConfig"]["LogGroup"]
    found = logs.filter_log_events(logGroupName=group, filterPattern=bundled["job"]["jobId"])["events"]
    outcomes = [json.loads(event["message"]).get("outcome") for event in found]
    assert outcomes.count("continued") >= 2
    assert outcomes.count("completed") == 1


def lying(service: Service, job_id: str) -> list[str]:
    """Keys of the job's archives and unfinished uploads."""
    bucket, s3 = service.cloud.outputs["BundleBucket"], service.cloud.client("s3")
    here: dict[str, Any] = {"Bucket": bucket, "Prefix": f"bundles/{job_id}/"}
    uploads = s3.list_multipart_uploads(**here).get("Uploads", [])
    return [found["Key"] for found in [*uploads, *s3.list_objects_v2(**here).get("Contents", [])]]


def test_a_cancel_leaves_nothing_behind(service: Service) -> None:
    service.cloud.put_object(f"downloads/{LONG}.zip", b"b" * (100 * MIB))
    job_id = service.initiate([LONG], bundle="zip")
    until(lambda: service.status(job_id, limit=0), lambda job: job["bundle"]["bytesTotal"] > 0)
    service.http.delete(f"/v1/download/{job_id}")
    ended = service.ended(job_id)
    assert (ended["bundle"]["status"], ended["status"]) == ("failed", "cancelled")
    until(lambda: lying(service, job_id), lambda left: not left)


def test_an_archive_expires_with_its_job(service: Service) -> None:
    """The table's time to live removes both items, in any order, within two days: here at once."""
    service.cloud.put_object("downloads/95005.zip", b"short-lived")
    job_id = service.initiate([95005], bundle="zip")
    service.ended(job_id)
    assert lying(service, job_id)
    for sort_key in ("JOB", "BUNDLE"):
        service.cloud.client("dynamodb").delete_item(
            TableName=service.cloud.outputs["TableName"],
            Key={"PK": {"S": f"JOB#{job_id}"}, "SK": {"S": sort_key}},
        )
    until(lambda: lying(service, job_id), lambda left: not left)
