"""The Celery peer: the same work in a task, the same layout in Redis as always_on/redis.mjs.

Its worker reads the environment: REDIS_PORT, S3_ENDPOINT, S3_BUCKET and AWS's own variables.
"""

import json
import os
import time
from functools import cache
from typing import Any
from uuid import uuid4

import boto3
import redis
from botocore.exceptions import ClientError
from celery import Celery, group

from infra_cdk.ports import LOOPBACK

URL_TTL_S = 900
app = Celery("files")
app.conf.task_ignore_result = True
# As SQS does: a message is gone once its work is done, not when it begins.
app.conf.task_acks_late = True
app.conf.broker_url = f"redis://{LOOPBACK}:{os.environ.get('REDIS_PORT', '6379')}/1"

RECORD = """
if redis.call("HSETNX", KEYS[2], ARGV[1], ARGV[3]) == 0 then return 0 end
return redis.call("HINCRBY", KEYS[1], ARGV[2], 1)
"""


@cache
def store() -> Any:
    return boto3.client("s3", endpoint_url=os.environ["S3_ENDPOINT"])


@cache
def state() -> redis.Redis:
    return redis.Redis(LOOPBACK, int(os.environ["REDIS_PORT"]))


def initiate(file_ids: list[int], client: redis.Redis) -> str:
    """Called in the process of the web application; `client` is of the Redis that the workers know."""
    job_id = str(uuid4())
    client.hset(f"job:{job_id}", mapping={"total": len(file_ids), "completed": 0, "failed": 0})
    group(prepare.s(job_id, file_id) for file_id in file_ids).apply_async()
    return job_id


@app.task
def prepare(job_id: str, file_id: int) -> None:
    result = _look(file_id)
    told = json.dumps({"file_id": file_id, **result, "at": time.time() * 1000})
    state().eval(RECORD, 2, f"job:{job_id}", f"job:{job_id}:files", file_id, result["status"], told)


def _look(file_id: int) -> dict[str, Any]:
    place = {"Bucket": os.environ["S3_BUCKET"], "Key": f"downloads/{file_id}.zip"}
    try:
        head = store().head_object(**place)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return {"status": "failed", "errorCode": "NOT_FOUND"}
        raise
    url = store().generate_presigned_url("get_object", Params=place, ExpiresIn=URL_TTL_S)
    return {"status": "completed", "size": head["ContentLength"], "etag": head["ETag"], "url": url}
