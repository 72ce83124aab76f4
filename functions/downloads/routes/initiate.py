"""Start a download job."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from downloads import wiring
from downloads.answers import INVALID, answers
from downloads.contracts.replies import InitiateReply
from downloads.contracts.requests import InitiateRequest
from downloads.http import reply
from downloads.model import Job
from downloads.settings import InitiateSettings
from downloads.telemetry import logger
from downloads.usecases.initiate import Intake, Order, initiate

ANONYMOUS = "anonymous"
router = Router()


@router.post(
    "/v1/download/initiate",
    summary="Start a download job",
    description="Answers at once; poll the `Location` (relative to this address) or watch by WebSocket.",
    tags=["Jobs"],
    status_code=HTTPStatus.ACCEPTED,
    responses=answers({HTTPStatus.ACCEPTED: (InitiateReply, "The job is accepted")}, invalid=INVALID),
)
def initiate_job(request: Annotated[InitiateRequest, Body()]) -> Response[str]:
    config = wiring.settings(InitiateSettings)
    order = Order(
        request.file_ids,
        ANONYMOUS,
        request.priority,
        str(request.callback_url) if request.callback_url else None,
    )
    intake = Intake(
        wiring.jobs(config),
        wiring.queue(config, config.delay),
        config.limits,
        timedelta(seconds=config.job_ttl_seconds),
    )
    job, unsent = initiate(order, intake, datetime.now(UTC))
    _log(job, unsent_files=len(unsent))
    return _accepted(job, config)


def _accepted(job: Job, config: InitiateSettings) -> Response[str]:
    body = InitiateReply(
        jobId=UUID(job.job_id),
        status=job.status,
        estimatedTimeMs=config.pace.first_guess_ms(job.total),
        totalFiles=job.total,
        totalFileIds=job.total,
    )
    # Relative to this request's own address, so that it holds behind any proxy and path prefix.
    headers = {
        "location": f"status/{job.job_id}",
        "retry-after": str(config.pace.poll_again_s(job, job.created_at)),
    }
    return reply(body, HTTPStatus.ACCEPTED, headers)


def _log(job: Job, unsent_files: int) -> None:
    fields = {"jobId": job.job_id, "files": job.total, "unsentFiles": unsent_files}
    if unsent_files:
        logger().error("job accepted, but some files could not be queued", extra=fields)
    else:
        logger().info("job accepted", extra=fields)
