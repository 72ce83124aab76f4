"""The queue of jobs that have ended, on their way into the history."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from downloads.aws.origins import attributes_of
from downloads.contracts.history import HistoryMessage
from downloads.errors import ExportUnsentError
from downloads.model import Job

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsHistory:
    """The HistoryQueue port."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def send(self, job: Job) -> None:
        body = HistoryMessage.of(job).model_dump_json(exclude_none=True)
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body, **attributes_of(job.origin))
        except (ClientError, BotoCoreError) as error:
            raise ExportUnsentError(str(error)) from error
