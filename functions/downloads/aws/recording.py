"""Jobs for those who record results: they alone have to know how long a result is kept."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from downloads.aws.counting import Counter
from downloads.aws.dynamodb import DynamoJobs, utc_now
from downloads.aws.faults import translated
from downloads.aws.recent import Recent
from downloads.observed import Tell, nobody

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class RecordingDynamoJobs(DynamoJobs):
    """The RecordingJobs port. ``file_ttl`` is how long a result is kept after its job was accepted."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        file_ttl: timedelta,
        clock: Callable[[], datetime] = utc_now,
        tell: Tell = nobody,
    ) -> None:
        super().__init__(client, table, clock, tell)
        self.lately = Recent(self.get).of
        self.record = translated(Counter(client, table, file_ttl, self.get, self.settle, tell).record)
