"""The main job on the deployed stack: initiate, watch, download, compare the bytes."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from infra_cdk import samples
from tests.e2e.conftest import TERMINAL, Service, hear, say, until

IDS = [*samples.SIZES, samples.MISSING]


def test_a_job_from_initiate_to_bytes(service: Service) -> None:
    reply = service.http.post("/v1/download/initiate", json={"file_ids": IDS})
    polled = service.http.get(str(reply.request.url.join(reply.headers["location"])))
    assert polled.json()["jobId"] == reply.json()["jobId"]
    job = service.ended(reply.json()["jobId"])
    assert (job["status"], job["progress"]["failed"]) == ("completed", 1)
    (missing,) = [file for file in job["files"] if file["status"] == "failed"]
    assert (missing["file_id"], missing["errorCode"]) == (samples.MISSING, "NOT_FOUND")
    links = service.http.get(f"/v1/download/{job['jobId']}").json()["files"]
    assert [link["file_id"] for link in links] == sorted(samples.SIZES)
    for link in links:
        got = httpx.get(link["downloadUrl"])
        expected = samples.sample(link["file_id"])
        assert (len(got.content), link["size"]) == (len(expected), len(expected))
        assert hashlib.sha256(got.content).digest() == hashlib.sha256(expected).digest()
        assert got.headers["content-disposition"] == f'attachment; filename="{link["file_id"]}.zip"'


def test_a_link_takes_ranges_and_redirects(service: Service) -> None:
    job_id = service.initiate([70021])
    service.ended(job_id)
    moved = service.http.get(f"/v1/download/{job_id}", params={"redirect": "true"})
    assert moved.status_code == httpx.codes.FOUND
    part = httpx.get(moved.headers["location"], headers={"range": "bytes=100-199"})
    assert part.status_code == httpx.codes.PARTIAL_CONTENT
    assert part.content == samples.sample(70021)[100:200]


def test_a_thousand_ids_end_with_exact_counts(service: Service) -> None:
    there = sorted(samples.SIZES)
    ids = there + list(range(20_000, 21_000 - len(there)))
    job_id = service.initiate(ids)
    job = service.ended(job_id)
    assert job["progress"] == {
        "completed": len(there),
        "failed": 1000 - len(there),
        "total": 1000,
        "percentage": 100,
    }
    assert sorted(file["file_id"] for file in job["files"]) == sorted(ids)
    assert sum(file["status"] == "completed" for file in job["files"]) == len(there)
    assert {file.get("errorCode") for file in job["files"]} == {None, "NOT_FOUND"}


def test_the_same_message_sent_five_times_counts_once(service: Service) -> None:
    job_id = service.initiate([70000, 70007])
    before = service.ended(job_id)
    body = json.dumps({"jobId": job_id, "fileId": 70000})
    other = service.initiate([70000, 70014, 70021])
    for job in (job_id, other):
        for _ in range(5):
            service.cloud.client("sqs").send_message(
                QueueUrl=service.cloud.outputs["NormalQueueUrl"], MessageBody=body.replace(job_id, job)
            )
    after = service.ended(other)
    drained(service)
    assert after["progress"] == {"completed": 3, "failed": 0, "total": 3, "percentage": 100}
    assert service.status(job_id)["progress"] == before["progress"]
    assert service.status(job_id)["version"] == before["version"]


def test_a_high_job_behind_a_normal_one_of_a_thousand_ends_first(service: Service) -> None:
    normal = service.initiate(list(range(30_000, 31_000)))
    high = service.initiate([70000, 70007, 70014], priority="high")
    ended = service.ended(high)
    assert ended["progress"]["completed"] == 3
    assert service.status(normal, limit=0)["status"] not in TERMINAL
    assert service.ended(normal)["completedAt"] > ended["completedAt"]


def test_nothing_is_prepared_after_a_cancel(service: Service) -> None:
    job_id = service.initiate(list(range(40_000, 41_000)))
    cancelled = service.http.delete(f"/v1/download/{job_id}")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    drained(service)
    after = service.status(job_id)
    assert after["version"] == cancelled.json()["version"]
    assert after["progress"] == cancelled.json()["progress"]
    assert after["progress"]["percentage"] < 100
    again = service.http.delete(f"/v1/download/{job_id}")
    assert again.json()["version"] == after["version"]


def test_an_ended_job_is_not_cancelled(service: Service) -> None:
    job_id = service.initiate([70000])
    service.ended(job_id)
    refused = service.http.delete(f"/v1/download/{job_id}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "JOB_ENDED")


def receive(sqs: Any, url: str) -> str:
    """The body of a message that waits there, or nothing. It is taken: other tests count what lies there."""
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return messages[0]["Body"] if messages else ""


def drained(service: Service) -> None:
    """Waits until every message of both lanes was taken and settled."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs, outputs = service.cloud.client("sqs"), service.cloud.outputs

    def left() -> int:
        replies = [
            sqs.get_queue_attributes(QueueUrl=outputs[lane], AttributeNames=names)
            for lane in ("HighQueueUrl", "NormalQueueUrl")
        ]
        return sum(int(count) for reply in replies for count in reply["Attributes"].values())

    until(left, lambda count: count == 0)


