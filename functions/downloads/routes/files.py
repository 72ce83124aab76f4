"""One file, answered while the caller waits: is it there, and the older call that prepares it."""

import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from downloads import faults, wiring
from downloads.answers import INVALID, answers
from downloads.contracts.replies import CheckReply, StartReply
from downloads.contracts.requests import FileRequest
from downloads.errors import ForcedError
from downloads.file import ErrorCode, FailedFile, FileStatus, LinkedFile
from downloads.http import Refusal, reply
from downloads.routes.own import caller
from downloads.settings import JobsApiSettings
from downloads.spans import Attributes
from downloads.telemetry import request_origin, spans
from downloads.usecases.inspect import check, start

SentryTest = Annotated[
    bool,
    Query(description="True raises an error on purpose, a 500, to see it arrive in Sentry; ignored in prod"),
]
router = Router()


@router.post(
    "/v1/download/check",
    summary="Is a file there",
    tags=["Files"],
    responses=answers({HTTPStatus.OK: (CheckReply, "What the store says")}, invalid=INVALID),
)
def check_file(request: Annotated[FileRequest, Body()], sentry_test: SentryTest = False) -> Response[str]:
    config = wiring.settings(JobsApiSettings)
    config.limits.check_one(request.file_id)
    asking = caller(router, config)
    faults.about(faults.Run(file_id=request.file_id))
    # In prod like any other parameter that this call does not know: a stray one breaks nobody's call.
    if sentry_test and not config.in_production:
        raise ForcedError(request.file_id)
    withheld = config.entitlements.withheld(asking, [request.file_id])
    found = None if withheld else check(request.file_id, wiring.objects(config))
    return reply(
        CheckReply(
            file_id=request.file_id,
            available=found is not None and found.cold is None,
            s3Key=found.key if found else None,
            size=found.size if found else None,
        )
    )


@router.post(
    "/v1/download/start",
    summary="Prepare one file and wait for it",
    description="The older synchronous call, kept for its clients. A failed file is a 200 that says so.",
    tags=["Files"],
    deprecated=True,
    responses=answers({HTTPStatus.OK: (StartReply, "The file's result")}, invalid=INVALID),
)
def start_file(request: Annotated[FileRequest, Body()]) -> Response[str]:
    config = wiring.settings(JobsApiSettings)
    config.limits.check_one(request.file_id)
    began = time.perf_counter()
    if config.entitlements.withheld(caller(router, config), [request.file_id]):
        result: LinkedFile | FailedFile = FailedFile(request.file_id, ErrorCode.FORBIDDEN)
    else:
        told: Attributes = {"file.id": request.file_id, "download.type": "sync"}
        faults.about(faults.Run(file_id=request.file_id, kind="sync"))
        with spans().span("process_download", told, request_origin().trace):
            result = start(request.file_id, wiring.objects(config), datetime.now(UTC), spans())
    return reply(_started(result, round((time.perf_counter() - began) * 1000)))


@router.route("/v1/download/initiate", method=["GET", "DELETE"], include_in_schema=False)
@router.route("/v1/download/check", method=["GET", "DELETE"], include_in_schema=False)
@router.route("/v1/download/start", method=["GET", "DELETE"], include_in_schema=False)
def only_post() -> Response[str]:
    """These names would otherwise be read as job ids."""
    message = "This address takes POST only."
    raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message, headers={"Allow": "POST"})


def _started(result: LinkedFile | FailedFile, milliseconds: int) -> StartReply:
    if isinstance(result, FailedFile):
        return StartReply(
            file_id=result.file_id,
            status=FileStatus.FAILED,
            downloadUrl=None,
            size=None,
            processingTimeMs=milliseconds,
            message=result.reason,
        )
    return StartReply(
        file_id=result.file_id,
        status=FileStatus.COMPLETED,
        downloadUrl=result.link.url,
        size=result.stored.size,
        processingTimeMs=milliseconds,
        message="The file is ready.",
    )
