"""One thing that happened to a job, from whatever source it is known."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

TABLE = "table"
"""The source of what no log line told: the items themselves."""
# What kinds there are besides the messages of log lines.
READY, FAILED, DELIVERED = "ready", "failed", "delivered"


@dataclass(frozen=True)
class Event:
    """`at` is None where nothing tells when; `count` is above 1 for what was folded, up to `until`.

    `told` is how many log lines told of this one event: a message that arrives twice logs twice.
    """

    at: datetime | None
    source: str
    kind: str
    text: str
    file_id: int | None = None
    attempt: int | None = None
    reason: str | None = None
    level: str = "info"
    request_id: str | None = None
    trace_id: str | None = None
    count: int = 1
    until: datetime | None = None
    told: int = 1

    def document(self, start: datetime | None) -> dict[str, Any]:
        """For a program; `offsetMs` counts from `start`, what is not known is left out."""
        offset = round((self.at - start).total_seconds() * 1000) if self.at and start else None
        told = {
            "at": self.at and self.at.isoformat(),
            "offsetMs": offset,
            "source": self.source,
            "kind": self.kind,
            "text": self.text,
            "fileId": self.file_id,
            "attempt": self.attempt,
            "reason": self.reason,
            "level": None if self.level == "info" else self.level,
            "requestId": self.request_id,
            "traceId": self.trace_id,
            "count": None if self.count == 1 else self.count,
            "told": None if self.told == 1 else self.told,
            "until": self.until and self.until.isoformat(),
        }
        return {name: value for name, value in told.items() if value is not None}
