"""The service's OpenAPI document, made ready for the converter: examples that work, in the order of a job."""

import json
from typing import Any

from downloads.limits import Limits
from downloads.openapi import Document
from infra_cdk.config import for_stage

LOCAL = "http://127.0.0.1:4566/_aws/execute-api/http-dev"
"""Where `make up` answers, while port 4566 is free."""

FIRST = ["POST /v1/download/initiate", "GET /v1/download/status/{jobId}", "GET /v1/download/{jobId}"]
LAST = ["DELETE /v1/download/{jobId}", "POST /v1/download/{jobId}/retry"]

EXAMPLES: dict[str, str | int] = {
    "jobId": "{{jobId}}",
    "idempotency-key": "{{$guid}}",
    "cursor": "{{nextCursor}}",
    "file_id": 70000,
    "format": "csv",
    "lastEventId": "1",
    "last_event_id": "1",
    "last-event-id": "1",
}
"""What a parameter is shown with, where the document itself has neither default nor example."""


def published() -> dict[str, Any]:
    """The document as a stack with the default settings hands it out."""
    config = for_stage("dev")
    limits = Limits(config.min_file_id, config.max_file_id, config.max_files_per_job)
    shown: dict[str, Any] = json.loads(Document(limits).json)
    return shown


def calls(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every operation by its method and path, in the order in which a job needs them."""
    found = {
        f"{method.upper()} {path}": operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    order = [*FIRST, *(name for name in found if name not in FIRST + LAST), *LAST]
    return {name: found[name] for name in order}


def body_example(operation: dict[str, Any], document: dict[str, Any]) -> dict[str, Any] | None:
    """The required fields of the operation's body, each with the first of its documented examples."""
    if "requestBody" not in operation:
        return None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return {name: schema["properties"][name]["examples"][0] for name in schema["required"]}


def prepare(operation: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The operation with an example for all that a person would have to fill in."""
    for parameter in operation.get("parameters", []):
        if parameter["name"] in EXAMPLES:
            parameter["example"] = EXAMPLES[parameter["name"]]
    if example := body_example(operation, document):
        operation["requestBody"]["content"]["application/json"]["example"] = example
    # Made-up answers are many times the size of the rest.
    operation["responses"] = {"default": {"description": "See /docs"}}
    return operation
