"""What became of a job's webhook, attempt by attempt."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from downloads import wiring
from downloads.answers import NO_SUCH_JOB, answers
from downloads.contracts.deliveries import DeliveriesReply
from downloads.http import reply
from downloads.routes.own import JobId, caller
from downloads.settings import JobsApiSettings
from downloads.usecases.deliveries import delivery_log

DESCRIPTION = """Every attempt to deliver to `callback_url`, kept 7 days. `outcome` is one of `started` (under
way, or broken off), `delivered` (2xx), `failed` (tried again at `nextAttemptAt`), `stopped` (410: no more
notices of this job), `exhausted` (the last of ten attempts failed).
"""
router = Router()


@router.get(
    "/v1/download/<jobId>/deliveries",
    summary="The delivery log of a job's webhook",
    description=DESCRIPTION,
    tags=["Jobs"],
    responses=answers({HTTPStatus.OK: (DeliveriesReply, "The attempts, oldest first")}, missing=NO_SUCH_JOB),
)
def job_deliveries(jobId: JobId) -> Response[str]:  # noqa: N803 # the contract's name
    config = wiring.settings(JobsApiSettings)
    owner = caller(router, config).owner
    found = delivery_log(
        str(jobId), owner, wiring.jobs(config), wiring.deliveries(config, config.file_ttl_seconds)
    )
    return reply(DeliveriesReply.of(jobId, found))
