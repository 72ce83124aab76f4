"""The ports of notices in memory. The contract suite holds them to what the real adapters do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from downloads.errors import CallbackFailedError, KeysUnavailableError, NoticeUnsentError
from downloads.notice import Attempt, Failure, Notice


@dataclass
class FakeNotices:
    """Takes nothing while ``down``."""

    sent: list[Notice] = field(default_factory=list)
    buried: list[Notice] = field(default_factory=list)
    hidden: list[tuple[str, int]] = field(default_factory=list)
    down: bool = False

    def send(self, notice: Notice) -> None:
        self._put(self.sent, notice)

    def bury(self, notice: Notice) -> None:
        self._put(self.buried, notice)

    def hide(self, receipt: str, seconds: int) -> bool:
        self.hidden.append((receipt, seconds))
        return not self.down

    def _put(self, place: list[Notice], notice: Notice) -> None:
        if self.down:
            raise NoticeUnsentError
        place.append(notice)


@dataclass
class FakeDeliveries:
    attempts: dict[tuple[str, int, int], Attempt] = field(default_factory=dict)

    def of(self, job_id: str) -> Sequence[Attempt]:
        return [self.attempts[key] for key in sorted(self.attempts) if key[0] == job_id]

    def begin(self, attempt: Attempt) -> bool:
        key = attempt.job_id, attempt.version, attempt.number
        return self.attempts.setdefault(key, attempt) == attempt

    def end(self, attempt: Attempt) -> None:
        self.attempts[attempt.job_id, attempt.version, attempt.number] = attempt


@dataclass
class FakeCallback:
    """A receiver that answers ``answer``; ``meanwhile`` happens while it is asked."""

    answer: int | Failure = 200
    got: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.got.append((url, headers, body))
        self.meanwhile()
        if isinstance(self.answer, Failure):
            raise CallbackFailedError(self.answer)
        return self.answer


@dataclass
class FakeKeys:
    keys: Sequence[bytes] = (b"k" * 32,)

    def live(self) -> Sequence[bytes]:
        if not self.keys:
            raise KeysUnavailableError
        return self.keys
