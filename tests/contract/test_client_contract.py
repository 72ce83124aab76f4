"""What the functions say, read by the client: replies and frames as they are made, through its own types."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from msgspec import structs

from delineate import contracts, standing
from delineate.api import Api
from delineate.progress import JobState, merge_all
from delineate.stop import Stop
from delineate.transport import error_of
from delineate.watching import live
from downloads import cursors, file, model, views
from downloads.bundle import Bundle, BundleError, BundleFormat, BundleStatus
from downloads.contracts import actions, frames, replies
from downloads.contracts.base import ErrorBody, ErrorDetail, ErrorReply
from downloads.contracts.requests import InitiateRequest
from downloads.estimate import Pace
from downloads.file import FailedFile, FileResult, PreparedFile
from downloads.model import Job
from downloads.usecases.read import Page
from tests.conftest import NOW, a_job, failed, linked, ready

IDS = (70000, 70007, 70014)
LATER = NOW + timedelta(seconds=30)
RESULTS: list[FileResult] = [ready(70000), failed(70007), ready(70014)]
QUEUED = a_job(total=3)
PROCESSING = QUEUED.begun(NOW).counted(RESULTS[:2], NOW)
COMPLETED = PROCESSING.counted(RESULTS[2:], LATER)
FAILED = QUEUED.counted([failed(file_id) for file_id in IDS], LATER)
CANCELLED = PROCESSING.cancelled(LATER)
JOBS = [
    pytest.param(QUEUED, [], id="queued"),
    pytest.param(PROCESSING, RESULTS[:2], id="processing"),
    pytest.param(COMPLETED, RESULTS, id="completed"),
    pytest.param(FAILED, [failed(file_id) for file_id in IDS], id="failed"),
    pytest.param(CANCELLED, RESULTS[:2], id="cancelled"),
]


def states(results: Sequence[FileResult]) -> list[replies.FileState]:
    return [replies.FileState.of(result.file_id, result) for result in results]


def read_status(job: Job, results: Sequence[FileResult], after: int | None = None) -> contracts.JobReply:
    known = {result.file_id: result for result in results}
    page = Page([(file_id, known.get(file_id)) for file_id in IDS], after)
    return contracts.JobReply.model_validate_json(views.status_view(job, page, Pace(5), LATER).json())


def assert_same_job(read: contracts.Sighting | contracts.LinksReply, job: Job) -> None:
    assert (read.jobId, read.status) == (job.job_id, job.status)
    assert read.status.ended is job.status.terminal
    counters = (read.progress.completed, read.progress.failed, read.progress.total, read.progress.percentage)
    assert counters == (job.completed, job.failed, job.total, job.percentage)


def assert_same_files(read: Sequence[contracts.FileState], results: Sequence[FileResult]) -> None:
    by_id = {state.file_id: state for state in read}
    for result in results:
        state = by_id[result.file_id]
        assert state.status.final
        if isinstance(result, PreparedFile):
            assert (state.status, state.size) == ("completed", result.stored.size)
            assert (state.error, state.errorCode) == (None, None)
        if isinstance(result, FailedFile):
            assert (state.status, state.error) == ("failed", result.reason)
            assert state.errorCode == result.error_code


def test_both_name_the_same_states() -> None:
    assert set(standing.JobStatus) == set(model.JobStatus)
    assert set(standing.FileStatus) == set(file.FileStatus)
    assert {s for s in standing.JobStatus if s.ended} == {s for s in model.JobStatus if s.terminal}


def test_an_order_and_the_job_that_is_accepted() -> None:
    orders: list[InitiateRequest] = []
    reply = replies.InitiateReply(
        jobId=UUID(QUEUED.job_id), status=QUEUED.status, estimatedTimeMs=1300, totalFiles=3, totalFileIds=3
    )

    def answer(request: httpx.Request) -> httpx.Response:
        orders.append(InitiateRequest.model_validate_json(request.content))
        return httpx.Response(202, text=reply.json())

    client = httpx.Client(base_url="http://api", transport=httpx.MockTransport(answer))
    read = Api("", client).initiate(IDS, "high")
    assert orders == [InitiateRequest(file_ids=list(IDS), priority=file.Priority.HIGH)]
    assert (read.jobId, read.status, read.totalFiles) == (QUEUED.job_id, "queued", 3)
    assert read.estimatedTimeMs == 1300


@pytest.mark.parametrize(("job", "results"), JOBS)
def test_the_status_of_a_job(job: Job, results: list[FileResult]) -> None:
    read = read_status(job, results)
    assert_same_job(read, job)
    assert_same_files(read.files, results)
    assert [state.file_id for state in read.files] == list(IDS)
    assert sum(state.status == "pending" for state in read.files) == job.remaining
    assert read.version == job.version
    times: tuple[datetime | None, ...] = (read.createdAt, read.startedAt, read.completedAt, read.expiresAt)
    assert times == (job.created_at, job.started_at, job.completed_at, job.expires_at)
    assert (read.estimatedCompletionAt is None) is job.status.terminal
    assert read.nextCursor is None


def test_the_cursor_of_a_page_is_handed_back_as_it_came() -> None:
    read = read_status(PROCESSING, RESULTS[:2], after=70014)
    assert cursors.file_after(read.nextCursor) == 70014


@pytest.mark.parametrize("code", list(file.ErrorCode))
def test_every_reason_that_a_file_may_fail_for(code: file.ErrorCode) -> None:
    read = read_status(FAILED, [failed(file_id, code) for file_id in IDS])
    assert_same_files(read.files, [failed(file_id, code) for file_id in IDS])


@pytest.mark.parametrize(("job", "results"), JOBS)
def test_the_links_of_a_job(job: Job, results: list[FileResult]) -> None:
    files = [linked(result) for result in results if isinstance(result, PreparedFile)]
    read = contracts.LinksReply.model_validate_json(views.links_view(job, files, after=70000).json())
    assert_same_job(read, job)
    assert cursors.file_after(read.nextCursor) == 70000
    assert read.expiresAt == job.expires_at
    assert [link.file_id for link in read.files] == [prepared.file_id for prepared in files]
    for link, prepared in zip(read.files, files, strict=True):
        assert (link.downloadUrl, link.urlExpiresAt) == (prepared.link.url, prepared.link.expires_at)
        assert (link.size, link.etag) == (prepared.stored.size, prepared.stored.etag)
        assert link.filename == prepared.stored.name
        assert not link.model_extra


WANTED = Bundle(BundleFormat.ZIP)
BUNDLES = [
    WANTED,
    WANTED.begun(900, NOW).at(300),
    WANTED.completed(1000, left_out=2),
    WANTED.failed(BundleError.TOO_LARGE),
]


@pytest.mark.parametrize("bundle", BUNDLES, ids=[bundle.status for bundle in BUNDLES])
def test_how_far_an_archive_is(bundle: Bundle) -> None:
    job = replace(COMPLETED, bundle=bundle)
    archive = replies.ArchiveLink(
        part=1, filename="a.zip", size=9, etag="e-2", downloadUrl="https://s3/a", urlExpiresAt=LATER
    )
    ended = bundle.status is BundleStatus.COMPLETED
    entry = replies.BundleEntry.of(bundle)
    shown = entry and structs.replace(entry, archives=[archive] if ended else None)
    links = contracts.LinksReply.model_validate_json(views.links_view(job, [], bundle=shown).json())
    frame = read_frame(next(iter(frames.snapshot_frames(job, []))))
    for read in (links.bundle, frame.bundle):
        assert read is not None
        assert (read.format, read.status, read.percentage) == ("zip", bundle.status, bundle.percentage)
        assert (read.bytesDone, read.bytesTotal) == (bundle.done, bundle.total)
        assert (read.errorCode, read.error) == (bundle.error, bundle.reason)
        assert read.leftOut == (bundle.left_out or None)
        assert not read.model_extra
    (told,) = links.bundle.archives if links.bundle and ended else [None]
    assert told is None or told.model_dump() == structs.asdict(archive)


def test_the_list_of_jobs() -> None:
    jobs = [COMPLETED, PROCESSING]
    page = model.JobPage(jobs, model.Place(NOW, PROCESSING.job_id))
    read = contracts.JobsReply.model_validate_json(views.jobs_view(page).json())
    assert read.nextCursor
    for told, job in zip(read.jobs, jobs, strict=True):
        assert_same_job(told, job)
        assert (told.version, told.priority, told.createdAt) == (job.version, job.priority, job.created_at)
        assert not told.model_extra


def test_where_the_service_tells_its_websocket() -> None:
    links, auth = (
        {"websocket": "wss://s.example/live"},
        replies.SignIn(mode="oidc", issuer="https://i.example"),
    )
    reply = replies.RootReply(service="downloads", version="1", links=links, auth=auth)
    read = contracts.Entry.model_validate_json(reply.json())
    assert read.auth
    assert (read.auth.mode, read.auth.issuer) == ("oidc", "https://i.example")
    assert (read.service, read.version, read.links["websocket"]) == ("downloads", "1", "wss://s.example/live")


@pytest.mark.parametrize("details", [None, [ErrorDetail(field="file_ids", message="5 is out of range")]])
def test_an_error_reply(details: list[ErrorDetail] | None) -> None:
    error = ErrorBody(code="INVALID_REQUEST", message="It does not fit.", details=details)
    read = error_of(httpx.Response(422, text=ErrorReply(error=error, requestId="r-1").json()))
    assert (read.code, read.status, read.request_id) == ("INVALID_REQUEST", 422, "r-1")
    assert read.message == ("It does not fit: 5 is out of range" if details else "It does not fit")


@pytest.mark.parametrize(("job", "results"), JOBS)
def test_a_snapshot(job: Job, results: list[FileResult]) -> None:
    (frame,) = map(read_frame, frames.snapshot_frames(job, states(results)))
    assert (frame.type, frame.since, frame.version) == ("snapshot", None, job.version)
    assert (frame.part, frame.parts) == (1, 1)
    assert_same_job(frame, job)
    assert_same_files(frame.files, results)
    assert not frame.model_extra


@pytest.mark.parametrize("parts", [1, 3])
def test_a_change_follows_on_what_was_told_before(parts: int) -> None:
    files: list[FileResult] = [ready(70_000 + n) for n in range(parts * frames.FILES_PER_FRAME)]
    job = a_job(total=len(files))
    begun = job.begun(NOW)
    ended = begun.counted(files, LATER)
    told = [
        *frames.snapshot_frames(job, []),
        *frames.change_frames(begun, job.version, []),
        *frames.change_frames(ended, begun.version, states(files)),
    ]
    heard = [read_frame(text) for text in told]
    assert [frame.type for frame in heard] == ["snapshot"] + ["change"] * (1 + parts)
    assert [frame.parts for frame in heard[2:]] == [parts] * parts
    assert not any(frame.model_extra for frame in heard)
    held = merge_all(JobState.new(job.job_id, job.total), heard)
    assert held.settled
    assert len(held.results) == len(files)
    missed = merge_all(JobState.new(job.job_id, job.total), [heard[0], *heard[2:]])
    assert missed.missed


def test_frames_that_tell_nothing_of_a_job() -> None:
    assert live._frame(frames.Pong().json()) is None
    assert live._frame(frames.Unsubscribed(jobId=UUID(QUEUED.job_id)).json()) is None


@pytest.mark.parametrize("job_id", [None, "7f3e2c1a-5b4d-4e6f-8a90-1b2c3d4e5f60"])
def test_an_error_frame_ends_the_conversation_with_its_code(job_id: str | None) -> None:
    with pytest.raises(live.Refused, match="JOB_NOT_FOUND"):
        live._frame(frames.error_frame("JOB_NOT_FOUND", "There is no such job.", job_id))


class Socket:
    """Keeps what the client says, and stays silent."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def send(self, text: str) -> None:
        self.said.append(text)

    def recv(self, timeout: float) -> str:
        raise TimeoutError


def test_what_the_client_says_is_understood() -> None:
    socket = Socket()
    with pytest.raises(live.ConnectionLost):
        list(live._Conversation(cast(Any, socket), JobState(QUEUED.job_id), 0.01, Stop()).states())
    subscribe = actions.Subscribe(jobId=UUID(QUEUED.job_id))
    understood = [actions.ACTIONS.decode(text) for text in socket.said]
    assert understood == [subscribe, actions.Ping(), subscribe]


def read_frame(text: str) -> contracts.Frame:
    frame = live._frame(text)
    assert frame is not None
    return frame
