"""`from delineate import Client`: what a program does with it."""

import threading
import time
from pathlib import Path

import pytest

from delineate import (
    BadRequest,
    Client,
    Conflict,
    DelineateError,
    DownloadProgress,
    Fate,
    FileFault,
    FileStatus,
    JobStatus,
    NotFound,
    SignInNeeded,
    Stopped,
    TimedOut,
    Unreachable,
)
from tests.integration.delineate.fake_issuer import FakeIssuer
from tests.integration.delineate.fake_jobs import content
from tests.integration.delineate.fake_service import NOBODYS, Answer, FakeService

IDS = [70000, 70007, 70014]


def wait_for_parts(folder: Path) -> None:
    """Until the first bytes of some file are on disk."""
    while not any(part.stat().st_size for part in folder.glob("*.part")):
        time.sleep(0.01)


@pytest.fixture
def client(service: FakeService) -> Client:
    return Client(service.url)


def test_a_job_from_its_order_to_its_files(service: FakeService, client: Client, tmp_path: Path) -> None:
    service.missing = {70007}
    told: list[DownloadProgress] = []
    job = client.jobs.create(IDS, priority="high")
    report = job.download(to=tmp_path, parallel=2, on_progress=told.append)
    assert {o.file_id: (o.fate, o.error_code) for o in report.outcomes.values()} == {
        70000: (Fate.SAVED, None),
        70007: (Fate.FAILED, "NOT_FOUND"),
        70014: (Fate.SAVED, None),
    }
    saved = report.outcomes[70000].path
    assert saved == tmp_path / "70000.zip"
    assert saved.read_bytes() == content(70000, service.size(70000))
    assert (job.status, job.progress.completed, job.progress.failed) == (JobStatus.COMPLETED, 2, 1)
    last = told[-1]
    assert (last.total, last.prepared, last.on_disk, last.failed) == (3, 2, 2, 1)
    assert last.bytes_on_disk == sum(outcome.size for outcome in report.on_disk)


def test_every_option_of_an_order_is_sent(service: FakeService, client: Client) -> None:
    client.jobs.create(
        [70007, 70000, 70007],
        on_error="fail_fast",
        callback_url="https://example.com/hook",
        idempotency_key="order-7",
    )
    assert service.bodies == [
        {
            "file_ids": [70007, 70000],
            "priority": "normal",
            "on_error": "fail_fast",
            "callback_url": "https://example.com/hook",
        }
    ]
    assert service.keys == ["order-7"]


def test_events_tell_each_state_once_and_end_with_the_settled_one(
    service: FakeService, client: Client
) -> None:
    job = client.jobs.create(IDS)
    states = list(job.events())
    assert [state.settled for state in states] == [False] * (len(states) - 1) + [True]
    assert len({state.version for state in states}) == len(states)
    assert job.state == states[-1]
    assert list(job.events()) == [states[-1]]


def test_wait_gives_the_last_state_or_says_that_time_is_over(service: FakeService, client: Client) -> None:
    assert client.jobs.create(IDS).wait().status is JobStatus.COMPLETED
    service.halt_at = 1
    job = client.jobs.create(IDS)
    with pytest.raises(TimedOut, match=rf"Job {job.id} has not ended within 0\.2 s; it goes on\.") as told:
        job.wait(timeout=0.2)
    assert isinstance(told.value, TimeoutError)
    service.jobs[job.id].advance(2)
    assert job.wait(timeout=60).settled


def test_an_earlier_job_is_found_and_looked_at(service: FakeService, client: Client) -> None:
    service.page, service.halt_at, service.missing = 2, 0, {70007}
    fake = service.create(IDS)
    fake.advance(2)
    fake.restoring = {70014: "2030-01-01T16:40:00Z"}
    job = client.jobs.get(fake.id)
    assert repr(job) == f"<Job {fake.id} processing 66 %>"
    ready, failed, waits = job.files()
    assert (ready.status, failed.errorCode) == (FileStatus.COMPLETED, "NOT_FOUND")
    assert waits.code == "RESTORING"
    assert waits.estimatedReadyAt
    assert [link.file_id for link in job.links()] == [70000]
    fake.advance(1)
    assert job.refresh().status is JobStatus.COMPLETED


