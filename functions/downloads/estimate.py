"""How long a job will take: a first guess from the settings, a better one from its own pace."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from downloads.bundle import Bundle
from downloads.model import Job

BATCH_SIZE = 10
BATCH_MS = 300
START_MS = 1_000
LONGEST_POLL_S = 10
# Of a bundle before it is measured: it starts within seconds, and moves so many bytes a second.
BUNDLE_START = timedelta(seconds=5)
BUNDLE_SPEED = 40_000_000


@dataclass(frozen=True, slots=True)
class Delay:
    """A simulated preparation time, for demos: each file waits between the two, in milliseconds."""

    min_ms: int = 0
    max_ms: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """What the settings say of the speed: batches that run at once, and the simulated delay."""

    concurrency: int
    delay: Delay = Delay()

    def first_guess_ms(self, files: int, *, bundled: bool = False) -> int:
        """Expected milliseconds for a job of so many files on idle workers."""
        rounds = -(-files // (BATCH_SIZE * self.concurrency))
        # The longest of n waits drawn evenly between two bounds is expected at n/(n+1) of the way.
        longest = self.delay.min_ms + (self.delay.max_ms - self.delay.min_ms) * files // (files + 1)
        bundling = BUNDLE_START if bundled else timedelta()
        return START_MS + rounds * BATCH_MS + longest + bundling // timedelta(milliseconds=1)

    def completion(self, job: Job, now: datetime) -> datetime | None:
        """When an open job is expected to end, never in the past; None once it has ended."""
        if job.status.terminal:
            return None
        if job.bundle and job.bundling:
            return now + _bundling(job.bundle, now)
        guess = self._files_ready(job, now)
        return max(guess, now, job.restored_by or now) + (BUNDLE_START if job.bundle else timedelta())

    def _files_ready(self, job: Job, now: datetime) -> datetime:
        """By the pace of the job's round, whatever went before it."""
        files = job.total - job.kept
        done = files - job.remaining
        if job.started_at and done:
            return job.started_at + (now - job.started_at) * files / done
        begun_at = job.created_at if job.round == 1 else job.started_at or now
        return begun_at + timedelta(milliseconds=self.first_guess_ms(files))

    def poll_again_s(self, job: Job, now: datetime) -> int:
        """Seconds a poller should wait: a tenth of what is left, between 1 and 10."""
        end = self.completion(job, now) or now
        return min(LONGEST_POLL_S, max(1, round((end - now).total_seconds() / 10)))


def _bundling(bundle: Bundle, now: datetime) -> timedelta:
    """How long the rest of a bundle takes, by its own pace once there is one."""
    left = bundle.total - bundle.done
    if bundle.begun_at and bundle.done and left > 0:
        return (now - bundle.begun_at) * left / bundle.done
    return BUNDLE_START + timedelta(seconds=max(0, left) / BUNDLE_SPEED)
