"""Domain errors. Each border translates them once; nothing matches them by their text."""

from collections.abc import Sequence

from downloads.bundle import BundleError
from downloads.claim import Claim
from downloads.file import ErrorCode, FailedFile, StoredObject
from downloads.model import Job
from downloads.notice import REASONS, Failure


class DownloadError(Exception):
    """Anything the domain raises on purpose."""


class JobNotFoundError(DownloadError):
    """No such job, or it has expired."""


class NotSignedInError(DownloadError):
    """No credentials, or none that hold: the text says why, never what they were."""


class RateLimitedError(DownloadError):
    """The account has started jobs too fast; ``retry_after_s`` is how long to wait."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"Too many jobs were started: wait {retry_after_s} s.")
        self.retry_after_s = retry_after_s


class TooManyOpenJobsError(DownloadError):
    """The account has as many open jobs as it may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"At most {most} jobs may be open at once: wait until one ends, or cancel one.")


class RefusedFilesError(DownloadError):
    """The ids asked for break a limit; ``file_ids`` names those that do, ``field`` where they stood."""

    def __init__(self, message: str, file_ids: Sequence[int] = (), field: str = "file_ids") -> None:
        super().__init__(message)
        self.file_ids = file_ids
        self.field = field


class ClaimTakenError(DownloadError):
    """The idempotency key is in use already."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(claim.job_id)
        self.claim = claim


class KeyReusedError(DownloadError):
    """The idempotency key was used for a different request."""


class JobOpenError(DownloadError):
    """The job is still going on, so there is nothing to retry yet."""


class JobExpiringError(DownloadError):
    """The job will be gone before another round could end."""


class NothingToRetryError(DownloadError):
    """Every file of the job is ready."""


class StateUnavailableError(DownloadError):
    """A passing fault of the table: worth another attempt."""


class StateUnreadableError(StateUnavailableError):
    """An item of a shape unknown here, as another version of this service may have written."""


class JobEndedError(DownloadError):
    """The job has ended for good: it cannot be cancelled any more, or was, and so cannot be retried."""

    def __init__(self, job: Job) -> None:
        super().__init__(f"The job has already ended: it is {job.status}.")
        self.job = job


class FileNotInJobError(DownloadError):
    """The job exists, but the file is none of its files."""


class FileFailedError(DownloadError):
    """The file could not be prepared, so there is no link to hand out."""

    def __init__(self, file: FailedFile) -> None:
        super().__init__(file.reason)
        self.code = file.error_code


class BadCursorError(DownloadError):
    """A cursor that this service did not give."""


class ObjectUnreadableError(DownloadError):
    """The store answered, and the answer will not change by asking again."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code.value)
        self.code = code


class ArchivedError(DownloadError):
    """The file is there, but cannot be read until it is restored."""

    def __init__(self, stored: StoredObject) -> None:
        super().__init__(stored.cold)
        self.stored = stored


class StoreUnavailableError(DownloadError):
    """A passing fault of the object store: worth another attempt."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code.value)
        self.code = code


class FileChangedError(DownloadError):
    """The object is not the one that was prepared: it was written again since."""


class FileLostError(DownloadError):
    """Some of a file is in an archive, and the rest cannot be had any more; ``code`` is the manifest's."""

    def __init__(self, file_id: int, code: str) -> None:
        super().__init__(code)
        self.file_id = file_id
        self.code = code


class UploadGoneError(DownloadError):
    """There is no such unfinished upload: it was completed, or aborted."""


class LeaseLostError(DownloadError):
    """Another run bundles the job now."""


class BundleFailedError(DownloadError):
    """There will be no bundle in this round of the job."""

    def __init__(self, code: BundleError) -> None:
        super().__init__(code.value)
        self.code = code


class BundleUnsentError(DownloadError):
    """The message that has a job bundled could not be queued now: the sweeper does it later."""


class BundlesOffError(DownloadError):
    """The stage has nowhere to put bundles."""


class ContendedError(DownloadError):
    """The job's counters were too busy for one write to get through: worth another attempt."""


class ConnectionGoneError(DownloadError):
    """The WebSocket connection is closed for good."""


class ConnectionFaultError(DownloadError):
    """A frame could not be sent now; told nothing more, the client asks for a snapshot."""


class ConnectionSlowError(ConnectionFaultError):
    """No answer in time: waiting for this connection would hold back the others."""


class ForcedError(DownloadError):
    """A caller asked for a fault, to see it arrive where faults are told."""

    def __init__(self, file_id: int) -> None:
        super().__init__(f"Sentry test error triggered for file_id={file_id} - This should appear in Sentry!")


class DependencyDownError(DownloadError):
    """Something that the service stands on does not answer."""


class RefusedCallbackError(DownloadError):
    """A callback URL that this service does not call; the text says why."""


class CallbackFailedError(DownloadError):
    """An attempt to deliver a webhook that got no answer."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(REASONS[failure])
        self.failure = failure


class NoticeUnsentError(DownloadError):
    """A notice could not be queued now: the sweeper does it later."""


class ExportUnsentError(DownloadError):
    """The message that has an ended job kept could not be queued now: the stream's record comes again."""


class HistoryDownError(DownloadError):
    """The history's database cannot be reached, or refuses: worth another attempt."""


class KeysUnavailableError(DownloadError):
    """The webhook secret cannot be read, or is none: no attempt is made, and none is counted."""


class IssuerUnavailableError(DownloadError):
    """The issuer's key set cannot be had, so that no token can be verified: nobody is let in by one."""
