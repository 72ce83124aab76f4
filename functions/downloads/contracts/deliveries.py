"""The delivery log of a job's webhook."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from downloads.contracts.base import Reply
from downloads.notice import REASONS, Attempt, Failure, Outcome


class DeliveryEntry(Reply):
    """One attempt; ``error`` says in words what ``errorCode`` says for programs."""

    webhookId: str
    attempt: int
    at: datetime
    outcome: Outcome
    statusCode: int | None = None
    error: str | None = None
    errorCode: Failure | None = None
    durationMs: int | None = None
    nextAttemptAt: datetime | None = None

    @classmethod
    def of(cls, attempt: Attempt) -> "DeliveryEntry":
        return cls(
            webhookId=attempt.webhook_id,
            attempt=attempt.number,
            at=attempt.at,
            outcome=attempt.outcome,
            statusCode=attempt.status,
            error=REASONS[attempt.failure] if attempt.failure else None,
            errorCode=attempt.failure,
            durationMs=attempt.duration_ms,
            nextAttemptAt=attempt.next_at,
        )


class DeliveriesReply(Reply):
    """Every attempt so far, oldest first; empty while there was none."""

    jobId: UUID
    deliveries: list[DeliveryEntry]

    @classmethod
    def of(cls, job_id: UUID, attempts: Iterable[Attempt]) -> "DeliveriesReply":
        return cls(jobId=job_id, deliveries=[DeliveryEntry.of(attempt) for attempt in attempts])
