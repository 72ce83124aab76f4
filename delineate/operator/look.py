"""One look at the whole service: what it keeps of its open jobs and its queues, faults included."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from delineate.operator.agenda import Fetched, Listed, fetched, listed
from delineate.operator.cloud import AdminFault, ClientOf, Place, asked
from delineate.operator.items import Job
from delineate.operator.queues import Depth, depths

MOST_JOBS = 500


@dataclass(frozen=True)
class Look:
    """What was seen at one moment; a part that could not be read is None, and `faults` says why.

    `jobs` are those looked at, at most 500 of the `listed`, with the counts that the service
    wrote down last, some moments ago; `left` are jobs that were open at the look before and are not listed
    any more; `gone` are the ids among these that have no item left.
    """

    at: datetime
    listed: Listed | None = None
    jobs: Mapping[str, Job] = field(default_factory=dict)
    left: Mapping[str, Job] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    queues: Mapping[str, Depth] | None = None
    faults: tuple[str, ...] = ()

    @property
    def open(self) -> list[Job]:
        """Jobs that have not ended; one whose webhook is still to be queued is listed and has."""
        return [job for job in self.jobs.values() if job.open]

    @property
    def seen(self) -> bool:
        """Whether its jobs are known: the index was read, and the jobs it lists."""
        return self.listed is not None and (bool(self.jobs) or not self.listed.ids)

    @property
    def unseen(self) -> int:
        """How many listed jobs were not looked at."""
        return len(self.listed.ids) - len(self.jobs) if self.listed else 0


class Observer:
    """Looks again and again at one place; faults of AWS become words in the look."""

    def __init__(
        self, place: Place, client_of: ClientOf, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._place = place
        self._dynamodb, self._sqs = asked(lambda: (client_of("dynamodb"), client_of("sqs")))
        self._clock = clock
        self._followed: set[str] = set()

    def look(self) -> Look:
        """Look now; jobs that left the index since the last time are read once more, for how they ended."""
        at, faults = self._clock(), _Faults()
        names = faults.of("the index of open jobs", lambda: listed(self._dynamodb, self._place.table))
        jobs, left, gone = self._read(names, faults) if names else ({}, {}, frozenset[str]())
        queues = faults.of("the queues", lambda: depths(self._sqs, self._place.queues))
        return Look(at, names, jobs, left, gone, queues, tuple(faults.told))

    def _read(
        self, names: Listed, faults: "_Faults"
    ) -> tuple[dict[str, Job], dict[str, Job], frozenset[str]]:
        there = set(names.ids)
        # Of a list that was cut off nobody knows who left it.
        away = sorted(self._followed - there)[:MOST_JOBS] if names.whole else []
        wanted = self._chosen(names.ids)
        found: Fetched | None = faults.of(
            "jobs", lambda: fetched(self._dynamodb, self._place.table, [*wanted, *away])
        )
        if found is None:
            return {}, {}, frozenset()
        if found.unread:
            faults.told.append(f"The table was too busy to tell of {len(found.unread):,} jobs.")
        jobs = {job_id: found.jobs[job_id] for job_id in wanted if job_id in found.jobs}
        left = {job_id: found.jobs[job_id] for job_id in away if job_id in found.jobs}
        # The index is late by a moment: a job that left it and goes on is followed until it has ended.
        self._followed = set(jobs) | {one for one, job in left.items() if job.open} | set(found.unread)
        return jobs, left, frozenset(set(away) - left.keys() - found.unread)

    def _chosen(self, ids: Sequence[str]) -> list[str]:
        """Those followed already come first, so that rates are of the same jobs; then those due first."""
        return sorted(ids, key=lambda job_id: job_id not in self._followed)[:MOST_JOBS]


class _Faults:
    """What could not be read, in words."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def of(self, what: str, call: Callable[[], Any]) -> Any:
        try:
            return asked(call)
        except AdminFault as fault:
            self.told.append(f"Cannot read {what}: {fault}")
            return None
