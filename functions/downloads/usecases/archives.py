"""The bundle of a job as its owner sees it now: with links made just now, to what he may have now."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from downloads.bundle import BUNDLE_REASONS, BundleError, BundleStatus, prefix
from downloads.contracts.replies import ArchiveLink, BundleEntry
from downloads.model import Job
from downloads.ports import Jobs

if TYPE_CHECKING:
    from downloads.bundle_ports import ArchiveLinks, Checkpoints

Withheld = Callable[[Collection[int]], frozenset[int]]


def shown_bundle(
    job: Job, jobs: Jobs, withheld: Withheld, archives: Callable[[Job], list[ArchiveLink]]
) -> BundleEntry | None:
    """The bundle, with its archives once it is complete; without them, and with the code FORBIDDEN, when
    ``withheld`` names a file that may be in them. Raises StateUnavailableError.
    """
    entry = BundleEntry.of(job.bundle)
    if entry is None or entry.status is not BundleStatus.COMPLETED:
        return entry
    # What was withheld from the first is in no archive.
    if (now := withheld(jobs.file_ids(job.job_id))) and now - jobs.withheld(job.job_id):
        code = BundleError.FORBIDDEN
        return replace(entry, errorCode=code, error=BUNDLE_REASONS[code])
    return replace(entry, archives=archives(job) or None)


def archive_links(
    job: Job, checkpoints: "Checkpoints", links: "ArchiveLinks", now: datetime
) -> list[ArchiveLink]:
    """Links to the archives of the job's round that are complete. Raises StateUnavailableError."""
    found = []
    stands = checkpoints.standing(job.job_id, job.round)
    for part, archive in enumerate(stands.finished if stands else (), 1):
        link = links.presign(prefix(job.job_id, job.round) + archive.name, now)
        found.append(
            ArchiveLink(
                part=part,
                filename=archive.name,
                size=archive.size,
                etag=archive.etag,
                downloadUrl=link.url,
                urlExpiresAt=link.expires_at,
            )
        )
    return found
