"""Which faults of AWS pass by themselves."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from downloads.errors import StateUnavailableError

# DynamoDB's developer guide, "Error handling": what is worth another attempt though it is a 400.
THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionInProgressException",
    "TransactionConflictException",
}
# Reasons to cancel a transaction, by the API reference of TransactWriteItems, that pass as well.
PASSING_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def passes(error: ClientError) -> bool:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    reasons: Any = error.response.get("CancellationReasons", [])
    return (
        error.response["Error"]["Code"] in THROTTLED
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or any(reason.get("Code") in PASSING_REASONS for reason in reasons)
    )


def translated(call: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The call with its passing faults raised as StateUnavailableError."""

    @wraps(call)
    def careful(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        try:
            return call(*args, **kwargs)
        except BotoCoreError as error:
            raise StateUnavailableError from error
        except ClientError as error:
            if passes(error):
                raise StateUnavailableError from error
            raise

    return careful
