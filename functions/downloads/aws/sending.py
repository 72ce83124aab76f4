"""One message into a queue, with its own queue's word for what could not be sent."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from downloads.errors import DownloadError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def send(client: "SQSClient", url: str, body: str, unsent: type[DownloadError], **more: Any) -> None:
    """Sends a message; ``more`` is what else SendMessage takes. Raises ``unsent``.

    With a MessageGroupId no group holds back another's: SQS's fair queues.
    """
    try:
        client.send_message(QueueUrl=url, MessageBody=body, **more)
    except (ClientError, BotoCoreError) as error:
        raise unsent(str(error)) from error
