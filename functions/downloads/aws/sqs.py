"""The two lanes of files to be prepared, each an SQS queue."""

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError

from downloads.aws.hiding import hidden
from downloads.aws.origins import attributes_of
from downloads.contracts.messages import FileMessage
from downloads.errors import DependencyDownError, StateUnavailableError
from downloads.estimate import Delay
from downloads.file import Delivery, Priority
from downloads.model import Job
from downloads.ports import OnFault, unheard

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

# SendMessageBatch takes ten messages; a message waits at most 15 minutes.
MESSAGES_PER_BATCH = 10
LONGEST_DELAY_S = 900
IN_A_LANE: "list[QueueAttributeNameType]" = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
]
SENDERS = 8
SEND_TRIES = 3


class SqsQueue:
    """The Queue port. ``delay`` simulates preparation: a message waits in the queue, no function sleeps."""

    def __init__(
        self,
        client: "SQSClient",
        urls: Mapping[Priority, str],
        delay: Delay | None = None,
        on_fault: OnFault = unheard,
    ) -> None:
        self._client = client
        self._on_fault = on_fault
        self._urls = urls
        self._delay = delay or Delay()

    def send(self, job: Job, file_ids: Sequence[int]) -> Sequence[int]:
        url = self._urls[job.priority]
        batches = [
            file_ids[start : start + MESSAGES_PER_BATCH]
            for start in range(0, len(file_ids), MESSAGES_PER_BATCH)
        ]
        with ThreadPoolExecutor(max_workers=min(SENDERS, len(batches) or 1)) as pool:
            unsent = pool.map(lambda batch: self._send_batch(url, job, batch), batches)
        return [file_id for batch in unsent for file_id in batch]

    def waiting(self, lane: Priority) -> int:
        try:
            reply = self._client.get_queue_attributes(QueueUrl=self._urls[lane], AttributeNames=IN_A_LANE)
        except (ClientError, BotoCoreError) as error:
            raise StateUnavailableError from error
        return sum(int(count) for count in reply["Attributes"].values())

    def hide(self, delivery: Delivery, seconds: int) -> bool:
        return hidden(self._client, self._urls[delivery.lane], delivery.receipt, seconds)

    def ping(self) -> None:
        """Asks each lane for its attributes. Raises DependencyDownError."""
        try:
            for url in self._urls.values():
                self._client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        except (ClientError, BotoCoreError) as error:
            raise DependencyDownError from error

    def _send_batch(self, url: str, job: Job, file_ids: Sequence[int]) -> Sequence[int]:
        """The ids that were refused at every try."""
        for _ in range(SEND_TRIES):
            file_ids = self._try_send(url, job, file_ids)
            if not file_ids:
                break
        return file_ids

    def _try_send(self, url: str, job: Job, file_ids: Sequence[int]) -> Sequence[int]:
        entries = {str(place): file_id for place, file_id in enumerate(file_ids)}
        # SQS's fair queues: whoever has many messages in a lane does not hold back whoever has few.
        group = sha256(job.owner.encode()).hexdigest()
        try:
            reply = self._client.send_message_batch(
                QueueUrl=url,
                Entries=[self._entry(place, job, file_id, group) for place, file_id in entries.items()],
            )
        except (ClientError, BotoCoreError) as error:
            self._on_fault(job.job_id, error)
            return file_ids
        return [entries[failed["Id"]] for failed in reply.get("Failed", [])]

    def _entry(self, place: str, job: Job, file_id: int, group: str) -> Any:
        delay_s = self._delay_s()
        return {
            "Id": place,
            "MessageBody": _message(job, file_id),
            "DelaySeconds": delay_s,
            "MessageGroupId": group,
            **attributes_of(job.origin, delay_s),
        }

    def _delay_s(self) -> int:
        wait = random.uniform(self._delay.min_ms, self._delay.max_ms) / 1000  # noqa: S311 # no secret: a demo's delay
        return min(LONGEST_DELAY_S, round(wait))


def _message(job: Job, file_id: int) -> str:
    return FileMessage(jobId=UUID(job.job_id), fileId=file_id, round=job.round).json()
