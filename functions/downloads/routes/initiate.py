"""Start a download job."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Header

from downloads import faults, wiring
from downloads.accepted import accepted_reply
from downloads.answers import INVALID, TOO_MANY, answers
from downloads.contracts.replies import InitiateReply
from downloads.contracts.requests import InitiateRequest
from downloads.routes.own import caller
from downloads.settings import InitiateSettings
from downloads.spans import Attributes
from downloads.telemetry import know_job, report, request_origin, spans
from downloads.usecases.initiate import Intake, Order, initiate

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern="^[!-~]+$",
        description="The same key and body answer with the same job for 24 hours",
    ),
]
router = Router()


@router.post(
    "/v1/download/initiate",
    summary="Start a download job",
    description="Answers at once; poll the `Location` (relative to this address) or watch by WebSocket.",
    tags=["Jobs"],
    status_code=HTTPStatus.ACCEPTED,
    responses=answers(
        {HTTPStatus.ACCEPTED: (InitiateReply, "The job is accepted, now or by the same key before")},
        invalid=INVALID,
        twin={HTTPStatus.CONFLICT: "A request with the same key is being handled; Retry-After says when"},
        limits=TOO_MANY,
    ),
)
def initiate_job(
    request: Annotated[InitiateRequest, Body()],
    idempotency_key: IdempotencyKey = None,
) -> Response[str]:
    config = wiring.settings(InitiateSettings)
    order = Order(
        request.file_ids,
        caller(router, config),
        request.priority,
        str(request.callback_url) if request.callback_url else None,
        request.on_error,
        idempotency_key,
        bundle=request.bundle,
    )
    faults.about(faults.Run(lane=request.priority, file_count=len(request.file_ids)))
    intake = Intake(
        wiring.recording_jobs(config, config.file_ttl_seconds),
        wiring.queue(config, report, config.delay),
        wiring.allowances(config),
        config.entitlements,
        config.limits,
        config.schedule,
        config.guard,
        config.bundles,
    )
    came = request_origin()
    told: Attributes = {"download.type": "async", "files": len(order.file_ids)}
    with spans().span("initiate", told, came.trace) as span:
        order = replace(order, origin=replace(came, trace=span.trace))
        accepted = initiate(order, intake, datetime.now(UTC))
        span.note({"job.id": accepted.job.job_id})
    know_job(accepted.job)
    faults.about(faults.Run(job=accepted.job))
    # Relative to this request's own address, so that it holds behind any proxy and path prefix.
    return accepted_reply(accepted, config.pace, f"status/{accepted.job.job_id}")
