"""What routes about one job have in common: the caller's own job, and a page of its files."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from downloads import faults, wiring
from downloads.account_settings import AccountSettings
from downloads.caller import Caller
from downloads.contracts.replies import BundleEntry
from downloads.cursors import file_after
from downloads.file import LinkedFile, PreparedFile
from downloads.model import Job
from downloads.settings import JobsApiSettings
from downloads.signed_in import caller_of
from downloads.spans import Span
from downloads.telemetry import know_job, spans
from downloads.trace import trace_of
from downloads.usecases.archives import archive_links, shown_bundle
from downloads.usecases.link import linked, linked_file
from downloads.usecases.read import Page, allowed, load_job, page_of_files

MOST_PER_PAGE = 1_000

JobId = Annotated[UUID, Path(description="The jobId that initiate answered with")]
Limit = Annotated[int, Query(ge=0, le=MOST_PER_PAGE, description="Files a page; 0 for the progress alone")]
Cursor = Annotated[str | None, Query(max_length=64, description="nextCursor of the page before")]


def caller(router: Router, config: AccountSettings) -> Caller:
    """Raises NotSignedInError."""
    return caller_of(router.current_event.raw_event, config)


def own_job(job_id: UUID, router: Router, config: JobsApiSettings) -> Job:
    """Raises NotSignedInError, or JobNotFoundError for another's."""
    job = load_job(str(job_id), caller(router, config).owner, wiring.jobs(config))
    faults.about(faults.Run(job=job))
    know_job(job)
    return job


def bundle_of(job: Job, router: Router, config: JobsApiSettings) -> BundleEntry | None:
    """The job's bundle, with links once it is complete and as long as the caller may have all of it."""
    return shown_bundle(
        job,
        wiring.jobs(config),
        lambda file_ids: config.entitlements.withheld(caller(router, config), file_ids),
        lambda job: archive_links(
            job, wiring.checkpoints(config), wiring.archive_links(config), datetime.now(UTC)
        ),
    )


def page_of(job: Job, limit: int, cursor: str | None, router: Router, config: JobsApiSettings) -> Page:
    """Files with links, but for those that the caller may not have now. Raises BadCursorError."""
    page = page_of_files(job, wiring.jobs(config), limit, file_after(cursor))
    file_ids = [file_id for file_id, _ in page.files]
    withheld = config.entitlements.withheld(caller(router, config), file_ids)
    return with_links(job, allowed(page, withheld), config)


def with_links(job: Job, page: Page, config: JobsApiSettings) -> Page:
    if not page.ready:
        return page
    with _signing(job, len(page.ready)):
        return linked(page, wiring.objects(config), datetime.now(UTC))


def with_link(job: Job, file: PreparedFile, config: JobsApiSettings) -> LinkedFile:
    """Raises FileFailedError when the restored copy is gone."""
    with _signing(job, 1):
        return linked_file(file, wiring.objects(config), datetime.now(UTC))


def _signing(job: Job, files: int) -> AbstractContextManager[Span]:
    """In the job's own trace, where its files are found too."""
    return spans().span("presign", {"job.id": job.job_id, "files": files}, trace_of(job.origin))
