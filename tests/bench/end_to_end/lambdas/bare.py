"""The four calls that accepting a job of ten files takes, by boto3 alone: the floor of initiate."""

import json
import os
import uuid
from functools import cache
from typing import Any

import boto3

TEN = range(10)


@cache
def client(service: str) -> Any:
    return boto3.client(service)  # type: ignore[call-overload] # the stubs know literal names


def handler(event: object, context: object) -> dict[str, int]:
    partition = f"BARE#{uuid.uuid4()}"
    for name in ("BUCKET", "PLACES"):
        client("dynamodb").update_item(
            **key(partition, name),
            UpdateExpression="SET n = :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
    puts = [put(partition, "HEAD", "x" * 400), put(partition, "LIST", "x" * 100)]
    client("dynamodb").transact_write_items(TransactItems=puts)
    body = json.dumps({"jobId": partition, "fileId": 20_000, "round": 1})
    entries = [{"Id": str(place), "MessageBody": body} for place in TEN]
    client("sqs").send_message_batch(QueueUrl=os.environ["QUEUE_URL"], Entries=entries)
    print(json.dumps({"accepted": partition}))  # noqa: T201 # a Lambda's log
    return {"statusCode": 202}


def key(partition: str, name: str) -> dict[str, Any]:
    return {"TableName": os.environ["TABLE_NAME"], "Key": {"PK": {"S": partition}, "SK": {"S": name}}}


def put(partition: str, name: str, text: str) -> dict[str, Any]:
    item = {"PK": {"S": partition}, "SK": {"S": name}, "text": {"S": text}}
    return {"Put": {"TableName": os.environ["TABLE_NAME"], "Item": item}}
