"""$connect, $disconnect, subscribe, unsubscribe, ping: what a WebSocket client says."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from downloads import wiring
from downloads.contracts.frames import ACTIONS, Pong, Subscribe, Unsubscribe, Unsubscribed, error_frame
from downloads.errors import ConnectionFaultError, ConnectionGoneError, StateUnavailableError
from downloads.model import Wish
from downloads.settings import WebsocketSettings
from downloads.telemetry import bind, logger
from downloads.usecases.watch import Desk, subscribe

Answer = dict[str, int]


def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """Frames go out through the management API: a handler's own answer reaches nobody but at $connect."""
    bind(context)
    config = wiring.settings(WebsocketSettings)
    desk = Desk(
        wiring.jobs(config),
        wiring.watchers(config, config.connection_ttl_seconds),
        wiring.connections(config.websocket_endpoint),
    )
    connection_id = event["requestContext"]["connectionId"]
    match event["requestContext"]["eventType"]:
        case "CONNECT":
            return _connect(event.get("queryStringParameters") or {}, connection_id, desk)
        case "DISCONNECT":
            desk.watchers.leave(connection_id)
        case _:
            _listen(event.get("body") or "", connection_id, desk)
    return _answer(HTTPStatus.OK)


def _connect(query: dict[str, str], connection_id: str, desk: Desk) -> Answer:
    if "jobId" not in query:
        return _answer(HTTPStatus.OK)
    try:
        job_id = str(UUID(query["jobId"]))
    except ValueError:
        return _answer(HTTPStatus.BAD_REQUEST)
    try:
        if desk.jobs.get(job_id) is None:
            return _answer(HTTPStatus.NOT_FOUND)
        # Nothing can be sent before the connection stands: the publisher subscribes it, from the stream.
        desk.watchers.wish(Wish(connection_id, job_id), datetime.now(UTC))
    except StateUnavailableError as fault:
        logger().warning("table unavailable", extra={"connectionId": connection_id}, exc_info=fault)
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE)
    return _answer(HTTPStatus.OK)


def _listen(body: str, connection_id: str, desk: Desk) -> None:
    try:
        _serve(body, connection_id, desk)
    except ConnectionGoneError:
        desk.watchers.leave(connection_id)
    except ConnectionFaultError as fault:
        logger().warning("frame not sent", extra={"connectionId": connection_id}, exc_info=fault)


def _serve(body: str, connection_id: str, desk: Desk) -> None:
    try:
        _act(body, connection_id, desk)
    except StateUnavailableError as fault:
        logger().warning("table unavailable", extra={"connectionId": connection_id}, exc_info=fault)
        desk.connections.send(connection_id, error_frame("SERVICE_UNAVAILABLE", "Ask again in a moment."))


def _act(body: str, connection_id: str, desk: Desk) -> None:
    try:
        action = ACTIONS.validate_json(body)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(step) for step in problem["loc"]) or "frame"
        desk.connections.send(connection_id, error_frame("INVALID_FRAME", f"{where}: {problem['msg']}"))
        return
    if isinstance(action, Subscribe):
        subscribe(str(action.jobId), connection_id, desk, datetime.now(UTC))
    elif isinstance(action, Unsubscribe):
        desk.watchers.remove(str(action.jobId), [connection_id])
        desk.connections.send(connection_id, Unsubscribed(jobId=action.jobId).body())
    else:
        desk.connections.send(connection_id, Pong().body())


def _answer(status: HTTPStatus) -> Answer:
    return {"statusCode": status.value}
