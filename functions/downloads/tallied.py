"""What has been counted beside a job: the sum of its round's tallies. Standard library only."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Tallied:
    """Files with a result, and the batches that they came in; ``at`` is when the last of it was noted.

    While it is ``closing`` some tallies count no more; once it is ``closed`` none does: it stays as it is.
    """

    completed: int
    failed: int
    batches: int
    at: datetime
    closing: bool = False
    closed: bool = False
