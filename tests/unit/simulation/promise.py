"""The promise, checked after every step of a schedule and at its end."""

from dataclasses import dataclass, field, replace

from downloads.file import FailedFile, PreparedFile
from downloads.model import Job, JobStatus, OnError
from downloads.notice import Notice
from tests.unit.simulation.world import WITHHELD, World


@dataclass
class Promise:
    """Remembers every job as it was seen, with what is counted beside it, and lets none go back."""

    seen: dict[str, Job] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)
    told: int = 0

    def check(self, world: World) -> None:
        for job_id, stored in world.jobs.jobs.items():
            job = world.jobs.counted(stored)
            before = self.seen.get(job_id, job)
            assert job.version >= before.version, "a version went back"
            assert job.completed >= before.completed, "a ready file was lost"
            assert 0 <= job.remaining <= job.total
            if job.version == before.version:
                assert (job.status, job.completed, job.failed) == (
                    before.status,
                    before.completed,
                    before.failed,
                )
            if job.round == before.round:
                assert job.failed >= before.failed, "progress went back"
                if before.status.terminal:
                    assert replace(job, check_at=before.check_at) == before, "an ended job changed"
            if job.on_error is OnError.FAIL_FAST and job.failed:
                assert job.status is JobStatus.FAILED, "a failure did not end the job"
            self._check_counts(world, job)
            self.seen[job_id] = job
        self._check_notices(world)
        assert WITHHELD not in world.objects.heads, "somebody looked at a withheld file"

    def check_end(self, world: World) -> None:
        self.check(world)
        told = {notice.webhook_id for notice in world.notices.sent}
        assert told == world.ends, "an end without a notice"
        for job_id in world.accepted:
            job = world.jobs.jobs[job_id]
            assert job.status.terminal, f"stuck: {job}"
            complete = job.status is not JobStatus.CANCELLED and not (
                job.on_error is OnError.FAIL_FAST and job.failed
            )
            if complete:
                assert job.remaining == 0
                assert set(self._results(world, job)) == set(world.jobs.ids[job_id]), "a file without result"

    def _check_notices(self, world: World) -> None:
        for notice in world.notices.sent[self.told :]:
            assert notice.webhook_id in world.ends, "a notice of no end"
            first = self.notices.setdefault(notice.webhook_id, notice)
            assert notice == first, "one id, two notices"
        self.told = len(world.notices.sent)

    def _check_counts(self, world: World, job: Job) -> None:
        results = self._results(world, job).values()
        assert not isinstance(self._results(world, job).get(WITHHELD), PreparedFile), (
            "a withheld file is ready"
        )
        ready = sum(isinstance(result, PreparedFile) for result in results)
        failed = sum(isinstance(result, FailedFile) for result in results)
        assert (job.completed, job.failed) == (ready, failed), "counters and results differ"

    @staticmethod
    def _results(world: World, job: Job) -> dict[int, PreparedFile | FailedFile]:
        return dict(world.jobs.results(job, 0, 10**9))
