"""Dead letters: mark their files failed, so that their jobs end; a redrive sends them round again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from downloads.errors import ContendedError, StateUnavailableError, StateUnreadableError
from downloads.file import ErrorCode
from downloads.ports import RecordingJobs
from downloads.usecases.dispatch import failures


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter: a message that used up its attempts."""

    message_id: str
    job_id: str
    file_id: int
    round: int


def bury(letters: Iterable[Letter], jobs: RecordingJobs, now: datetime) -> set[str]:
    """Fails the files that have no result yet; answers with the letters that have to come again.

    A file that failed with a better reason keeps it; a letter about no file of its job changes nothing.
    """
    by_job: dict[tuple[str, int], list[Letter]] = defaultdict(list)
    for letter in letters:
        by_job[letter.job_id, letter.round].append(letter)
    return {
        letter.message_id for batch in by_job.values() if not _bury_job(batch, jobs, now) for letter in batch
    }


def _bury_job(letters: list[Letter], jobs: RecordingJobs, now: datetime) -> bool:
    try:
        job = jobs.get(letters[0].job_id)
        if job and job.round == letters[0].round:
            named = {letter.file_id for letter in letters}.intersection(jobs.file_ids(job.job_id))
            withheld = jobs.withheld(job.job_id)
            results = failures(sorted(named), ErrorCode.ATTEMPTS_EXHAUSTED, withheld)
            jobs.record(job, results, now)
    except StateUnreadableError:
        # No other attempt will read it: the letters are parked for whoever mends it.
        return True
    except (ContendedError, StateUnavailableError):
        return False
    return True
