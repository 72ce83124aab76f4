"""The queue of rounds to be bundled."""

from typing import TYPE_CHECKING
from uuid import UUID

from downloads.aws.hiding import hidden
from downloads.aws.origins import attributes_of
from downloads.aws.sending import send
from downloads.bundle_queue_ports import BundleTask
from downloads.contracts.messages import BundleMessage
from downloads.errors import BundleUnsentError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsBundles:
    """The BundleQueue port."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def send(self, task: BundleTask) -> None:
        body = BundleMessage(jobId=UUID(task.job_id), round=task.round).json()
        more = {"MessageGroupId": task.job_id, **attributes_of(task.origin)}
        send(self._client, self._url, body, BundleUnsentError, **more)

    def hide(self, receipt: str, seconds: int) -> bool:
        return hidden(self._client, self._url, receipt, seconds)
