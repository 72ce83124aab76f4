"""What is left to each account: two small items, each changed by conditional writes alone."""

from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from downloads.allowance import Rate, Standing
from downloads.aws import items
from downloads.aws.faults import translated
from downloads.aws.places import Places
from downloads.errors import RateLimitedError, StateUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Kept so much longer than the bucket takes to be full again: then the item is as good as none.
KEPT = timedelta(days=1)
# The bucket can only change sides between two tries, as time passes: more tries than these mean trouble.
MOST_TRIES = 8


class DynamoAllowances:
    """The Allowances port. ``most_open`` is 1 to 100: one BatchGetItem looks at all of them."""

    def __init__(self, client: "DynamoDBClient", table: str, rate: Rate, most_open: int) -> None:
        self._client = client
        self._table = table
        self._rate = rate
        places = Places(client, table, most_open)
        self.reserve, self.release = translated(places.reserve), translated(places.release)

    @translated
    def take(self, account: str, now: datetime) -> None:
        now_ms = items.epoch_ms(now)
        for _ in range(MOST_TRIES):
            full_at = self._take_from_full(account, now_ms)
            if full_at is None:
                return
            if full_at >= now_ms:
                full_at = self._take_one_more(account, now_ms)
                if full_at is None:
                    return
            latest = self._rate.latest_ms(now_ms)
            if full_at > latest:
                raise RateLimitedError(ceil((full_at - latest) / 1000))
        raise StateUnavailableError

    @translated
    def standing(self, account: str, now: datetime) -> Standing:
        reply = self._client.get_item(TableName=self._table, Key=_bucket_key(account), ConsistentRead=True)
        now_ms = items.epoch_ms(now)
        return self._rate.standing(_full_at(reply.get("Item", {})), now_ms)

    def _take_from_full(self, account: str, now_ms: int) -> int | None:
        """None when taken, else the moment at which the bucket will be full again."""
        values = {":fresh": now_ms + self._rate.interval_ms, ":now": now_ms}
        return self._try(account, ":fresh", "attribute_not_exists(full_at) OR full_at < :now", values)

    def _take_one_more(self, account: str, now_ms: int) -> int | None:
        values = {":token": self._rate.interval_ms, ":now": now_ms, ":latest": self._rate.latest_ms(now_ms)}
        return self._try(account, "full_at + :token", "full_at BETWEEN :now AND :latest", values)

    def _try(self, account: str, full_at: str, condition: str, values: dict[str, int]) -> int | None:
        expires_at = self._rate.latest_ms(values[":now"]) // 1000 + int(KEPT.total_seconds())
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_bucket_key(account),
                UpdateExpression=f"SET full_at = {full_at}, expires_at = :expires_at",
                ConditionExpression=condition,
                ExpressionAttributeValues=items.to_values(values | {":expires_at": expires_at}),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            stands: Any = error.response.get("Item", {})
            return _full_at(stands)
        return None


def _bucket_key(account: str) -> items.Item:
    return items.account_key(account, "BUCKET")


def _full_at(item: Any) -> int:
    return int(items.from_item(item).get("full_at", 0))
