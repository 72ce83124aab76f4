"""How each fault is done to a call: what is forwarded, and what the function gets to hear."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Protocol

from tests.chaos.calls import Answer, Call

LONGER_THAN_PATIENCE_S = 3.5
"""The functions' clients wait 3 s for an answer, 1 s for a frame's."""

DYNAMODB, SQS = "com.amazonaws.dynamodb.v20120810#", "com.amazonaws.sqs#"


class Line(Protocol):
    """The way to the emulator, and to the process that calls."""

    def forward(self, call: Call) -> Answer: ...

    def kill(self, call: Call) -> bool:
        """Ends the calling function's process; False when it could not be found."""
        ...


Harm = Callable[[Call, Line], Answer | None]
"""None means that the connection closes without an answer."""


class HarmlessError(Exception):
    """The fault could not be done: the call goes on as if nothing had been drawn."""


def killed_before(call: Call, line: Line) -> None:
    if not line.kill(call):
        raise HarmlessError


def killed_after(call: Call, line: Line) -> Answer | None:
    answer = line.forward(call)
    return None if line.kill(call) else answer


def slow_down(call: Call, line: Line) -> Answer:
    # A HEAD is answered without a body: botocore makes the code of the status.
    return Answer(HTTPStatus.SERVICE_UNAVAILABLE)


def hang(call: Call, line: Line) -> None:
    time.sleep(LONGER_THAN_PATIENCE_S)


def gone(call: Call, line: Line) -> Answer:
    return Answer(HTTPStatus.GONE, b"{}", {"x-amzn-errortype": "GoneException"})


def throttled(call: Call, line: Line) -> Answer:
    return _refusal(f"{DYNAMODB}ProvisionedThroughputExceededException")


def internal_error(call: Call, line: Line) -> Answer:
    return Answer.of(HTTPStatus.INTERNAL_SERVER_ERROR, {"__type": "InternalServerError"})


def sqs_error(call: Call, line: Line) -> Answer:
    return Answer.of(HTTPStatus.INTERNAL_SERVER_ERROR, {"__type": f"{SQS}InternalError"})


def conflict(call: Call, line: Line) -> Answer:
    return _cancelled(call, "TransactionConflict")


def throttled_transaction(call: Call, line: Line) -> Answer:
    return _cancelled(call, "ThrottlingError")


def written_but_500(call: Call, line: Line) -> Answer:
    line.forward(call)
    return internal_error(call, line)


def written_but_cut(call: Call, line: Line) -> None:
    line.forward(call)


def _cancelled(call: Call, code: str) -> Answer:
    """TransactionCanceledException as DynamoDB's API reference has it: one reason an item."""
    reasons = [{"Code": "None"} for _ in call.json["TransactItems"]]
    reasons[-1] = {"Code": code, "Message": "injected"}
    said = {"Message": f"Transaction cancelled: [{code}]", "CancellationReasons": reasons}
    return _refusal(f"{DYNAMODB}TransactionCanceledException", said)


def _refusal(kind: str, more: Mapping[str, object] | None = None) -> Answer:
    return Answer.of(HTTPStatus.BAD_REQUEST, {"__type": kind, "message": "injected"} | dict(more or {}))
