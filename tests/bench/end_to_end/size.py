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
    def trial(self) -> bool:
        """Whether it is too small to be published."""
        return self.jobs < Size().jobs

    @property
    def files(self) -> int:
        return self.jobs * self.files_a_job


def size() -> Size:
    """By the environment. Raises ValueError for a scale that is not above 0 and at most 1."""
    scale = _scale(os.environ.get(VARIABLE, "1"))
    return Size(jobs=max(LEAST_JOBS, round(1_000 * scale)), calls=max(100, round(400 * scale)))


def _scale(text: str) -> float:
    wrong = ValueError(f"{VARIABLE} is {text!r}: a number above 0, and at most 1")
    try:
        scale = float(text)
    except ValueError:
        raise wrong from None
    if not 0 < scale <= 1:
        raise wrong
    return scale
