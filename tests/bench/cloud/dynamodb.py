"""DynamoDB's operations, as far as the functions call them: JSON in, JSON out; the table adds up units."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.bench.cloud import expressions, sizes
from tests.bench.cloud.table import Change, RefusedError, Table

Request = dict[str, Any]
PAGE_BYTES = 1_048_576
NAMES = {
    "ConditionalCheckFailed": "ConditionalCheckFailedException",
    "TransactionCanceled": "TransactionCanceledException",
}


def answer(table: Table, operation: str, request: Request) -> tuple[int, dict[str, Any]]:
    """Status and body. Raises NotImplementedError for an operation that nothing here answers."""
    if operation not in OPERATIONS:
        raise NotImplementedError(f"the stand-in has no dynamodb:{operation}")
    try:
        return 200, OPERATIONS[operation](table, request)
    except RefusedError as refusal:
        code = NAMES[refusal.code]
        kind = f"com.amazonaws.dynamodb.v20120810#{code}"
        return 400, {"__type": kind, "message": code, **refusal.more}


def _get(table: Table, request: Request) -> dict[str, Any]:
    item = table.get(request["Key"])
    table.read_units += sizes.read([item], consistent=request.get("ConsistentRead", False))
    return {"Item": expressions.projected(request, item)} if item else {}


def _batch_get(table: Table, request: Request) -> dict[str, Any]:
    replies = {}
    for name, asked in request["RequestItems"].items():
        found = [_get(table, {**asked, "Key": key}).get("Item") for key in asked["Keys"]]
        replies[name] = [item for item in found if item]
    return {"Responses": replies, "UnprocessedKeys": {}}


def _transact_get(table: Table, request: Request) -> dict[str, Any]:
    asked = [entry["Get"] for entry in request["TransactItems"]]
    replies = [_get(table, {**get, "ConsistentRead": True}) for get in asked]
    table.read_units += sum(sizes.read([table.get(get["Key"])], consistent=True) for get in asked)
    return {"Responses": replies}


def _query(table: Table, request: Request) -> dict[str, Any]:
    start = request.get("ExclusiveStartKey")
    page: list[dict[str, Any]] = []
    held, more, backward = 0, False, not request.get("ScanIndexForward", True)
    found = list(table.under(request))
    waiting = start is not None
    for item in reversed(found) if backward else found:
        if waiting:
            waiting = {name: item.get(name) for name in ("PK", "SK")} != {n: start[n] for n in ("PK", "SK")}
            continue
        if held >= PAGE_BYTES or len(page) == request.get("Limit"):
            more = True
            break
        page.append(item)
        held += sizes.size(item)
    table.read_units += sizes.read(page, consistent=request.get("ConsistentRead", False))
    kept = [expressions.projected(request, item) for item in page]
    reply: dict[str, Any] = {"Items": kept, "Count": len(kept), "ScannedCount": len(page)}
    return reply | {"LastEvaluatedKey": Change(None, page[-1]).key} if more else reply


def _writing(action: str) -> Callable[[Table, Request], dict[str, Any]]:
    def write(table: Table, request: Request) -> dict[str, Any]:
        change = table.planned(action, request)
        table.write([change])
        images = {"ALL_NEW": change.after, "ALL_OLD": change.before}
        image = images.get(request.get("ReturnValues", "NONE"))
        return {"Attributes": image} if image else {}

    return write


def _transact_write(table: Table, request: Request) -> dict[str, Any]:
    table.transact(request["TransactItems"])
    return {}


OPERATIONS: Mapping[str, Callable[[Table, Request], dict[str, Any]]] = {
    "GetItem": _get,
    "BatchGetItem": _batch_get,
    "TransactGetItems": _transact_get,
    "Query": _query,
    "PutItem": _writing("Put"),
    "UpdateItem": _writing("Update"),
    "DeleteItem": _writing("Delete"),
    "TransactWriteItems": _transact_write,
}
