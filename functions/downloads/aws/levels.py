"""How full queues are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from downloads.aws.sqs import IN_A_LANE
from downloads.errors import StateUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class Level:
    """About how many messages a queue holds: SQS counts approximately."""

    visible: int
    in_flight: int
    delayed: int

    @property
    def all(self) -> int:
        return self.visible + self.in_flight + self.delayed


def level_of(client: "SQSClient", url: str) -> Level:
    """Raises StateUnavailableError."""
    try:
        told = client.get_queue_attributes(QueueUrl=url, AttributeNames=IN_A_LANE)["Attributes"]
    except (ClientError, BotoCoreError) as error:
        raise StateUnavailableError from error
    visible, in_flight, delayed = (int(told[name]) for name in IN_A_LANE)
    return Level(visible, in_flight, delayed)
