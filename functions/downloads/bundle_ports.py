"""What bundling needs from outside, in domain words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from downloads.bundle import Sizes, prefix
from downloads.bundling.stream import Body, Position
from downloads.bundling.volumes import archive_name
from downloads.file import SignedUrl, StoredObject


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that is complete: ``files`` counts what is in it, ``etag`` has no quotes."""

    name: str
    size: int
    etag: str
    files: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a round's archives are, so that any run can go on.

    ``finished`` are complete; of the next, the upload ``upload_id`` has ``parts`` parts, up to ``position``.
    ``seal`` is the CRC-32 over those parts' ETags: another run's late part would break it. ``holder`` is
    the run that has the lease. ``plan`` is the digest of the round's ``volumes`` archives, none before they
    are planned: what was written by another plan is of no use.
    """

    job_id: str
    round: int
    sizes: Sizes
    expires_at: datetime
    holder: str
    finished: tuple[Archive, ...] = ()
    upload_id: str | None = None
    parts: int = 0
    seal: int = 0
    position: Position = field(default_factory=Position)
    plan: str = ""
    volumes: int = 0

    @property
    def key(self) -> str | None:
        """Of the archive under way, if there is one more."""
        part = len(self.finished) + 1
        if part > self.volumes:
            return None
        return prefix(self.job_id, self.round) + archive_name(self.job_id, part, self.volumes)

    @property
    def complete(self) -> bool:
        """Whether all archives of the round are."""
        return bool(self.finished) and len(self.finished) == self.volumes

    @property
    def written(self) -> int:
        """Bytes of all archives so far."""
        return sum(archive.size for archive in self.finished) + self.position.offset


class Checkpoints(Protocol):
    """Where runs note how far they are. Every call may raise StateUnavailableError."""

    def take(self, fresh: Checkpoint, now: datetime) -> Checkpoint | None:
        """The lease for ``fresh.holder``, with the checkpoint that stands, or ``fresh`` if there is none.

        None while another run has the lease, which lasts three minutes from its last checkpoint, and when
        the checkpoint is of a later round.
        """

    def save(self, checkpoint: Checkpoint, now: datetime) -> None:
        """Notes how far it is, and renews the lease. Raises LeaseLostError when another run has it."""

    def release(self, checkpoint: Checkpoint) -> None:
        """Gives the lease back; nothing when another run has it."""

    def standing(self, job_id: str, round_: int) -> Checkpoint | None:
        """The last checkpoint of the round, unless a later one has begun."""


class Files(Protocol):
    """The store that holds the files, to read."""

    def open(self, stored: StoredObject, start: int) -> Body:
        """The file from a byte on, which lies before its end.

        Raises FileChangedError, ObjectUnreadableError or StoreUnavailableError.
        """


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an unfinished upload, numbered from 1."""

    number: int
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Whole:
    """An archive as the store has it."""

    size: int
    etag: str


class Archives(Protocol):
    """The store that holds the archives. Every call may raise StoreUnavailableError."""

    def begin(self, key: str) -> str:
        """Begins an upload; answers with its id."""

    def upload(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        """Uploads a part, or replaces it; answers with its ETag. Raises UploadGoneError."""

    def parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """The parts of an upload, by number. Raises UploadGoneError."""

    def complete(self, key: str, upload_id: str, parts: Sequence[Part]) -> Whole:
        """Makes an object of the parts. Raises UploadGoneError."""

    def find(self, key: str) -> Whole | None:
        """The archive, if it is complete."""

    def end(self, key: str, upload_id: str) -> None:
        """Ends an unfinished upload, and frees its parts; nothing when it is over."""

    def abort(self, prefix: str) -> None:
        """Ends every unfinished upload below the prefix; some servers find those of an exact key only."""

    def delete(self, prefix: str) -> None:
        """Deletes every archive below the prefix."""


class ArchiveLinks(Protocol):
    """Links to archives."""

    def presign(self, key: str, now: datetime) -> SignedUrl:
        """A URL that downloads the archive under its own name. Needs no call to the store."""
