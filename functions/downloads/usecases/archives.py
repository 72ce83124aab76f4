"""The archives of a job's bundle, with links made just now."""

from datetime import datetime

from downloads.bundle import BundleStatus
from downloads.bundle_ports import ArchiveLinks, Checkpoints
from downloads.bundling.volumes import prefix
from downloads.contracts.replies import ArchiveLink
from downloads.model import Job


def archive_links(
    job: Job, checkpoints: Checkpoints, links: ArchiveLinks, now: datetime
) -> list[ArchiveLink]:
    """None before the bundle is complete. Raises StateUnavailableError."""
    if job.bundle is None or job.bundle.status is not BundleStatus.COMPLETED:
        return []
    found = []
    for part, archive in enumerate(checkpoints.finished(job), 1):
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
