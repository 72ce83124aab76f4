"""Faults of DynamoDB put into a client by botocore's own events.

`before-send` answers instead of the call, `before-parse` loses the answer after it. Not for moto: it is a
handler of `before-send` itself, and does what is asked whatever another one answers.
"""

import io
import json
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

Answer = tuple[int, dict[str, Any]]


class Raw(io.BytesIO):
    """A body as botocore reads it from urllib3."""

    def stream(self) -> list[bytes]:
        return [self.read()]


@dataclass
class Faults:
    """What comes in the place of the answers to the next calls of one operation.

    With ``done``, they reach DynamoDB all the same; ``lost`` counts answers that never arrive.
    """

    refused: list[Answer] = field(default_factory=list)
    done: bool = False
    lost: int = 0
    sent: int = 0

    def put_into(self, client: Any, operation: str = "TransactWriteItems") -> None:
        client.meta.events.register(f"before-send.dynamodb.{operation}", self._before_send)
        client.meta.events.register(f"before-parse.dynamodb.{operation}", self._before_parse)

    def _before_send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        self.sent += 1
        if not self.refused:
            return None
        if self.done:
            URLLib3Session().send(request)
        status, body = self.refused.pop(0)
        headers = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, status, headers, Raw(json.dumps(body).encode()))

    def _before_parse(self, **_: Any) -> None:
        if self.lost:
            self.lost -= 1
            raise ReadTimeoutError(endpoint_url="injected")


def error(code: str, status: int = 400) -> Answer:
    return status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "injected"}


def cancelled(*codes: str) -> Answer:
    status, body = error("TransactionCanceledException")
    return status, body | {"CancellationReasons": [{"Code": code} for code in codes]}
