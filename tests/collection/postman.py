"""The Postman collection: what the converter makes of the document, made the same on every run."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.collection.document import LOCAL, calls, prepare, published

HERE = Path(__file__).parent
COMMITTED = HERE.parents[1] / "template-samples" / "collection" / "delineate.postman_collection.json"

NAMES_OF_A_RUN = ("id", "_postman_id", "response")
"""What the converter makes up anew each time, or at length."""

STARTS = "POST /v1/download/initiate"
KEEP_JOB = [
    "if (pm.response.code === 202) { pm.collectionVariables.set('jobId', pm.response.json().jobId); }"
]
"""The calls that follow are about the job that was started last."""


def convert(document: dict[str, Any]) -> dict[str, Any]:
    """Ask Postman's converter. Raises subprocess.CalledProcessError."""
    done = subprocess.run(
        ["node", HERE / "convert.mjs"], input=json.dumps(document), capture_output=True, text=True, check=True
    )
    collection: dict[str, Any] = json.loads(done.stdout)
    return collection


def requests(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Every request item below a folder or a collection."""
    return [found for each in node["item"] for found in (requests(each) if "item" in each else [each])]


def name_of(item: dict[str, Any]) -> str:
    """The request's operation, as in the document: `GET /v1/download/{jobId}`."""
    parts = [f"{{{part[1:]}}}" if part.startswith(":") else part for part in item["request"]["url"]["path"]]
    return f"{item['request']['method']} /{'/'.join(parts)}"


def strip(node: Any) -> Any:
    """The collection without what differs from run to run."""
    if isinstance(node, list):
        return [strip(each) for each in node]
    if isinstance(node, dict):
        return {name: strip(value) for name, value in node.items() if name not in NAMES_OF_A_RUN}
    return node


def collection() -> dict[str, Any]:
    """All operations, with a bearer token where one is needed, and the job in a variable."""
    document = published()
    in_order = calls(document)
    for operation in in_order.values():
        prepare(operation, document)
    made: dict[str, Any] = strip(convert({**document, "servers": [{"url": LOCAL}]}))
    for folder in made["item"]:
        folder["item"].sort(key=lambda item: list(in_order).index(name_of(item)))
    variables = {"baseUrl": LOCAL, "bearerToken": "", "jobId": "", "nextCursor": ""}
    made["variable"] = [{"key": name, "value": value} for name, value in variables.items()]
    for item in requests(made):
        # The converter reads "no security" as "nothing said": the collection's token would be sent.
        if in_order[name_of(item)].get("security") == []:
            item["request"]["auth"] = {"type": "noauth"}
        if name_of(item) == STARTS:
            item["event"] = [{"listen": "test", "script": {"type": "text/javascript", "exec": KEEP_JOB}}]
    return made


def text() -> str:
    """The file as it is committed."""
    return json.dumps(collection(), indent=2, ensure_ascii=False) + "\n"
