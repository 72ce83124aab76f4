"""SQS in memory: messages by the name of their queue, taken out in batches as a mapping takes them."""

from collections import defaultdict, deque
from collections.abc import Mapping
from itertools import count
from typing import Any

Message = dict[str, Any]


class Queues:
    def __init__(self) -> None:
        self._waiting: dict[str, deque[Message]] = defaultdict(deque)
        self._numbers = count(1)

    def answer(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Raises NotImplementedError for an operation that nothing here answers."""
        name = request["QueueUrl"].rsplit("/", 1)[-1]
        match operation:
            case "SendMessageBatch":
                sent = [self._put(name, entry) for entry in request["Entries"]]
                return {"Successful": sent, "Failed": []}
            case "SendMessage":
                return self._put(name, request)
            case "GetQueueAttributes":
                return {"Attributes": dict.fromkeys(request["AttributeNames"], str(len(self._waiting[name])))}
        raise NotImplementedError(f"the stand-in has no sqs:{operation}")

    def waiting(self, name: str) -> int:
        return len(self._waiting[name])

    def take(self, name: str, most: int) -> list[Message]:
        """Up to ``most`` records of an event, as Lambda's mapping hands them on."""
        queue = self._waiting[name]
        return [queue.popleft() for _ in range(min(most, len(queue)))]

    def _put(self, name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        message_id = f"00000000-0000-4000-8000-{next(self._numbers):012d}"
        told = entry.get("MessageAttributes", {})
        record = {
            "messageId": message_id,
            "receiptHandle": f"receipt-{message_id}",
            "body": entry["MessageBody"],
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795435200123"},
            "messageAttributes": {
                key: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
                for key, value in told.items()
            },
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:eu-central-1:123456789012:{name}",
            "awsRegion": "eu-central-1",
        }
        self._waiting[name].append(record)
        return {"Id": entry.get("Id", ""), "MessageId": message_id, "MD5OfMessageBody": ""}
