"""The queue where dead letters wait, up to 14 days, for a redrive."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from downloads.aws.sqs import MESSAGES_PER_BATCH

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

TAKEN_FOR_S = 300


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked message, taken for five minutes."""

    receipt: str
    body: str


class SqsParking:
    """Parks, takes and settles dead letters."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def park(self, bodies: Mapping[str, str]) -> Collection[str]:
        """Parks bodies by their message ids; answers with the ids that could not be.

        One call a body: SQS takes no batch of more than 1 MiB in all, and one body may have as much.
        """
        return [message_id for message_id, body in bodies.items() if not self._park(body)]

    def take(self, most: int) -> Sequence[Parked]:
        """Up to ``most`` parked messages; fewer when the queue shows no more."""
        taken: list[Parked] = []
        while len(taken) < most:
            reply = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(MESSAGES_PER_BATCH, most - len(taken)),
                VisibilityTimeout=TAKEN_FOR_S,
                WaitTimeSeconds=1,
            )
            messages = reply.get("Messages", [])
            if not messages:
                break
            taken += [Parked(message["ReceiptHandle"], message["Body"]) for message in messages]
        return taken

    def settle(self, done: Collection[str], stay: Collection[str]) -> None:
        """Deletes what went round again; what stays is visible again at once."""
        for receipt in done:
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)
        for receipt in stay:
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0
            )

    def _park(self, body: str) -> bool:
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body)
        except (ClientError, BotoCoreError):
            return False
        return True
