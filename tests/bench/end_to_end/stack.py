"""The service as it is deployed, on an emulator of the bench's own, with the files that jobs ask for."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from infra_cdk.cloud import LocalCloud
from infra_cdk.config import for_stage
from infra_cdk.ports import free_port
from tests.bench.report import Told

CONCURRENCY = 5
"""Runs of process_file at once in the lane that is measured, and files at once of a peer's worker."""

USERS = 12
"""Who start the jobs: few enough of a thousand each that nobody comes to the 100 that may be open."""

SETTINGS = {
    "HIGH_CONCURRENCY": "2",
    "MAX_CONCURRENCY": str(2 + CONCURRENCY),
    "MAX_FILES_PER_JOB": "10000",
    "MAX_OPEN_JOBS": "100",
    "RATE_LIMIT_PER_MINUTE": "60000",
    "RATE_LIMIT_BURST": "1000",
    "API_RATE_LIMIT": "10000",
    "API_BURST_LIMIT": "10000",
    "WEBSOCKET_RATE_LIMIT": "10000",
    "WEBSOCKET_BURST_LIMIT": "10000",
}
FIRST_ID = 20_000
UPLOADERS = 4


@contextmanager
def deployed(state: Path, files: int, told: Told) -> Iterator[LocalCloud]:
    """A warm stack whose bucket has `files` files from FIRST_ID on; all of it is gone after the block."""
    with LocalCloud(state, free_port()) as cloud:
        told("deploying the stack to an emulator")
        cloud.deploy(context=SETTINGS)
        told(f"uploading {files:,} files")
        _fill(cloud, files)
        told("warming the functions")
        if problems := cloud.warm():
            raise RuntimeError("\n".join(problems))
        yield cloud


def _fill(cloud: LocalCloud, files: int) -> None:
    """Plain requests: signing, which the emulator doesn't look at, would take longer than all the rest."""
    address, bucket = urlsplit(cloud.endpoint).netloc, cloud.outputs["BucketName"]
    template = for_stage("dev").key_template

    def put(shift: int) -> None:
        connection = http.client.HTTPConnection(address, timeout=30)
        for file_id in range(FIRST_ID + shift, FIRST_ID + files, UPLOADERS):
            connection.request("PUT", f"/{bucket}/{template.format(file_id=file_id)}", b"1")
            reply = connection.getresponse()
            if reply.read() or reply.status != http.client.OK:
                raise RuntimeError(f"the emulator's S3 answered {reply.status} to a PUT")
        connection.close()

    with ThreadPoolExecutor(UPLOADERS) as pool:
        list(pool.map(put, range(UPLOADERS)))
