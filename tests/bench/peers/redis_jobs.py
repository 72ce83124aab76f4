"""What both peers keep in Redis, as a contender of the end-to-end bench is asked for it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import redis

from tests.bench.end_to_end.measured import Audit, Results, Started

COUNTS = ("total", "completed", "failed")


class RedisJobs:
    """Jobs by the layout of always_on/redis.mjs: the counts of a job, and the results of its files."""

    # There is nothing between a client and a peer.
    hops: Sequence[str] = ()

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def hop(self, user: int, name: str) -> None:
        raise NotImplementedError("a peer has no hops")

    def standing(self, job_ids: Sequence[str]) -> tuple[int, int]:
        ended = done = 0
        for total, completed, failed in self._counts(job_ids):
            ended += completed + failed == total
            done += completed + failed
        return ended, done

    def results(self, job_ids: Sequence[str]) -> Results:
        files = self._files(job_ids)
        return {
            job_id: {file_id: told["at"] / 1000 for file_id, told in of_job.items()}
            for job_id, of_job in files.items()
        }

    def audit(self, started: Sequence[Started]) -> Audit:
        """Lost are files without a result; double what was counted and has none of its own."""
        job_ids = [job.job_id for job in started]
        files, counts = self._files(job_ids), self._counts(job_ids)
        held = [job.file_ids & files[job.job_id].keys() for job in started]
        counted = [completed + failed for _, completed, failed in counts]
        return Audit(
            accepted=sum(len(job.file_ids) for job in started),
            completed=sum(told["status"] == "completed" for of in files.values() for told in of.values()),
            lost=sum(len(job.file_ids) - len(there) for job, there in zip(started, held, strict=True)),
            double=sum(max(0, many - len(there)) for many, there in zip(counted, held, strict=True)),
        )

    def _counts(self, job_ids: Sequence[str]) -> list[tuple[int, int, int]]:
        pipeline = self._redis.pipeline(transaction=False)
        for job_id in job_ids:
            pipeline.hmget(f"job:{job_id}", COUNTS)
        return [(int(total), int(completed), int(failed)) for total, completed, failed in pipeline.execute()]

    def _files(self, job_ids: Sequence[str]) -> Mapping[str, Mapping[int, Any]]:
        pipeline = self._redis.pipeline(transaction=False)
        for job_id in job_ids:
            pipeline.hgetall(f"job:{job_id}:files")
        return {
            job_id: {int(file_id): json.loads(told) for file_id, told in found.items()}
            for job_id, found in zip(job_ids, pipeline.execute(), strict=True)
        }
