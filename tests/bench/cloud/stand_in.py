"""The hook in botocore: every request that a client is about to send is answered here, and counted."""

import json
from threading import Lock
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.session import Session

from tests.bench.cloud import dynamodb
from tests.bench.cloud.queues import Queues
from tests.bench.cloud.table import Table
from tests.bench.cloud.tally import Called, Count, Tally
from tests.bench.stand_in import Raw

FILE_BYTES = 5_000_000
HEAD = {
    "content-length": str(FILE_BYTES),
    "etag": '"0123456789abcdef0123456789abcdef"',
    "last-modified": "Mon, 23 Nov 2026 12:00:00 GMT",
    "x-amz-server-side-encryption": "AES256",
}


class StandIn:
    """A table, queues, a bucket that has every file, and connections that take every frame.

    ``by`` is who runs at the moment; ``frames`` what the connections were sent.
    """

    def __init__(self, table: Table) -> None:
        self.table, self.queues, self.tally = table, Queues(), Tally()
        self.frames: list[bytes] = []
        self.by = ""
        self._one_at_a_time = Lock()

    def attach(self, session: Session) -> None:
        """Answers all clients that are made from this session; nothing of theirs reaches a network."""
        session.register("before-send", self._answer)

    def _answer(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        _, service, operation = event_name.split(".")
        body = request.body or b""
        sent = body.encode() if isinstance(body, str) else bytes(body)
        with self._one_at_a_time:
            read, written = self.table.read_units, self.table.write_units
            status, headers, content = self._reply(service, operation, sent)
            units = self.table.read_units - read, self.table.write_units - written
            self.tally.add(Called(self.by, service, operation), Count(1, len(sent), len(content), *units))
        return AWSResponse(request.url, status, headers, Raw(content))

    def _reply(self, service: str, operation: str, sent: bytes) -> tuple[int, dict[str, str], bytes]:
        if (service, operation) == ("s3", "HeadObject"):
            return 200, dict(HEAD), b""
        if (service, operation) == ("apigatewaymanagementapi", "PostToConnection"):
            self.frames.append(sent)
            return 200, {}, b""
        status, reply = 200, {}
        match service:
            case "dynamodb":
                status, reply = dynamodb.answer(self.table, operation, json.loads(sent))
            case "sqs":
                reply = self.queues.answer(operation, json.loads(sent))
            case _:
                raise NotImplementedError(f"the stand-in has no {service}:{operation}")
        return status, {"content-type": "application/x-amz-json-1.0"}, json.dumps(reply).encode()
