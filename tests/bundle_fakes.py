"""The ports of bundling in memory. The contract suite holds them to what the real adapters do."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any

from downloads.bundle_ports import Checkpoint, Part, Whole
from downloads.bundle_queue_ports import BundleTask
from downloads.errors import (
    BundleUnsentError,
    FileChangedError,
    LeaseLostError,
    ObjectUnreadableError,
    StoreUnavailableError,
    UploadGoneError,
)
from downloads.file import ErrorCode, SignedUrl, StoredObject

LEASE = timedelta(minutes=3)


@dataclass
class FakeBody:
    """``breaks_after`` so many bytes the connection ends."""

    data: memoryview
    closed: bool = False
    breaks_after: int | None = None

    def read(self, amount: int, /) -> bytes:
        if self.breaks_after is not None:
            if not self.breaks_after:
                raise StoreUnavailableError(ErrorCode.STORAGE_UNAVAILABLE)
            amount = min(amount, self.breaks_after)
            self.breaks_after -= amount
        taken, self.data = bytes(self.data[:amount]), self.data[amount:]
        return taken

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeFiles:
    """Objects by key: an ETag, and bytes. ``breaks_after`` so many bytes of each answer."""

    objects: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    bodies: list[FakeBody] = field(default_factory=list)
    breaks_after: int | None = None

    def open(self, stored: StoredObject, start: int) -> FakeBody:
        if stored.key in self.forbidden:
            raise ObjectUnreadableError(ErrorCode.FORBIDDEN)
        if stored.key not in self.objects:
            raise ObjectUnreadableError(ErrorCode.NOT_FOUND)
        etag, data = self.objects[stored.key]
        if etag != stored.etag or start >= len(data):
            raise FileChangedError(stored.key)
        self.bodies.append(FakeBody(memoryview(data)[start:], breaks_after=self.breaks_after))
        return self.bodies[-1]


@dataclass
class FakeArchives:
    """Uploads by id: the key, and parts by number. ``exact`` servers list those of a whole key alone."""

    uploads: dict[str, tuple[str, dict[int, bytes]]] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    begun: int = 0
    exact: bool = False

    def begin(self, key: str) -> str:
        self.begun += 1
        upload_id = f"upload-{self.begun}"
        self.uploads[upload_id] = (key, {})
        return upload_id

    def upload(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        self._parts(key, upload_id)[number] = data
        return _etag(data)

    def parts(self, key: str, upload_id: str) -> Sequence[Part]:
        parts = self._parts(key, upload_id)
        return [Part(number, len(parts[number]), _etag(parts[number])) for number in sorted(parts)]

    def complete(self, key: str, upload_id: str, parts: Sequence[Part]) -> Whole:
        stored = self._parts(key, upload_id)
        self.objects[key] = b"".join(stored[part.number] for part in parts)
        del self.uploads[upload_id]
        return Whole(len(self.objects[key]), _etag(self.objects[key]))

    def find(self, key: str) -> Whole | None:
        data = self.objects.get(key)
        return None if data is None else Whole(len(data), _etag(data))

    def end(self, key: str, upload_id: str) -> None:
        self.uploads.pop(upload_id, None)

    def abort(self, prefix: str) -> None:
        listed = prefix.__eq__ if self.exact else lambda key: key.startswith(prefix)
        self.uploads = {
            upload_id: upload for upload_id, upload in self.uploads.items() if not listed(upload[0])
        }

    def delete(self, prefix: str) -> None:
        self.objects = {key: data for key, data in self.objects.items() if not key.startswith(prefix)}

    def presign(self, key: str, now: datetime) -> SignedUrl:
        return SignedUrl(f"https://store.example/{key}?at={now.timestamp()}", now + timedelta(minutes=15))

    def _parts(self, key: str, upload_id: str) -> dict[int, bytes]:
        if upload_id not in self.uploads or self.uploads[upload_id][0] != key:
            raise UploadGoneError
        return self.uploads[upload_id][1]


@dataclass
class FakeCheckpoints:
    """Checkpoints with the end of their lease, by job."""

    stored: dict[str, tuple[Checkpoint, datetime | None]] = field(default_factory=dict)

    def take(self, fresh: Checkpoint, now: datetime) -> Checkpoint | None:
        stands, until = self.stored.get(fresh.job_id, (None, None))
        if stands is None or stands.round < fresh.round:
            taken = fresh
        elif stands.round > fresh.round or (until and until > now):
            return None
        else:
            taken = replace(stands, holder=fresh.holder)
        self.stored[fresh.job_id] = (taken, now + LEASE)
        return taken

    def save(self, checkpoint: Checkpoint, now: datetime) -> None:
        if not self._holds(checkpoint):
            raise LeaseLostError(checkpoint.job_id)
        self.stored[checkpoint.job_id] = (checkpoint, now + LEASE)

    def release(self, checkpoint: Checkpoint) -> None:
        if self._holds(checkpoint):
            self.stored[checkpoint.job_id] = (checkpoint, None)

    def standing(self, job_id: str, round_: int) -> Checkpoint | None:
        stands, _ = self.stored.get(job_id, (None, None))
        return stands if stands and stands.round == round_ else None

    def _holds(self, checkpoint: Checkpoint) -> bool:
        stands, _ = self.stored[checkpoint.job_id]
        return (stands.holder, stands.round) == (checkpoint.holder, checkpoint.round)


@dataclass
class FakeBundleQueue:
    """Takes nothing while ``down``."""

    sent: list[BundleTask] = field(default_factory=list)
    hidden: list[tuple[str, int]] = field(default_factory=list)
    down: bool = False

    def send(self, task: BundleTask) -> None:
        if self.down:
            raise BundleUnsentError
        self.sent.append(task)

    def hide(self, receipt: str, seconds: int) -> bool:
        self.hidden.append((receipt, seconds))
        return not self.down


class AtOnce(Executor):
    """Does what is submitted before it answers: steps come in one order."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 # as the executors of the standard library
            done.set_exception(error)
        return done


def _etag(data: bytes) -> str:
    return md5(data, usedforsecurity=False).hexdigest()
