"""Every error at the HTTP edge, and what it is answered with: translated here, and nowhere else."""

import json
from collections.abc import Callable
from http import HTTPStatus
from json import JSONDecodeError
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from downloads import errors
from downloads.contracts.base import ErrorDetail
from downloads.http import Refusal, invalid, refuse
from downloads.telemetry import logger
from downloads.wording import sentence

MOST_DETAILS = 20
RETRY_SOON = {"Retry-After": "2"}
RETRY_LATER = {"Retry-After": "10"}
Translate = Callable[[Any], Refusal]


def create_app(*, validating: bool = True) -> APIGatewayHttpResolver:
    """A resolver that validates by the contracts and answers every error in the documented shape."""
    app = APIGatewayHttpResolver(enable_validation=validating, json_body_deserializer=_read_json)
    for kind, translate in TRANSLATIONS.items():
        app.exception_handler(kind)(_handler(app, translate))
    return app


def _read_json(text: str) -> Any:
    """Raises JSONDecodeError for whatever cannot be read: broken, too deep, a number too long."""
    try:
        return json.loads(text)
    except JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise JSONDecodeError("not readable", text, 0) from error


def _handler(app: APIGatewayHttpResolver, translate: Translate) -> Callable[[Exception], Response[str]]:
    return lambda error: refuse(app, translate(error))


def _invalid(error: RequestValidationError) -> Refusal:
    problems = error.errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        return _not_json(error)
    details = [
        ErrorDetail(field=".".join(str(step) for step in problem["loc"]), message=sentence(problem))
        for problem in problems[:MOST_DETAILS]
    ]
    return invalid(details)


def _not_json(_: Exception) -> Refusal:
    return Refusal(HTTPStatus.BAD_REQUEST, "INVALID_JSON", "The body is not JSON that can be read.")


def _refused_files(error: errors.RefusedFilesError) -> Refusal:
    details = [
        ErrorDetail(field=error.field, message=f"{file_id} is out of range")
        for file_id in error.file_ids[:MOST_DETAILS]
    ]
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "INVALID_REQUEST", str(error), details)


def _refused_callback(error: errors.RefusedCallbackError) -> Refusal:
    details = [ErrorDetail(field="callback_url", message=str(error))]
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "INVALID_REQUEST", str(error), details)


def _bundles_off(_: errors.BundlesOffError) -> Refusal:
    message = "This stage makes no bundles: it reads files from another S3 server, and has no bucket there."
    details = [ErrorDetail(field="bundle", message=message)]
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "INVALID_REQUEST", message, details)


def _unavailable(error: Exception) -> Refusal:
    logger().exception("a dependency failed", exc_info=error)
    message = "Something this service stands on does not answer; try again."
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", message, headers=RETRY_SOON)


def _unexpected(error: Exception) -> Refusal:
    logger().exception("unexpected error", exc_info=error)
    return Refusal(
        HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", "Something went wrong here; it is logged."
    )


def _fixed(status: HTTPStatus, code: str, message: str) -> Translate:
    return lambda _: Refusal(status, code, message)


TRANSLATIONS: dict[type[Exception], Translate] = {
    Refusal: lambda refusal: refusal,
    RequestValidationError: _invalid,
    UnicodeDecodeError: _not_json,
    NotFoundError: _fixed(HTTPStatus.NOT_FOUND, "NOT_FOUND", "There is nothing at this address; see /docs."),
    errors.NotSignedInError: lambda error: Refusal(
        HTTPStatus.UNAUTHORIZED,
        "UNAUTHENTICATED",
        f"Sign in: {error}.",
        headers={"WWW-Authenticate": "Bearer"},
    ),
    errors.RateLimitedError: lambda error: Refusal(
        HTTPStatus.TOO_MANY_REQUESTS,
        "RATE_LIMITED",
        str(error),
        headers={"Retry-After": str(error.retry_after_s)},
    ),
    errors.TooManyOpenJobsError: lambda error: Refusal(
        HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_OPEN_JOBS", str(error), headers=RETRY_LATER
    ),
    errors.RefusedFilesError: _refused_files,
    errors.RefusedCallbackError: _refused_callback,
    errors.BundlesOffError: _bundles_off,
    errors.JobNotFoundError: _fixed(
        HTTPStatus.NOT_FOUND, "JOB_NOT_FOUND", "There is no such job, or it has expired."
    ),
    errors.JobEndedError: lambda error: Refusal(HTTPStatus.CONFLICT, "JOB_ENDED", str(error)),
    errors.BadCursorError: _fixed(
        HTTPStatus.UNPROCESSABLE_ENTITY, "INVALID_CURSOR", "This cursor was not given by this service."
    ),
    errors.KeyReusedError: _fixed(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "IDEMPOTENCY_KEY_REUSED",
        "This Idempotency-Key was used for a different request.",
    ),
    errors.ContendedError: lambda _: Refusal(
        HTTPStatus.CONFLICT, "TRY_AGAIN", "The same thing is being done right now.", headers=RETRY_SOON
    ),
    errors.JobOpenError: _fixed(
        HTTPStatus.CONFLICT, "JOB_OPEN", "The job still goes on: there is nothing to retry yet."
    ),
    errors.JobExpiringError: _fixed(
        HTTPStatus.CONFLICT, "JOB_EXPIRES_SOON", "The job expires too soon to be retried: start another."
    ),
    errors.NothingToRetryError: _fixed(
        HTTPStatus.CONFLICT, "NOTHING_TO_RETRY", "Every file of the job is ready, or may not be had."
    ),
    errors.StateUnavailableError: _unavailable,
    errors.IssuerUnavailableError: _unavailable,
    errors.FileNotInJobError: _fixed(
        HTTPStatus.NOT_FOUND, "FILE_NOT_IN_JOB", "The job has no file with this id."
    ),
    errors.FileFailedError: lambda error: Refusal(
        HTTPStatus.CONFLICT, "FILE_FAILED", str(error), [ErrorDetail(field="errorCode", message=error.code)]
    ),
    errors.StoreUnavailableError: _unavailable,
    Exception: _unexpected,
}
