"""Interpreters of their own, with the environment that a function has and nothing of this process."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

QUEUES = "https://sqs.eu-central-1.amazonaws.com/123456789012"
# As on AWS: keys of a role, whose session token is long.
ROLE = {
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2Vj" * 60,
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
}
SETTINGS = {
    "STAGE": "dev",
    "TABLE_NAME": "downloads",
    "BUCKET_NAME": "downloads",
    "KEY_TEMPLATE": "downloads/{file_id}.zip",
    "URL_TTL_SECONDS": "900",
    "HIGH_QUEUE_URL": f"{QUEUES}/downloads-high",
    "NORMAL_QUEUE_URL": f"{QUEUES}/downloads-normal",
    "MAX_ATTEMPTS": "5",
    "JOB_TTL_SECONDS": "86400",
    "JOB_DEADLINE_SECONDS": "3600",
    "FILE_TTL_SECONDS": "604800",
    "POWERTOOLS_SERVICE_NAME": "downloads",
    "LOG_LEVEL": "INFO",
}


def told(arguments: Sequence[str], more: Mapping[str, str] | None = None, seconds: int = 300) -> Any:
    """What a program writes to stderr, as its last line, in JSON; its stdout is a function's log."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": "functions:.",
        **ROLE,
        **SETTINGS,
        **(more or {}),
    }
    run = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=seconds,
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {run.returncode}: {run.stderr[-2000:]}")
    return json.loads(run.stderr.splitlines()[-1])
