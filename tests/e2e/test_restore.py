"""A job of mixed storage classes: it ends by itself, and who watches sees what it waits for."""

from typing import Any

import httpx

from downloads.aws.recording import RecordingDynamoJobs
from infra_cdk import samples
from tests.e2e.conftest import TERMINAL, Service, hear, say

IDS = [70000, *samples.ARCHIVED, samples.MISSING]


def test_a_job_of_mixed_storage_classes_ends_by_itself(service: Service, jobs: RecordingDynamoJobs) -> None:
    """The emulator restores in two seconds, and tells of it as S3 does: no sweep comes into this."""
    seen: dict[int, list[dict[str, Any]]] = {}
    with service.watch() as socket:
        job_id = service.initiate(IDS)
        say(socket, "subscribe", jobId=job_id)
        while (frame := hear(socket))["status"] not in TERMINAL:
            for file in frame["files"]:
                seen.setdefault(file["file_id"], []).append(file)
    for file_id in samples.ARCHIVED:
        waits = [file for file in seen[file_id] if file["status"] == "processing"]
        assert waits[0]["code"] == "RESTORING"
        assert waits[0]["estimatedReadyAt"]
    job = service.status(job_id)
    assert job["progress"] == {"completed": 3, "failed": 1, "total": 4, "percentage": 100}
    assert not any("code" in file for file in job["files"])
    for file in job["files"]:
        if "downloadUrl" in file:
            assert httpx.get(file["downloadUrl"]).content == samples.sample(file["file_id"])
    # It was made to outlive a restore of 12 hours, with its ids.
    stored = jobs.get(job_id)
    assert stored is not None
    assert (stored.expires_at - stored.created_at).total_seconds() > (12 + 24) * 3600