def test_the_callers_jobs_newest_first(service: FakeService, client: Client, tmp_path: Path) -> None:
    service.page = 2
    made = [client.jobs.create([70000 + n]) for n in range(5)]
    listed = list(client.jobs.list())
    assert [job.id for job in listed] == [job.id for job in reversed(made)]
    service.page = 1000
    assert listed[-1].download(tmp_path).complete


def test_cancel_and_retry(service: FakeService, client: Client, tmp_path: Path) -> None:
    service.halt_at = 0
    job = client.jobs.create(IDS)
    assert job.cancel().status is JobStatus.CANCELLED
    service.missing, service.halt_at = {70007}, None
    job = client.jobs.create(IDS)
    job.wait()
    with pytest.raises(Conflict) as told:
        job.cancel()
    assert told.value.code == "JOB_ENDED"
    service.missing = set()
    assert not job.retry().settled
    fake = service.jobs[job.id]
    fake.advance(1)
    assert job.download(tmp_path).complete


def test_what_cannot_be_is_a_type(service: FakeService, client: Client) -> None:
    with pytest.raises(NotFound):
        client.jobs.get(NOBODYS)
    with pytest.raises(BadRequest, match="id below 10000"):
        client.jobs.create([5])
    with pytest.raises(ValueError, match="is not an http"):
        Client("localhost:4566")
    assert issubclass(SignInNeeded, DelineateError)


def test_what_a_program_gives_is_checked_before_any_call(service: FakeService, client: Client) -> None:
    with pytest.raises(ValueError, match=r"file_ids: 'abc', True, 1\.5 and 1 more are no ids of a file"):
        client.jobs.create(["abc", 70000, True, 1.5, None])  # type: ignore[list-item] # what untyped programs do
    with pytest.raises(ValueError, match="one id at least"):
        client.jobs.create([])
    with pytest.raises(ValueError, match="'nope' is not an http"):
        client.jobs.create([70000], callback_url="nope")
    with pytest.raises(ValueError, match="no key"):
        client.jobs.create([70000], idempotency_key="")
    with pytest.raises(ValueError, match=r"'\.\./\.\./health' is not the id of a job"):
        client.jobs.get("../../health")
    assert not service.asked
    job = client.jobs.create([70000])
    assert client.jobs.get(f" {job.id.upper()} ").id == job.id


def test_a_token_may_be_a_function_that_is_asked_again(service: FakeService, issuer: FakeIssuer) -> None:
    fresh, _ = issuer.issue()
    tokens = iter(["stale", fresh, fresh, fresh])
    with Client(service.url, lambda: next(tokens)) as client:
        assert list(client.jobs.list()) == []
    with Client(service.url, "stale") as client, pytest.raises(SignInNeeded, match="the token in `token`"):
        list(client.jobs.list())


def test_a_token_function_that_keeps_its_token_is_told_of_a_refusal(
    service: FakeService, issuer: FakeIssuer
) -> None:
    fresh, _ = issuer.issue()
    kept, forced = ["stale"], []

    def token(force: bool = False) -> str:
        if force:
            forced.append(kept[0])
            kept[0] = fresh
        return kept[0]

    with Client(service.url, token) as client:
        assert list(client.jobs.list()) == []
        assert list(client.jobs.list()) == []
    assert forced == ["stale"]


def test_a_download_that_is_called_off_goes_on_later(
    service: FakeService, client: Client, tmp_path: Path
) -> None:
    service.size = lambda _: 200_000
    service.storage.flowing.clear()
    job, stop = client.jobs.create(IDS), threading.Event()
    caller = threading.Thread(target=lambda: (wait_for_parts(tmp_path), stop.set()))
    caller.start()
    with pytest.raises(Stopped):
        job.download(tmp_path, stop=stop)
    caller.join()
    assert list(tmp_path.glob("*.part"))
    service.storage.flowing.set()
    assert client.jobs.get(job.id).download(tmp_path).complete
    assert any(service.storage.ranges), "nothing was resumed"


