"""Which files go into which archive, under which names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from downloads.bundle import MIB, prefix
from downloads.file import FailedFile, FileResult, StoredObject
from downloads.names import safe_name, told_apart

MANIFEST = "MANIFEST.json"
# Amazon S3's multipart upload limits: this many parts, of 5 MiB at least but the last.
MOST_PARTS = 10_000
# Two parts of a file that large are held at once: more would not fit into a function.
LARGEST_PART = 64 * MIB
# Of one file with its records, which leaves 640 MiB of an archive for its manifest and directory.
LARGEST_MEMBER = LARGEST_PART * (MOST_PARTS - 10)
TOO_LARGE = "TOO_LARGE"
# What a file costs besides its bytes: three records, and its entry in the manifest.
RECORDS_BYTES, NAMES = 700, 4


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: what it is called there, and where its bytes are."""

    file_id: int
    name: str
    stored: StoredObject

    @property
    def cost(self) -> int:
        """Bytes in the archive, at most."""
        return self.stored.size + RECORDS_BYTES + NAMES * len(self.name.encode())

    @property
    def fits(self) -> bool:
        return self.cost <= LARGEST_MEMBER


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that is in no archive, and the code why."""

    file_id: int
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Volume:
    """One archive: number ``part`` (from 1) of the ``names`` of all, each whole by itself.

    Everything in it follows from the job's results, so that each run that writes it plans it alike.
    """

    job_id: str
    round: int
    created_at: datetime
    part: int
    names: tuple[str, ...]
    members: Sequence[Member]
    missing: Sequence[Missing] = ()

    @property
    def name(self) -> str:
        return self.names[self.part - 1]

    @property
    def key(self) -> str:
        return f"{prefix(self.job_id, self.round)}{self.name}"

    @property
    def size(self) -> int:
        """About how many bytes: no fewer than there will be."""
        failures = sum(RECORDS_BYTES + NAMES * len(each.name.encode()) for each in self.missing)
        return sum(member.cost for member in self.members) + failures + RECORDS_BYTES

    def part_bytes(self, least: int) -> int:
        """``least``, or as many whole MiB as it takes for the archive to fit into 10,000 parts."""
        if self.size <= least * MOST_PARTS:
            return least
        return -(-self.size // (MOST_PARTS * MIB)) * MIB


def names_in_archive(names: Mapping[int, str]) -> dict[int, str]:
    """Safe names, told apart from one another and from the manifest's."""
    safe = {file_id: safe_name(name, file_id) for file_id, name in names.items()}
    return told_apart(safe, reserved=(MANIFEST,))


@dataclass(frozen=True, slots=True)
class Round:
    """What the archives of a job's round are made of; ``created_at`` is the date that files get in them."""

    job_id: str
    round: int
    created_at: datetime
    names: Mapping[int, str]
    results: Mapping[int, FileResult]


def volumes(made_of: Round, most_bytes: int) -> list[Volume]:
    """The archives, by ascending file id: as few as keep below ``most_bytes`` each, or have one file."""
    members, missing = _members(made_of)
    shelves = _shelves(members, most_bytes)
    called = tuple(archive_name(made_of.job_id, part, len(shelves)) for part in range(1, len(shelves) + 1))
    return [
        Volume(made_of.job_id, made_of.round, made_of.created_at, part, called, shelf, missing)
        for part, shelf in enumerate(shelves, 1)
    ]


def _members(made_of: Round) -> tuple[list[Member], tuple[Missing, ...]]:
    """Files that are ready and fit into an archive, and those that failed, or are too large for any."""
    members, missing = [], []
    for file_id, result in sorted(made_of.results.items()):
        name = made_of.names[file_id]
        if isinstance(result, FailedFile):
            missing.append(Missing(file_id, name, result.error_code.value))
        elif (member := Member(file_id, name, result.stored)).fits:
            members.append(member)
        else:
            missing.append(Missing(file_id, name, TOO_LARGE))
    return members, tuple(missing)


def _shelves(members: Sequence[Member], most_bytes: int) -> list[list[Member]]:
    shelves: list[list[Member]] = []
    room = 0
    for member in members:
        if not shelves or member.cost > room:
            shelves.append([])
            room = most_bytes
        shelves[-1].append(member)
        room -= member.cost
    return shelves


def archive_name(job_id: str, part: int, parts: int) -> str:
    """What archive ``part`` (from 1) of so many is called."""
    return f"{job_id}.zip" if parts == 1 else f"{job_id}-{part}of{parts}.zip"
