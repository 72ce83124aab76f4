"""Which faults are injected, where, how often and when: the whole plan of a run stands in this table."""

import random
import threading
from collections import Counter
from dataclasses import dataclass, field

from tests.chaos import harm
from tests.chaos.calls import Call
from tests.chaos.harm import Harm


@dataclass(frozen=True)
class Fault:
    """One kind of fault: `rate` is its share of the calls it fits, `peak` its share within `window`.

    A window lies between two numbers of such calls, each given per file of the run, so that a slow
    machine meets the same faults as a fast one. No `operations` or `callers` means all of them. However
    small its rate, a fault is injected for the first time by its call number `sure`.
    """

    name: str
    service: str
    rate: float
    harm: Harm | None = None
    operations: frozenset[str] = frozenset()
    callers: frozenset[str] = frozenset()
    peak: float = 0.0
    window: tuple[float, float] = (0.0, 0.0)
    sure: int = 25

    def fits(self, call: Call) -> bool:
        return (
            self.service in ("any", call.service)
            and (not self.operations or call.operation in self.operations)
            and (not self.callers or call.caller in self.callers)
        )

    @property
    def unit(self) -> str:
        """What its rate is a share of."""
        return f"{self.service}s" if self.service in {"message", "connection"} else "calls"

    def share(self, number: int, files: int) -> float:
        begin, end = (edge * files for edge in self.window)
        return self.peak if begin <= number < end else self.rate


WORKER, PUBLISHER = frozenset({"process_file"}), frozenset({"publish_progress"})
OTHERS = frozenset({"initiate_job", "jobs_api", "sweep_jobs", "bury_file", "websocket"})
TRANSACTION, SEND, HEAD = (frozenset({name}) for name in ("TransactWriteItems", "SendMessageBatch", "HEAD"))
WRITES = TRANSACTION | {"PutItem", "UpdateItem"}

CALL_FAULTS = (
    Fault("function killed before its call", "any", 0.0007, harm.killed_before, callers=WORKER),
    Fault("function killed after its write", "any", 0.01, harm.killed_after, WRITES, WORKER),
    Fault("API, socket or sweeper function killed", "any", 0.003, harm.killed_after, callers=OTHERS),
    Fault("stream batch broken off", "any", 0.002, harm.killed_before, callers=PUBLISHER),
    Fault(
        "stream batch's calls fail", "dynamodb", 0.005, harm.internal_error,
        callers=PUBLISHER, peak=0.7, window=(0.05, 0.053),
    ),
    Fault("S3 answers 503", "s3", 0.01, harm.slow_down, HEAD, peak=0.9, window=(0.2, 0.3)),
    Fault("S3 hangs", "s3", 0.0005, harm.hang, HEAD),
    Fault("DynamoDB throttles", "dynamodb", 0.005, harm.throttled, peak=0.5, window=(0.15, 0.18)),
    Fault("DynamoDB answers 500", "dynamodb", 0.005, harm.internal_error),
    Fault("transaction conflict", "dynamodb", 0.04, harm.conflict, TRANSACTION),
    Fault("transaction throttled", "dynamodb", 0.02, harm.throttled_transaction, TRANSACTION),
    Fault("written, answered 500", "dynamodb", 0.02, harm.written_but_500, WRITES),
    Fault("written, answer cut off", "dynamodb", 0.01, harm.written_but_cut, WRITES),
    Fault("SQS answers 500", "sqs", 0.03, harm.sqs_error),
    Fault("sent, answered 500", "sqs", 0.02, harm.written_but_500, SEND),
    Fault("frame answered 410", "websocket", 0.03, harm.gone, sure=5),
    Fault("frame answered 500", "websocket", 0.05, harm.internal_error, sure=5),
    Fault("frame hangs", "websocket", 0.005, harm.hang, sure=5),
)  # fmt: skip
"""Drawn for each call, the first that falls is done."""

DOUBLED = Fault("message sent twice", "message", 0.30)
REFUSED = Fault("message refused", "message", 0.03)
VANISHED = Fault("message lost, answered as sent", "message", 0.001)
DROPPED = Fault("WebSocket client dropped", "connection", 0.5, sure=2)

FAULTS = (DOUBLED, REFUSED, VANISHED, DROPPED, *CALL_FAULTS)


@dataclass
class Dice:
    """Draws faults, each from a generator of its own: its n-th draw depends on the seed and n alone.

    Nothing falls before `rolling` is set. May be shared by threads.
    """

    seed: int
    files: int
    rolling: bool = False
    drawn: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        # A seed of text is hashed the same way in every process.
        self._random = {fault.name: random.Random(f"{self.seed} {fault.name}") for fault in FAULTS}
        self._first = {fault.name: self._random[fault.name].randint(1, fault.sure) for fault in FAULTS}

    def falls(self, fault: Fault) -> bool:
        """One draw. A fault that was not injected yet when it should have been stays due."""
        if not self.rolling:
            return False
        with self._lock:
            self.drawn[fault.name] += 1
            number = self.drawn[fault.name]
            due = not self.injected[fault.name] and number >= self._first[fault.name]
            return self._random[fault.name].random() < fault.share(number, self.files) or due

    def fault_of(self, call: Call) -> Fault | None:
        """The fault that this call meets."""
        fallen = [fault for fault in CALL_FAULTS if fault.fits(call) and self.falls(fault)]
        return fallen[0] if fallen else None

    def note(self, fault: Fault) -> None:
        """The fault was injected."""
        with self._lock:
            self.injected[fault.name] += 1

    def take_back(self, fault: Fault) -> None:
        """The fault could not be injected after all."""
        with self._lock:
            self.injected[fault.name] -= 1

    @property
    def missing(self) -> list[str]:
        """Faults that were never injected: a run without them proves nothing of them."""
        return [fault.name for fault in FAULTS if not self.injected[fault.name]]
