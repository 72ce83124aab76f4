"""Operators' call (`delineate admin redrive`): sends parked dead letters round again."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec import ValidationError

from downloads import wiring
from downloads.contracts.messages import FileMessage
from downloads.ports import Jobs
from downloads.reading import read_json
from downloads.run import run
from downloads.settings import RedriveSettings
from downloads.telemetry import logger, report
from downloads.time_left import time_left
from downloads.usecases.redrive import Redriven, Shunter, redrive

POISON = "poison"


@run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Takes ``{"most": n}`` letters (default 100, at most 1,000); answers how many went which way.

    Letters of jobs that still go on, and poison messages, stay parked.
    """
    config = wiring.settings(RedriveSettings)
    parking = wiring.parking(config)
    letters = parking.take(min(int(event.get("most", 100)), 1_000))
    jobs = wiring.recording_jobs(config, config.file_ttl_seconds)
    by_letter = {letter.receipt: _job_id(letter.body, jobs) for letter in letters}
    job_ids = [job_id for job_id in by_letter.values() if job_id]
    queue = wiring.queue(config, report, config.delay)
    shunter = Shunter(jobs, queue, config.schedule, time_left(context))
    done = redrive(job_ids, shunter, datetime.now(UTC))
    fates = {receipt: done[job_id] if job_id else POISON for receipt, job_id in by_letter.items()}
    stay = {receipt for receipt, fate in fates.items() if fate is Redriven.STAYS}
    # Poison stays hidden for the five minutes it was taken for, so that the next call finds other letters.
    done_with = {receipt for receipt, fate in fates.items() if fate not in {Redriven.STAYS, POISON}}
    parking.settle(done=done_with, stay=stay)
    logger().info("redriven", extra={"letters": len(letters), "jobs": len(done), "stay": len(stay)})
    return dict(Counter(fates.values()))


def _job_id(body: str, jobs: Jobs) -> str | None:
    """The job of a letter; None for poison, which names no file of a job."""
    try:
        message = read_json(body, FileMessage)
    except ValidationError:
        return None
    job_id = str(message.jobId)
    file_ids = jobs.file_ids(job_id)
    return None if file_ids and message.fileId not in file_ids else job_id
