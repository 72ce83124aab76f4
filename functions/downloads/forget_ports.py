"""What the table holds of one user, to be deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class JobIds:
    """A page of an owner's jobs; ``after`` is where the next begins, None at the end."""

    ids: Sequence[str]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Strays:
    """A part of the table that was looked through: what was deleted of it, and where to go on."""

    deleted: int
    looked_at: int
    after: str | None = None


class Holdings(Protocol):
    """All items of an owner, whichever way they are found. Every call may raise StateUnavailableError."""

    def jobs(self, owner: str, after: str | None = None) -> JobIds:
        """Jobs by the index of owners, expired ones too; an item just deleted may still be listed."""

    def shred_job(self, job_id: str) -> int:
        """Deletes a job's items: its own, ids, files, bundle, deliveries, watchers; answers how many."""

    def shred_account(self, owner: str) -> int:
        """Deletes the owner's idempotency keys and what is left to the account; answers how many items."""

    def shred_strays(self, owner: str, after: str | None = None) -> Strays:
        """Looks through a part of the whole table for what nothing leads to, such as unused tickets."""
