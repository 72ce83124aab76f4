"""Bodies of queue messages: a file of a job, a job to be bundled, the notice of its end, a restore's end."""

from uuid import UUID

from downloads.caller import ANONYMOUS
from downloads.contracts.base import Body, Count, Message, Number
from downloads.notice import Notice
from downloads.trace import Origin


class FileMessage(Message):
    """Small on purpose: everything else is read from the job, and remembered."""

    jobId: UUID
    fileId: Count
    round: Number = 1


class StoredKey(Body):
    """An object as EventBridge has it: its key is not URL-encoded there."""

    key: str


class Restored(Body):
    object: StoredKey


class RestoreMessage(Body):
    """S3's event "Object Restore Completed" (S3 User Guide, "EventBridge event message structure")."""

    detail: Restored


class BundleMessage(Message):
    """A job's round to be bundled, or cleared of what is left of its bundle: the job says which."""

    jobId: UUID
    round: Number


class NoticeMessage(Message):
    """Everything that a delivery needs: the function that makes it can read no job."""

    jobId: UUID
    version: Number
    url: str
    body: str
    series: Number = 1
    owner: str = ANONYMOUS

    @classmethod
    def of(cls, notice: Notice) -> "NoticeMessage":
        return cls(
            jobId=UUID(notice.job_id),
            version=notice.version,
            url=notice.url,
            body=notice.body,
            series=notice.series,
            owner=notice.owner,
        )

    def notice(self, origin: Origin | None = None) -> Notice:
        """``origin`` comes with the message, as its attributes."""
        return Notice(str(self.jobId), self.version, self.url, self.body, self.series, self.owner, origin)
