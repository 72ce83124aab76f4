"""Following a job on the fakes: nothing is missed and nothing comes twice, wherever a connection breaks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downloads.caller import ANONYMOUS
from downloads.contracts.events import held_version, stream
from downloads.contracts.replies import FileState
from downloads.errors import JobNotFoundError
from downloads.file import FileResult
from downloads.model import Job
from downloads.usecases.follow import LONGEST_PAUSE_S, Patience, follow
from tests.conftest import NOW, a_job, failed, ready
from tests.events import Event, parse
from tests.fakes import FakeJobs

IDS = [70000, 70007, 70014, 70021, 70028, 70035]
Step = Callable[[], None]


@dataclass
class Clock:
    """Time passes only by waiting; ``meanwhile`` happens during each wait."""

    meanwhile: Step = lambda: None
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.waits.append(seconds)
        self.meanwhile()

    def patience(self, hold_s: float = 20) -> Patience:
        return Patience(hold_s, lambda: self.seconds, self.wait)


@dataclass
class BusyJobs(FakeJobs):
    """Others write between any two reads of ours."""

    between: Step = lambda: None

    def get(self, job_id: str) -> Job | None:
        self.between()
        return super().get(job_id)

    def file_ids(self, job_id: str) -> tuple[int, ...]:
        self.between()
        return super().file_ids(job_id)


@dataclass
class Client:
    """What an EventSource keeps: its last id, and the state that the events gave."""

    held: str = ""
    ids: list[int] = field(default_factory=list)
    files: dict[int, str] = field(default_factory=dict)
    state: dict[str, object] = field(default_factory=dict)
    closed: bool = False
    truth: dict[int, dict[int, str]] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        if event.name == "end":
            assert event.id == self.held
            return
        assert int(event.id) == event.data["version"] > int(self.held or 0)
        assert event.data.get("since", 0) <= int(self.held or 0)
        if event.name == "snapshot":
            self.files = {}
        self.files |= {file["file_id"]: file["status"] for file in event.data["files"]}
        # All of this version, and perhaps something newer already.
        assert self.files.items() >= self.truth[int(event.id)].items()
        self.state = {key: event.data[key] for key in ("status", "progress")}
        self.held = event.id
        self.ids.append(int(event.id))

    def connect(self, job_id: str, jobs: FakeJobs, clock: Clock, hears: int) -> None:
        """One connection that breaks after ``hears`` events."""
        frames = follow(job_id, ANONYMOUS, held_version(self.held), jobs, clock.patience(2))
        if frames is None:
            self.closed = True
        for event in parse(stream(frames or []))[:hears]:
            self.hear(event)


def known(job: Job, jobs: FakeJobs) -> dict[int, str]:
    return {i: FileState.of(i, result).status for i, result in jobs.results(job, 0, 10**9).items()}


def changes_of(job: Job, jobs: BusyJobs, plan: list[str], truth: dict[int, dict[int, str]]) -> Step:
    """Each call is the next change of the plan, as a writer would make it; ``truth`` keeps what was when."""
    todo = iter(plan)
    unfinished = iter(IDS)

    def record(make: Callable[[int], FileResult]) -> None:
        if (file_id := next(unfinished, None)) is not None:
            jobs.record(job, [make(file_id)], NOW)

    def step() -> None:
        # A writer's reads are not ours to disturb.
        ours, jobs.between = jobs.between, lambda: None
        match next(todo, "nothing"):
            case "begin":
                jobs.begin(job, NOW)
            case "ready":
                record(ready)
            case "failed":
                record(failed)
            case "cancel":
                jobs.cancel(job.job_id, job.owner, NOW)
        jobs.between = ours
        truth[jobs.counted(jobs.jobs[job.job_id]).version] = known(job, jobs)

    return step


CHANGES = st.sampled_from(["ready", "failed", "begin", "ready", "failed", "cancel"])
# Each change after some quiet reads, so that changes meet every step of a connection.
PLANS = st.lists(st.tuples(st.integers(0, 6), CHANGES), max_size=8).map(
    lambda plan: [step for quiet, change in plan for step in ["nothing"] * quiet + [change]]
)
BREAKS = st.lists(st.sampled_from([2, 2, 1, 0]), min_size=4, max_size=12)


@settings(max_examples=500)
@given(plan=PLANS, breaks=BREAKS)
def test_any_changes_and_any_broken_connections_end_with_the_right_state(
    plan: list[str], breaks: list[int]
) -> None:
    """Changes fall between any two reads and into any wait; connections break after any event."""
    jobs = BusyJobs(clock=NOW)
    job = a_job(total=len(IDS))
    jobs.create(job, IDS)
    client = Client(truth={1: {}})
    jobs.between = changes_of(job, jobs, plan, client.truth)
    clock = Clock(meanwhile=jobs.between)
    for hears in breaks:
        client.connect(job.job_id, jobs, clock, hears)
    jobs.between = lambda: None
    jobs.record(job, [ready(file_id) for file_id in IDS], NOW)
    after = jobs.counted(jobs.jobs[job.job_id])
    client.truth[after.version] = known(job, jobs)
    for _ in range(2):
        client.connect(job.job_id, jobs, Clock(), hears=2)
    assert client.files == known(job, jobs)
    assert client.state["status"] == after.status
    assert client.ids == sorted(set(client.ids))
    assert client.held == str(after.version)
    assert client.closed


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs(clock=NOW)


@pytest.fixture
def job(jobs: FakeJobs) -> Job:
    made = a_job(total=len(IDS))
    jobs.create(made, IDS)
    return made


def test_a_quiet_job_is_asked_about_for_as_long_as_it_is_held(jobs: FakeJobs, job: Job) -> None:
    clock = Clock()
    assert follow(job.job_id, job.owner, 1, jobs, clock.patience(20)) == []
    assert clock.seconds == pytest.approx(20)
    assert clock.waits[0] == pytest.approx(0.25)
    assert clock.waits[:-1] == sorted(clock.waits[:-1])
    assert max(clock.waits) == LONGEST_PAUSE_S
    assert len(clock.waits) < 30


def test_news_ends_the_wait(jobs: FakeJobs, job: Job) -> None:
    clock = Clock(meanwhile=lambda: jobs.record(job, [ready(70007)], NOW))
    (frame,) = follow(job.job_id, job.owner, 1, jobs, clock.patience()) or []
    assert (frame.type, frame.version, len(clock.waits)) == ("change", 2, 1)
    assert [file.file_id for file in frame.files] == [70007]


def test_a_file_that_is_open_again_is_told_of(jobs: FakeJobs, job: Job) -> None:
    jobs.record(job, [failed(70000), ready(70007)], NOW)

    def again() -> None:
        jobs.files[job.job_id].pop(70000)
        jobs.record(job, [ready(70014)], NOW)

    (frame,) = follow(job.job_id, job.owner, 2, jobs, Clock(meanwhile=again).patience()) or []
    assert {file.file_id: file.status for file in frame.files} == {70000: "pending", 70014: "completed"}


def test_a_job_that_expires_while_waiting_is_gone(jobs: FakeJobs, job: Job) -> None:
    clock = Clock(meanwhile=lambda: setattr(jobs, "clock", job.expires_at))
    with pytest.raises(JobNotFoundError):
        follow(job.job_id, job.owner, 1, jobs, clock.patience())


def test_a_thousand_files_are_one_event(jobs: FakeJobs) -> None:
    ids = list(range(20_000, 21_000))
    job = a_job(total=len(ids))
    jobs.create(job, ids)
    jobs.record(job, [failed(file_id) for file_id in ids], NOW)
    state, last = parse(stream(follow(job.job_id, job.owner, None, jobs, Clock().patience()) or []))
    assert (state.id, state.data["parts"], len(state.data["files"])) == ("2", 1, 1000)
    assert (last.name, last.data["type"], last.data["files"]) == ("end", "end", [])


@pytest.mark.parametrize(("ends_in_s", "hold_s"), [(None, 20), (60, 20), (3, 3), (0, 0), (-5, 0)])
def test_a_stream_is_held_no_longer_than_its_session_lasts(ends_in_s: int | None, hold_s: float) -> None:
    ends_at = None if ends_in_s is None else NOW + timedelta(seconds=ends_in_s)
    assert Patience.until(ends_at, 20, NOW).hold_s == hold_s
