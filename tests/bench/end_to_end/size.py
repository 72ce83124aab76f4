"""How large a run is. BENCH_SCALE=0.02 makes one for trying out; only the full size is worth publishing."""

import os
from dataclasses import dataclass

VARIABLE = "BENCH_SCALE"
LEAST_JOBS = 20


@dataclass(frozen=True)
class Size:
    """`jobs` of ten files at `rate` a second, then one job of all `files`; `calls` of the no-op function."""

    jobs: int = 1_000
    files_a_job: int = 10
    rate: float = 20.0
    calls: int = 400

    @property
    def files(self) -> int:
        return self.jobs * self.files_a_job


def size() -> Size:
    """By the environment. Raises ValueError for a scale that is not above 0 and at most 1."""
    scale = float(os.environ.get(VARIABLE, "1"))
    if not 0 < scale <= 1:
        raise ValueError(f"{VARIABLE} is {scale}: above 0, and at most 1")
    return Size(jobs=max(LEAST_JOBS, round(1_000 * scale)), calls=max(100, round(400 * scale)))
