"""In an interpreter of its own, as a function has: process_file against the calls it makes, and presigning.

Writes one line of JSON to stderr; what the handler logs goes to stdout, as in Lambda. Takes the rounds of
batches and of links.
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import boto3
from botocore.config import Config

import process_file
from downloads import clients, wiring
from downloads.aws.ids import ids_item
from downloads.aws.job_items import job_item
from downloads.aws.presign import content_disposition
from downloads.file import file_name
from downloads.model import JobStatus
from downloads.settings import ProcessSettings
from downloads.trace import Trace
from tests.bench import stand_in
from tests.conftest import a_job

BATCH, ROUNDS, WARM = 10, 200, 20
LINKS, LINK_ROUNDS = 200, 20
IDS = range(70_000, 70_000 + BATCH)


def main(rounds: int = ROUNDS, link_rounds: int = LINK_ROUNDS) -> None:
    handler = _handler_and_bare_loop(rounds)
    links = _links(link_rounds)
    sys.stderr.write(json.dumps({"handler": handler, "links": links}))


def _handler_and_bare_loop(rounds: int) -> dict[str, list[float]]:
    """CPU microseconds a file, a round each."""
    config, job_id = wiring.settings(ProcessSettings), str(uuid4())
    dynamodb, s3 = clients.dynamodb_client(), clients.s3_client(config)
    plain = SimpleNamespace(dynamodb=boto3.client("dynamodb"), s3=boto3.client("s3"))
    named = clients.named(Config())
    alike = SimpleNamespace(
        dynamodb=boto3.client("dynamodb", config=named), s3=boto3.client("s3", config=named)
    )
    answers = _answers(job_id)
    for client in (dynamodb, s3, plain.dynamodb, plain.s3, alike.dynamodb, alike.s3):
        stand_in.answer(client, answers)
    event = _event(job_id)
    # A job's ids are read once, and not by the batch that is measured.
    process_file.handler(event, _context())
    with stand_in.heard(dynamodb) as written, stand_in.heard(s3) as looked:
        kept = process_file.handler(event, _context())
    assert kept == {"batchItemFailures": []}
    assert len(looked) == BATCH

    def bare(by: SimpleNamespace) -> None:
        for name, params in looked:
            getattr(by.s3, name)(**params)
        for name, params in written:
            getattr(by.dynamodb, name)(**params)

    works = {
        "process_file": lambda: process_file.handler(event, _context()),
        "bare loop": lambda: bare(plain),
        "bare loop, the same user agent": lambda: bare(alike),
    }
    return per(BATCH, interleaved(works, WARM, rounds))


def _links(rounds: int) -> dict[str, list[float]]:
    """CPU microseconds a link, a round each, as a page of a job has them: signed in one second."""
    config = wiring.settings(ProcessSettings)
    client, links, now = (
        clients.s3_client(config),
        wiring.links(config, config.bucket_name),
        datetime.now(UTC),
    )
    keys = [f"downloads/{file_id}.zip" for file_id in range(70_000, 70_000 + LINKS)]

    def by_botocore(key: str) -> str:
        named = content_disposition(file_name(key))
        given = {"Bucket": config.bucket_name, "Key": key, "ResponseContentDisposition": named}
        return client.generate_presigned_url("get_object", given, ExpiresIn=config.url_ttl_seconds)

    def each_second() -> None:
        for second, key in enumerate(keys):
            links.presign(key, now + timedelta(seconds=second))

    works = {
        "a page": lambda: [links.presign(key, now) for key in keys],
        "one a second": each_second,
        "botocore": lambda: [by_botocore(key) for key in keys],
    }
    return per(LINKS, interleaved(works, 1, rounds))


def interleaved(works: dict[str, Callable[[], object]], warm: int, rounds: int) -> dict[str, list[float]]:
    """CPU microseconds of all threads, a round each; what is measured takes turns, after some warm rounds."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(warm + rounds):
        for name, work in works.items():
            began = process_time()
            work()
            taken[name].append((process_time() - began) * 1e6)
    return {name: each[warm:] for name, each in taken.items()}


def per(count: int, taken: dict[str, list[float]]) -> dict[str, list[float]]:
    return {name: [each / count for each in rounds] for name, rounds in taken.items()}


def _answers(job_id: str) -> Callable[[str], stand_in.Answer]:
    now = datetime.now(UTC)
    times = {"created_at": now, "started_at": now, "expires_at": now + timedelta(days=1)}
    job = a_job(total=1_000, job_id=job_id, status=JobStatus.PROCESSING, **times)
    told = {
        "HeadObject": stand_in.HEAD,
        # The job with its tallies, of which there are none yet, and its ids.
        "Query": stand_in.in_json({"Items": [job_item(job)]}),
        "GetItem": stand_in.in_json({"Item": ids_item(job_id, IDS, [], job.expires_at)}),
        "TransactWriteItems": stand_in.in_json({}),
    }

    return told.__getitem__


def _event(job_id: str) -> dict[str, Any]:
    record = json.loads(Path("events/process_file.json").read_text())["Records"][0]
    told = {"requestId": "r-1", "correlationId": "order-1", "traceparent": Trace.begun().traceparent}
    attributes = {name: {"stringValue": value, "dataType": "String"} for name, value in told.items()}
    bodies = [json.dumps({"jobId": job_id, "fileId": each, "round": 1}) for each in IDS]
    return {
        "Records": [
            record | {"messageId": str(uuid4()), "body": body, "messageAttributes": attributes}
            for body in bodies
        ]
    }


def _context() -> Any:
    return SimpleNamespace(
        function_name="process_file",
        aws_request_id=str(uuid4()),
        memory_limit_in_mb="512",
        get_remaining_time_in_millis=lambda: 60_000,
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
