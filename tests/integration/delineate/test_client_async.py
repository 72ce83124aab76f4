"""`from delineate import AsyncClient`: the same for asyncio, and what cancelling a task stops."""

import asyncio
import threading
from pathlib import Path

import pytest

from delineate import AsyncClient, AsyncJob, DownloadProgress, JobStatus, NotFound, TimedOut
from delineate.threads import CALLS
from tests.integration.delineate.fake_jobs import content
from tests.integration.delineate.fake_service import NOBODYS, FakeService
from tests.integration.delineate.test_client_library import wait_for_parts

IDS = [70000, 70007, 70014]


def test_a_job_from_its_order_to_its_files(service: FakeService, tmp_path: Path) -> None:
    service.missing = {70007}
    told: list[DownloadProgress] = []
    threads: set[str] = set()

    def on_progress(progress: DownloadProgress) -> None:
        told.append(progress)
        threads.add(threading.current_thread().name)

    async def main() -> None:
        async with AsyncClient(service.url) as client:
            job = await client.jobs.create(IDS, bundle="zip")
            states = [state async for state in job.events()]
            assert states[-1].settled
            assert (await job.wait(timeout=60)).status is JobStatus.COMPLETED
            report = await job.download(tmp_path, on_progress=on_progress)
            assert [outcome.error_code for outcome in report.outcomes.values()].count("NOT_FOUND") == 1
            (archive,) = await job.download_archive(tmp_path / "archive")
            assert archive.read_bytes() == b"".join(content(i, service.size(i)) for i in (70000, 70014))
            assert [file.file_id async for file in job.files()] == IDS
            assert [link.file_id async for link in job.links()] == [70000, 70014]
            assert [found.id async for found in client.jobs.list()] == [job.id]
            assert (await client.jobs.get(job.id)).progress.failed == 1

    asyncio.run(main())
    assert (told[-1].on_disk, told[-1].failed) == (2, 1)
    assert threads == {"MainThread"}


def test_what_cannot_be_is_raised_where_it_is_awaited(service: FakeService) -> None:
    service.halt_at = 0

    async def main() -> None:
        async with AsyncClient(service.url) as client:
            with pytest.raises(NotFound):
                await client.jobs.get(NOBODYS)
            job = await client.jobs.create(IDS)
            with pytest.raises(TimedOut):
                await job.wait(timeout=0.1)
            assert (await job.cancel()).status is JobStatus.CANCELLED

    asyncio.run(main())


def test_many_jobs_are_watched_at_a_time(service: FakeService) -> None:
    service.pace = 0.05

    async def main() -> None:
        async with AsyncClient(service.url) as client:
            jobs = [await client.jobs.create([70000 + n]) for n in range(50)]
            ended = await asyncio.gather(*(job.wait(timeout=60) for job in jobs))
            assert all(state.settled for state in ended)

    asyncio.run(main())


def test_a_cancelled_task_stops_its_downloads(service: FakeService, tmp_path: Path) -> None:
    service.size = lambda _: 200_000
    service.storage.flowing.clear()

    async def main() -> None:
        async with AsyncClient(service.url) as client:
            job = await client.jobs.create(IDS)
            task = asyncio.create_task(job.download(tmp_path))
            await asyncio.to_thread(wait_for_parts, tmp_path)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            service.storage.flowing.set()
            sizes = {part.name: part.stat().st_size for part in tmp_path.glob("*.part")}
            assert sizes
            assert not list(tmp_path.glob("*.zip"))
            assert (await job.download(tmp_path)).complete

    asyncio.run(main())
    assert any(service.storage.ranges), "nothing was resumed"


def test_a_cancelled_task_stops_watching(service: FakeService) -> None:
    service.halt_at = 0

    async def watch(job: AsyncJob) -> None:
        async for _ in job.events():
            pass

    async def main() -> None:
        async with AsyncClient(service.url) as client:
            job = await client.jobs.create(IDS)
            for work in (job.wait(), watch(job)):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(work, 0.1)
            left = [t for t in threading.enumerate() if t.name == "delineate"]
            await asyncio.to_thread(lambda: [thread.join(5) for thread in left])
            assert not [thread for thread in left if thread.is_alive()]

    asyncio.run(main())


def at_work() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("delineate")]


def test_many_calls_take_few_threads_and_leave_none_at_work(service: FakeService) -> None:
    service.before_answer.clear()

    async def main() -> None:
        async with AsyncClient(service.url) as client:
            calls = [asyncio.create_task(client.jobs.get(str(n))) for n in range(300)]
            await asyncio.to_thread(service.waiting.wait, 20)
            assert len(at_work()) <= CALLS
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        for thread in at_work():
            await asyncio.to_thread(thread.join, 20)

    asyncio.run(main())
    # No answer came: what was under way was broken off, and what waited for its turn never asked.
    assert not service.before_answer.is_set()
    assert not at_work()
    assert sum(service.asked.values()) <= CALLS
    service.before_answer.set()


def test_streams_that_are_held_keep_no_call_waiting(service: FakeService) -> None:
    service.websocket, service.events, service.hold, service.halt_at = False, True, 20, 0

    async def main() -> None:
        async with AsyncClient(service.url) as client:
            jobs = [await client.jobs.create([70000 + n]) for n in range(110)]
            watched = [asyncio.create_task(job.wait()) for job in jobs]
            while len(service.held) < len(jobs):
                await asyncio.sleep(0.01)
            assert (await client.jobs.create(IDS)).id in service.jobs
            for task in watched:
                task.cancel()
            await asyncio.gather(*watched, return_exceptions=True)

    asyncio.run(main())


def test_what_the_callers_function_raises_ends_the_download(service: FakeService, tmp_path: Path) -> None:
    def breaks(_told: object) -> None:
        raise LookupError("the caller's own")

    async def main() -> None:
        async with AsyncClient(service.url) as client:
            job = await client.jobs.create(IDS, bundle="zip")
            for work in (job.download, job.download_archive):
                with pytest.raises(LookupError, match="the caller's own"):
                    await work(tmp_path, on_progress=breaks)

    asyncio.run(main())
