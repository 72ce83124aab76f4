"""The OpenAPI 3.1 document, made from the contracts that validate, and the page to read and try it."""

import base64
import json
import re
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi import swagger_ui
from aws_lambda_powertools.event_handler.openapi.models import Server

from downloads import VERSION
from downloads.limits import Limits
from downloads.routes import about, deliveries, files, initiate, jobs, links, listing, progress, tickets

DESCRIPTION = (
    "Prepares files that live in S3 in the background and hands out presigned URLs. Progress arrives by "
    "WebSocket, Server-Sent Events or polling. Every error has the shape "
    "`{error: {code, message, details?}, requestId}`."
)


OPEN_PATHS = ("/", "/health")


class Document:
    """All routes of all functions; the document's server is wherever it was read from."""

    def __init__(self, limits: Limits) -> None:
        app = APIGatewayHttpResolver(enable_validation=True)
        for part in (initiate, jobs, links, listing, progress, tickets, deliveries, files, about):
            app.include_router(part.router)
        described = app.get_openapi_json_schema(
            title="Download service", version=VERSION, description=DESCRIPTION, servers=[Server(url="./")]
        )
        shown: dict[str, Any] = json.loads(described)
        shown["paths"]["/v1/download/progress/{jobId}"]["get"]["parameters"] = progress.PARAMETERS
        _show_limits(shown, limits)
        _drop_framework_errors(shown)
        _link_jobs(shown)
        _ask_for_tokens(shown)
        self.json = json.dumps(shown, indent=2)

    @cached_property
    def policy(self) -> str:
        """The page's Content-Security-Policy: its own scripts by their digests, calls to this API alone."""
        scripts = re.findall(r"<script>(.*?)</script>", self.page, re.DOTALL)
        digests = [base64.b64encode(sha256(script.encode()).digest()).decode() for script in scripts]
        allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
        # Swagger UI sets styles as it runs, and its icons are data.
        return (
            f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    @cached_property
    def page(self) -> str:
        """Swagger UI with the document and its own scripts inside: nothing is fetched from elsewhere."""
        assets = Path(swagger_ui.__file__).parent
        return swagger_ui.generate_swagger_html(
            self.json.replace("</", "<\\/"),
            (assets / "swagger-ui-bundle.min.js").read_text("utf-8"),
            (assets / "swagger-ui.min.css").read_text("utf-8"),
            "",
            None,
        )


def _ask_for_tokens(shown: dict[str, Any]) -> None:
    """Every call takes an access token but those that tell about the service; a stream takes a ticket too."""
    shown["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "ticket": {
            "type": "apiKey",
            "in": "query",
            "name": "ticket",
            "description": "POST …/ticket makes one",
        },
    }
    shown["security"] = [{"token": []}]
    for path in OPEN_PATHS:
        shown["paths"][path]["get"]["security"] = []
    shown["paths"]["/v1/download/progress/{jobId}"]["get"]["security"] = [{"token": []}, {"ticket": []}]


def _show_limits(shown: dict[str, Any], limits: Limits) -> None:
    # The bounds are settings, which the contracts' types cannot know.
    schemas = shown["components"]["schemas"]
    bounds = {"minimum": limits.min_file_id, "maximum": limits.max_file_id}
    many = schemas["InitiateRequest"]["properties"]["file_ids"]
    many["maxItems"] = limits.max_files
    many["items"] |= bounds
    schemas["FileRequest"]["properties"]["file_id"] |= bounds


def _link_jobs(shown: dict[str, Any]) -> None:
    """From an accepted job to every call that takes its id, for tools that follow such links."""
    calls = [call for path in shown["paths"].values() for call in path.values()]
    taking = [call for call in calls if any(each["name"] == "jobId" for each in call.get("parameters", []))]
    links = {
        call["operationId"]: {
            "operationId": call["operationId"],
            "parameters": {"jobId": "$response.body#/jobId"},
        }
        for call in taking
    }
    for path in ("/v1/download/initiate", "/v1/download/{jobId}/retry"):
        shown["paths"][path]["post"]["responses"]["202"]["links"] = links


def _drop_framework_errors(shown: dict[str, Any]) -> None:
    # Every error has one shape here: the framework's own describes answers that nobody gets.
    for name in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        shown["components"]["schemas"].pop(name, None)
