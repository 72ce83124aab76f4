"""A call of a function to AWS, as the proxy sees it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CALLER = re.compile(r"\bapp/(\w+)")
CONNECTIONS = "/@connections/"
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


@dataclass(frozen=True)
class Answer:
    """What goes back; `headers` without those that belong to one connection."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] | None = None

    @classmethod
    def of(cls, status: int, body: object) -> "Answer":
        return cls(status, json.dumps(body).encode(), {"content-type": "application/x-amz-json-1.0"})


@dataclass(frozen=True)
class Call:
    """`caller` is the function that says so in its User-Agent (AWS_SDK_UA_APP_ID); `port` its socket's."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    port: int = 0

    @property
    def caller(self) -> str:
        said = CALLER.search(self.headers.get("user-agent", ""))
        return said[1] if said else ""

    @property
    def service(self) -> str:
        return self._target[0]

    @property
    def operation(self) -> str:
        return self._target[1]

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def _target(self) -> tuple[str, str]:
        target, _, operation = self.headers.get("x-amz-target", "").partition(".")
        if target:
            return ("sqs" if target == "AmazonSQS" else "dynamodb"), operation
        return ("websocket" if CONNECTIONS in self.path else "s3"), self.method
