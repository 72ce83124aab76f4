"""An idempotency key in use. Standard library only."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """An idempotency key that its owner used: which job it made, and of what request (a digest)."""

    owner: str
    key: str
    fingerprint: str
    job_id: str
    expires_at: datetime
