"""What the clients of a run ask for, drawn from its seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from infra_cdk.config import for_stage

THERE = range(20_000, 21_000)
MISSING = range(30_000, 30_200)
"""File ids that the bucket has, and such that it hasn't. Ids belong to a job, so jobs may share them."""

LARGEST = for_stage("dev").max_files_per_job
SHARE_WATCHED, FEWEST_WATCHED = 0.2, 8
SHARES_OF_MISSING = (0.0, 0.0, 0.02, 0.1)


@dataclass(frozen=True)
class Order:
    """One job to be: what it is, and what its client does to it besides waiting."""

    key: str
    file_ids: frozenset[int]
    priority: str = "normal"
    on_error: str = "continue"
    cancels: bool = False
    retries: bool = False
    repeats: bool = False
    watches: bool = False

    @property
    def body(self) -> dict[str, object]:
        return {"file_ids": sorted(self.file_ids), "priority": self.priority, "on_error": self.on_error}


def draw(seed: int, jobs: int, files: int) -> list[Order]:
    """`jobs` orders of `files` files altogether, of 1 to 1,000 each.

    Raises ValueError when so many files cannot be shared out so.
    """
    if not jobs <= files <= jobs * LARGEST:
        raise ValueError(f"{files} files are not 1 to {LARGEST} for each of {jobs} jobs")
    source = random.Random(f"{seed} orders")
    watched = max(SHARE_WATCHED, FEWEST_WATCHED / jobs)
    sizes = _sizes(jobs, files, source)
    return [_order(f"chaos-{seed}-{place}", size, source, watched) for place, size in enumerate(sizes)]


def _sizes(jobs: int, files: int, source: random.Random) -> Sequence[int]:
    """Many small jobs and a few large ones; the first is as large as it can be."""
    weights = [source.paretovariate(0.8) - 1 for _ in range(jobs)]
    weights[0] = sum(weights)
    sizes = [max(1, min(LARGEST, int(files * weight / sum(weights)))) for weight in weights]
    while (short := files - sum(sizes)) != 0:
        place = source.randrange(jobs)
        sizes[place] = max(1, min(LARGEST, sizes[place] + max(-20, min(20, short))))
    return sizes


def _order(key: str, size: int, source: random.Random, watched: float) -> Order:
    missing = round(size * source.choice(SHARES_OF_MISSING)) or source.random() < 0.15
    ids = source.sample(THERE, size - missing) + source.sample(MISSING, int(missing))
    return Order(
        key,
        frozenset(ids),
        priority="high" if source.random() < 0.3 else "normal",
        on_error="fail_fast" if source.random() < 0.15 else "continue",
        cancels=source.random() < 0.08,
        retries=source.random() < 0.3,
        repeats=source.random() < 0.3,
        watches=source.random() < watched,
    )
