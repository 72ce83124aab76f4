"""Transactions on the table: all or nothing, and why nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.aws.faults import PASSING_REASONS
from downloads.model import Job

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONDITION_FAILED = "ConditionalCheckFailed"
WORTH_ANOTHER_TRY = {"None", CONDITION_FAILED} | PASSING_REASONS


def refusals(client: "DynamoDBClient", actions: Sequence[Any]) -> list[str]:
    """Writes them: empty when that was done, else why not, a reason code for each action.

    Raises TransactionCanceledException when another try would be in vain.
    """
    try:
        client.transact_write_items(TransactItems=actions)
    except client.exceptions.TransactionCanceledException as error:
        codes = [reason.get("Code", "None") for reason in error.response["CancellationReasons"]]
        if not WORTH_ANOTHER_TRY.issuperset(codes):
            raise
        return codes
    return []


def replacing(table: str, job: Job, item: items.Item, what: str) -> Any:
    """A Put that replaces no item but ``what`` the condition names, of which ``#round`` and ``:round`` are
    known.
    """
    return {
        "TableName": table,
        "Item": item,
        "ConditionExpression": f"attribute_not_exists(PK) OR {what}",
        "ExpressionAttributeNames": {"#round": "round"},
        "ExpressionAttributeValues": items.to_values({":round": job.round}),
    }
