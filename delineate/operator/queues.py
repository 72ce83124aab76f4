"""The stack's queues as SQS counts them, about right at any moment: its numbers are approximate by design."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LANES = {
    "HighQueueUrl": "high",
    "NormalQueueUrl": "normal",
    "NoticesQueueUrl": "notices",
    "BundlesQueueUrl": "bundles",
}
ENDS = {
    "DeadLetterQueueUrl": "dead letters",
    "ParkedQueueUrl": "parked",
    "UndeliveredQueueUrl": "undelivered",
    "UnbundledQueueUrl": "unbundled",
    "ProgressFailuresQueueUrl": "stream failures",
    "MissedSweepsQueueUrl": "missed sweeps",
    "MissedClosingsQueueUrl": "missed closings",
}
NAMES = {**LANES, **ENDS}
DEAD = "dead letters"
ATTRIBUTES = {
    "waiting": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


@dataclass(frozen=True)
class Depth:
    """A queue's messages: to be had now, being worked on (or hidden until a retry), and held back."""

    waiting: int = 0
    in_flight: int = 0
    delayed: int = 0

    @property
    def all(self) -> int:
        """Every message of the queue."""
        return self.waiting + self.in_flight + self.delayed


def depths(sqs: Any, urls: Mapping[str, str]) -> dict[str, Depth]:
    """The depth of each queue among `urls`, by its plain name; needs `sqs:GetQueueAttributes`."""
    names = {output: name for output, name in NAMES.items() if output in urls}
    return {name: _depth(sqs, urls[output]) for output, name in names.items()}


def _depth(sqs: Any, url: str) -> Depth:
    reply = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(ATTRIBUTES.values()))
    told = reply["Attributes"]
    return Depth(**{name: int(told[attribute]) for name, attribute in ATTRIBUTES.items()})
