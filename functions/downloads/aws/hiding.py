"""Received messages that are to come again later."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def hidden(client: "SQSClient", url: str, receipt: str, seconds: int) -> bool:
    """Hides a message for so many seconds (0 to 43,200); False when that could not be said."""
    try:
        client.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=seconds)
    except (ClientError, BotoCoreError):
        return False
    return True