def test_a_retry_prepares_only_what_failed(service: Service) -> None:
    late = 70_105
    job_id = service.initiate([70000, late])
    assert service.ended(job_id)["progress"]["failed"] == 1
    service.cloud.put_object(f"downloads/{late}.zip", b"late")
    retried = service.http.post(f"/v1/download/{job_id}/retry")
    assert (retried.status_code, retried.json()["jobId"]) == (202, job_id)
    job = service.ended(job_id)
    assert job["progress"] == {"completed": 2, "failed": 0, "total": 2, "percentage": 100}


def test_fail_fast_ends_with_the_first_failure(service: Service) -> None:
    job = service.ended(service.initiate(list(range(60_000, 61_000)), on_error="fail_fast"))
    assert job["status"] == "failed"
    assert job["progress"]["percentage"] < 100


def test_concurrent_twins_with_one_key_make_one_job(service: Service) -> None:
    def post(_: int) -> httpx.Response:
        body = {"file_ids": [70000, 70007]}
        return service.http.post("/v1/download/initiate", json=body, headers={"idempotency-key": "twins"})

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(post, range(16)))
    assert {reply.status_code for reply in replies} <= {202, 409}
    assert len({reply.json()["jobId"] for reply in replies if reply.status_code == 202}) == 1
    assert all(reply.headers["retry-after"] for reply in replies if reply.status_code == 409)


def test_a_poison_message_ends_as_one_dead_letter(service: Service) -> None:
    sqs, outputs = service.cloud.client("sqs"), service.cloud.outputs
    sqs.send_message(QueueUrl=outputs["HighQueueUrl"], MessageBody="poison")
    job = service.ended(service.initiate([70000, 70007], priority="high"))
    assert job["progress"]["completed"] == 2
    letter = until(lambda: receive(sqs, outputs["ParkedQueueUrl"]), bool)
    assert letter == "poison"


def test_a_subscriber_sees_progress_to_the_end(service: Service) -> None:
    many = list(range(60_000, 60_300))
    versions, counts, files = [], [], {}
    with service.watch() as socket:
        job_id = service.initiate(many)
        say(socket, "subscribe", jobId=job_id)
        status = ""
        while status not in TERMINAL or len(files) < len(many):
            frame = hear(socket)
            status = frame["status"]
            assert frame["jobId"] == job_id
            # Frames of two senders may cross on the way: a client lets an older one pass.
            if frame["version"] >= max(versions, default=0):
                versions.append(frame["version"])
                counts.append(frame["progress"]["completed"] + frame["progress"]["failed"])
            files |= {file["file_id"]: file["status"] for file in frame["files"]}
    # Progress is seen on its way, and never goes back.
    assert len(set(counts)) > 2
    assert counts == sorted(counts)
    ended = service.status(job_id)
    assert versions[-1] == ended["version"]
    assert files == {file["file_id"]: file["status"] for file in ended["files"]}
