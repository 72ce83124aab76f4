"""$connect, $disconnect, subscribe, unsubscribe, ping: what a WebSocket client says."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec import MsgspecError

from downloads import metrics, wiring
from downloads.caller import Session
from downloads.contracts.actions import ACTIONS, Subscribe, Unsubscribe
from downloads.contracts.frames import Pong, Unsubscribed, error_frame
from downloads.errors import ConnectionFaultError, ConnectionGoneError, StateUnavailableError
from downloads.model import Wish
from downloads.run import run
from downloads.settings import WebsocketSettings
from downloads.telemetry import logger, meter
from downloads.usecases.watch import Desk, expire, subscribe, visible
from downloads.watch_ports import Endings

Answer = dict[str, int]
# A client that renews its token a little late is not cut off.
GRACE = timedelta(seconds=30)


@run
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """Frames go out through the management API: a handler's own answer reaches nobody but at $connect."""
    config = wiring.settings(WebsocketSettings)
    desk = Desk(
        wiring.jobs(config),
        wiring.watchers(config, config.connection_ttl_seconds),
        wiring.connections(config.websocket_endpoint),
    )
    endings = wiring.endings(config)
    connection_id = event["requestContext"]["connectionId"]
    session = _session(event["requestContext"].get("authorizer"))
    match event["requestContext"]["eventType"]:
        case "CONNECT":
            return _connect(event.get("queryStringParameters") or {}, connection_id, session, desk, endings)
        case "DISCONNECT":
            if session:
                meter().add(metrics.CONNECTIONS, event="closed")
            desk.watchers.leave(connection_id)
            if session and session.ends_at:
                endings.forget(connection_id, session.ends_at)
        case _:
            _listen(event.get("body") or "", connection_id, session, desk)
    return _answer(HTTPStatus.OK)


def _session(told: dict[str, str] | None) -> Session | None:
    """What authorize_websocket said of the connection; API Gateway repeats it with every event."""
    if not told or not told.get("owner"):
        return None
    ends_at = datetime.fromtimestamp(int(told["endsAt"]), UTC) + GRACE if told.get("endsAt") else None
    return Session(told["owner"], ends_at, told.get("jobId") or None)


def _connect(
    query: dict[str, str], connection_id: str, session: Session | None, desk: Desk, endings: Endings
) -> Answer:
    if session is None:
        # A route that was left without its authorizer lets nobody in.
        return _answer(HTTPStatus.UNAUTHORIZED)
    try:
        job_id = str(UUID(query["jobId"])) if "jobId" in query else session.job_id
    except ValueError:
        return _answer(HTTPStatus.BAD_REQUEST)
    try:
        if job_id and visible(job_id, session, desk.jobs) is None:
            return _answer(HTTPStatus.NOT_FOUND)
        if session.ends_at:
            endings.note(connection_id, session.ends_at)
        if job_id:
            # Nothing can be sent before the connection stands: the publisher subscribes it, from the stream.
            desk.watchers.wish(Wish(connection_id, job_id, session), datetime.now(UTC))
    except StateUnavailableError as fault:
        logger().warning("table unavailable", extra={"connectionId": connection_id}, exc_info=fault)
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE)
    meter().add(metrics.CONNECTIONS, event="opened")
    return _answer(HTTPStatus.OK)


def _listen(body: str, connection_id: str, session: Session | None, desk: Desk) -> None:
    try:
        if session is None or session.over(datetime.now(UTC)):
            expire(connection_id, desk.connections)
        else:
            _serve(body, connection_id, session, desk)
    except ConnectionGoneError:
        desk.watchers.leave(connection_id)
    except ConnectionFaultError as fault:
        logger().warning("frame not sent", extra={"connectionId": connection_id}, exc_info=fault)


def _serve(body: str, connection_id: str, session: Session, desk: Desk) -> None:
    try:
        _act(body, connection_id, session, desk)
    except StateUnavailableError as fault:
        logger().warning("table unavailable", extra={"connectionId": connection_id}, exc_info=fault)
        desk.connections.send(connection_id, error_frame("SERVICE_UNAVAILABLE", "Ask again in a moment."))


def _act(body: str, connection_id: str, session: Session, desk: Desk) -> None:
    try:
        action = ACTIONS.decode(body)
    except (MsgspecError, UnicodeError, RecursionError) as error:
        desk.connections.send(connection_id, error_frame("INVALID_FRAME", str(error)))
        return
    if isinstance(action, Subscribe):
        subscribe(str(action.jobId), connection_id, session, desk, datetime.now(UTC))
    elif isinstance(action, Unsubscribe):
        desk.watchers.remove(str(action.jobId), [connection_id])
        desk.connections.send(connection_id, Unsubscribed(jobId=action.jobId).json())
    else:
        desk.connections.send(connection_id, Pong().json())


def _answer(status: HTTPStatus) -> Answer:
    return {"statusCode": status.value}
