"""Objects that the store has archived: where they lie, how they come back, and when. Standard library only.

The facts are those of "Understanding archive retrieval options" in the S3 User Guide.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ColdClass(StrEnum):
    """Where an object lies that cannot be read: a storage class, or a tier of Intelligent-Tiering."""

    FLEXIBLE = "GLACIER"
    DEEP = "DEEP_ARCHIVE"
    ARCHIVE_ACCESS = "ARCHIVE_ACCESS"
    DEEP_ARCHIVE_ACCESS = "DEEP_ARCHIVE_ACCESS"

    @property
    def deep(self) -> bool:
        return self in {ColdClass.DEEP, ColdClass.DEEP_ARCHIVE_ACCESS}

    @property
    def copies(self) -> bool:
        """Whether a restore makes a copy for some days. Intelligent-Tiering moves the object back instead."""
        return self in {ColdClass.FLEXIBLE, ColdClass.DEEP}


class Tier(StrEnum):
    """How fast, and so how dearly, an object is restored; the names are S3's."""

    EXPEDITED = "Expedited"
    STANDARD = "Standard"
    BULK = "Bulk"

    def of(self, cold: ColdClass) -> "Tier":
        """The tier that this class knows: a deep one has no Expedited, and gets Standard."""
        return Tier.STANDARD if self is Tier.EXPEDITED and cold.deep else self


# The later end of what is typical.
TYPICAL = {
    (Tier.EXPEDITED, False): timedelta(minutes=5),
    (Tier.STANDARD, False): timedelta(hours=5),
    (Tier.BULK, False): timedelta(hours=12),
    (Tier.STANDARD, True): timedelta(hours=12),
    (Tier.BULK, True): timedelta(hours=48),
}


class Asked(StrEnum):
    """What became of a request to restore."""

    BEGUN = "begun"
    JOINED = "joined"
    """One is under way already, whoever began it, and maybe in another tier."""
    RENEWED = "renewed"
    """A copy is there, and stays for as many days from now."""


@dataclass(frozen=True, slots=True)
class Restore:
    """The answer to a request to restore: what became of it, and the tier that it was accepted in."""

    tier: Tier
    asked: Asked


def ready_at(tier: Tier, cold: ColdClass, now: datetime) -> datetime:
    """When an object whose restore begins now can be read at the latest, as a rule; S3 promises nothing."""
    return now + TYPICAL[tier.of(cold), cold.deep]


@dataclass(frozen=True, slots=True)
class RestoreRule:
    """What is done about an archived file. Without a ``tier`` nothing is: the file fails.

    ``keep`` is how long S3 keeps a copy, in whole days; ``ttl`` how long a job is kept after its deadline,
    and ``deadline`` what a job may take besides the restore. ``results`` is how long the results of a job
    are kept after it was accepted, whatever is retried: no restore has a job outlive them.
    """

    tier: Tier | None = None
    keep: timedelta = timedelta(days=3)
    ttl: timedelta = timedelta(days=1)
    deadline: timedelta = timedelta(hours=1)
    results: timedelta = timedelta(days=7)

    def give_up_at(self, ready_at: datetime, now: datetime) -> datetime:
        """The deadline of a job that waits: half as long again as is typical, and its own time besides."""
        return ready_at + (ready_at - now) / 2 + self.deadline
