"""One message into a queue, with its own queue's word for what could not be sent."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from downloads.errors import DownloadError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def send(  # noqa: PLR0913, PLR0917 # where to, what, and what is raised
    client: "SQSClient",
    url: str,
    body: str,
    group: str,
    attributes: Mapping[str, Any],
    unsent: type[DownloadError],
) -> None:
    """Sends a message of a group (SQS's fair queues: no group holds back another's). Raises ``unsent``."""
    try:
        client.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group, **attributes)
    except (ClientError, BotoCoreError) as error:
        raise unsent(str(error)) from error