def test_an_archive_is_waited_for_and_resumed_by_a_fresh_link(
    service: FakeService, client: Client, tmp_path: Path
) -> None:
    job = client.jobs.create(IDS, bundle="zip")
    name = service.jobs[job.id].archive
    whole = b"".join(content(i, service.size(i)) for i in IDS)
    service.storage.put(name, whole, etag="0" * 32 + "-2", truncate=[900], refuse=[403])
    (path,) = job.download_archive(tmp_path)
    assert path == tmp_path / "job.zip"
    assert path.read_bytes() == whole
    assert "bytes=900-" in service.storage.ranges
    asked = service.storage.asked[name]
    assert job.download_archive(tmp_path) == [path]
    assert service.storage.asked[name] == asked
    (other,) = client.jobs.create(IDS, bundle="zip").download_archive(tmp_path)
    assert other != path


def test_an_archive_that_is_not_made_says_why(service: FakeService, client: Client, tmp_path: Path) -> None:
    service.halt_at = 0
    job = client.jobs.create(IDS, bundle="zip")
    service.jobs[job.id].bundle_fails = True
    for _ in range(2):
        service.jobs[job.id].advance(3)
    with pytest.raises(FileFault, match=r"could not be made: The files do not fit") as told:
        job.download_archive(tmp_path)
    assert told.value.code == "TOO_LARGE"
    assert (job.status, job.bundle and job.bundle.status) == (JobStatus.COMPLETED, FileStatus.FAILED)
    service.halt_at = None
    with pytest.raises(FileFault, match="was not asked for an archive"):
        client.jobs.create(IDS).download_archive(tmp_path)


@pytest.mark.parametrize("refused", [(503, {}, {"retry-after": "10"}), (429, {}, {"retry-after": "10"})])
def test_time_that_is_over_ends_the_waiting_for_a_busy_service(
    service: FakeService, client: Client, refused: Answer
) -> None:
    job = client.jobs.create(IDS)
    service.refuse = [refused] * 50
    with pytest.raises(TimedOut):
        job.wait(timeout=0.3)
    # The answer asked for 10 s of patience: there was no time to ask again.
    assert len(service.refuse) == 49


def test_time_that_is_over_ends_a_call_that_hangs(service: FakeService, client: Client) -> None:
    service.halt_at = 0
    job = client.jobs.create(IDS)
    service.before_answer.clear()
    with pytest.raises(TimedOut):
        job.wait(timeout=0.3)
    assert service.waiting.is_set()
    # It was still hanging when the caller went on.
    assert not service.before_answer.is_set()


@pytest.mark.parametrize("call", ["create", "get", "refresh", "cancel", "retry", "download", "wait"])
def test_every_call_is_broken_off_by_its_stop(
    service: FakeService, client: Client, tmp_path: Path, call: str
) -> None:
    service.halt_at = 0
    job, stop = client.jobs.create(IDS), threading.Event()
    service.before_answer.clear()
    caller = threading.Thread(target=lambda: (service.waiting.wait(20), stop.set()))
    caller.start()
    calls = {
        "create": lambda: client.jobs.create(IDS, stop=stop),
        "get": lambda: client.jobs.get(job.id, stop=stop),
        "download": lambda: job.download(tmp_path, stop=stop),
    }
    with pytest.raises(Stopped):
        calls.get(call, lambda: getattr(job, call)(stop=stop))()
    caller.join()
    assert not service.before_answer.is_set()
    service.before_answer.set()


def test_what_the_callers_function_raises_ends_the_download(client: Client, tmp_path: Path) -> None:
    def full(_progress: DownloadProgress) -> None:
        raise OSError(28, "of the caller's own disk")

    with pytest.raises(OSError, match="of the caller's own disk"):
        client.jobs.create(IDS).download(tmp_path, on_progress=full)


def test_a_number_of_downloads_that_is_none_is_refused(client: Client, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="parallel must be 1 or more"):
        client.jobs.create(IDS).download(tmp_path, parallel=0)


def test_a_proxy_stands_before_the_service(service: FakeService) -> None:
    proxy = service.url.removesuffix("/live")
    with Client("http://downloads.invalid/live", proxy=proxy) as client:
        assert list(client.jobs.list()) == []
    assert service.asked["GET /v1"] == 1


def test_a_timeout_of_a_call_is_kept(service: FakeService) -> None:
    service.before_answer.clear()
    with (
        Client(service.url, timeout=0.05) as client,
        pytest.raises(Unreachable, match="did not answer in time"),
    ):
        client.jobs.create(IDS)
    service.before_answer.set()
