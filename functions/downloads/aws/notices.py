"""The queue of notices, and the dead letters of those that used up their attempts."""

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from downloads.aws.hiding import hidden
from downloads.aws.origins import attributes_of
from downloads.aws.sending import send
from downloads.contracts.messages import NoticeMessage
from downloads.errors import NoticeUnsentError
from downloads.notice import Notice

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsNotices:
    """The Notices port. ``dead_letters_url`` is only for who delivers."""

    def __init__(self, client: "SQSClient", url: str, dead_letters_url: str = "") -> None:
        self._client = client
        self._url = url
        self._dead_letters_url = dead_letters_url

    def send(self, notice: Notice) -> None:
        self._send_notice(self._url, notice)

    def hide(self, receipt: str, seconds: int) -> bool:
        return hidden(self._client, self._url, receipt, seconds)

    def bury(self, notice: Notice) -> None:
        self._send_notice(self._dead_letters_url, notice)

    def reject(self, body: str) -> None:
        """Puts what is no notice among the dead letters as it is. Raises NoticeUnsentError."""
        self._send(self._dead_letters_url, body, "unreadable", {})

    def _send_notice(self, url: str, notice: Notice) -> None:
        body = NoticeMessage.of(notice).json()
        self._send(url, body, _group(notice.url), attributes_of(notice.origin))

    def _send(self, url: str, body: str, group: str, attributes: Mapping[str, Any]) -> None:
        send(self._client, url, body, NoticeUnsentError, MessageGroupId=group, **attributes)


def _group(url: str) -> str:
    """Receivers share the queue fairly, by host: SQS's fair queues, a group id on a standard queue."""
    return sha256(urlsplit(url).netloc.encode()).hexdigest()
