"""What an audit finds, and the numbers it comes to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the promise was broken. `wrong` is whatever is neither of the other three."""

    LOST = "lost"
    DOUBLE = "double"
    STUCK = "stuck"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """`files` is how many files of the job it is about, 0 when it is about the job itself."""

    kind: Kind
    job_id: str
    what: str
    files: int = 0

    def __str__(self) -> str:
        return f"{self.kind}: job {self.job_id}: {self.what}"


@dataclass(frozen=True)
class Verdict:
    """Numbers of jobs and of files by what became of them, and every finding."""

    jobs: Counter[str]
    files: Counter[str]
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, jobs: Counter[str], files: Counter[str], findings: Iterable[Finding]) -> "Verdict":
        found = tuple(findings)
        for kind in Kind:
            about = [finding for finding in found if finding.kind is kind]
            jobs[kind] = len({finding.job_id for finding in about})
            files[kind] = sum(finding.files for finding in about)
        return cls(jobs, files, found)

    @property
    def good(self) -> bool:
        return not self.findings
