"""The service itself: its name and links, its health, and its documentation."""

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from downloads import VERSION, wiring
from downloads.answers import answers
from downloads.contracts.replies import HealthReply, RootReply, SignIn
from downloads.http import JSON, reply
from downloads.settings import JobsApiSettings
from downloads.telemetry import report
from downloads.usecases.inspect import health

if TYPE_CHECKING:
    from downloads.openapi import Document

router = Router()
LINKS = {
    "docs": "docs",
    "openapi": "openapi.json",
    "health": "health",
    "initiate": "v1/download/initiate",
    "downloads": "v1/downloads",
}


@router.get(
    "/",
    summary="What this is",
    tags=["Service"],
    responses=answers({HTTPStatus.OK: (RootReply, "Name, version and links")}),
)
def root() -> Response[str]:
    config = wiring.settings(JobsApiSettings)
    links = LINKS | {"websocket": config.websocket_url}
    return reply(RootReply(service="downloads", version=VERSION, links=links, auth=_sign_in(config)))


def _sign_in(config: JobsApiSettings) -> SignIn:
    if config.anonymous:
        return SignIn(mode="none")
    return SignIn(
        mode="cognito" if config.auth_endpoint else "oidc",
        issuer=config.token_issuer,
        clientId=config.auth_client_id,
        endpoint=config.auth_endpoint,
    )


@router.get(
    "/health",
    summary="Does everything answer that the service stands on",
    tags=["Service"],
    responses=answers({HTTPStatus.OK: (HealthReply, "All do")})
    | answers({HTTPStatus.SERVICE_UNAVAILABLE: (HealthReply, "At least one does not")}),
)
def service_health() -> Response[str]:
    config = wiring.settings(JobsApiSettings)
    found = health(
        {
            "storage": wiring.objects(config),
            "table": wiring.jobs(config),
            "queue": wiring.queue(config, report),
        }
    )
    well = all(found.values())
    body = HealthReply(
        status="healthy" if well else "unhealthy",
        checks={name: "ok" if answered else "error" for name, answered in found.items()},
    )
    return reply(body, HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE)


@router.get("/openapi.json", include_in_schema=False)
def openapi_document() -> Response[str]:
    return Response(HTTPStatus.OK, content_type=JSON, body=_document().json)


@router.get("/docs", include_in_schema=False, compress=True)
def documentation(format: Annotated[str, Query()] = "html") -> Response[str]:  # Swagger UI's name
    if format == "json":
        return openapi_document()
    shown = _document()
    headers = {"content-security-policy": shown.policy}
    return Response(HTTPStatus.OK, content_type="text/html; charset=utf-8", body=shown.page, headers=headers)


@cache
def _document() -> "Document":
    from downloads.openapi import Document  # noqa: PLC0415 # slow to import: only when asked for

    return Document(wiring.settings(JobsApiSettings).limits)
