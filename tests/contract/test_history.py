"""The history: the fake, and PostgreSQL itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from downloads.errors import HistoryDownError
from downloads.file import ErrorCode, FileStatus
from downloads.history_ports import History, HistoryFile
from downloads.model import Job, JobStatus
from downloads.postgres.history import PostgresHistory
from tests.conftest import a_job
from tests.history_fakes import FakeHistory
from tests.postgres import Server, started

pytestmark = pytest.mark.xdist_group("postgres")
READY = HistoryFile(70000, FileStatus.COMPLETED, None, "downloads/70000.zip", 5_000_000_000, "abc")
FAILED = HistoryFile(70007, FileStatus.FAILED, ErrorCode.NOT_FOUND)
PENDING = HistoryFile(70014, FileStatus.PENDING)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with started() as server:
        server.apply_tables()
        yield server


@pytest.fixture(params=["fake", "postgres"])
def history(request: pytest.FixtureRequest) -> History:
    if request.param == "fake":
        return FakeHistory()
    server: Server = request.getfixturevalue("server")
    return PostgresHistory(server.connect)


def ended(now: datetime, **more: object) -> Job:
    """A job of nobody else's: the database lasts for all tests."""
    plain = {"job_id": str(uuid4()), "owner": f"user:{uuid4()}", "total": 3, "created_at": now}
    end = {"status": JobStatus.FAILED, "completed": 1, "failed": 1, "version": 4, "completed_at": now}
    return a_job(**{**plain, **end, **more})


def test_a_job_is_kept_once_however_often_it_comes(history: History, now: datetime) -> None:
    job = ended(now)
    assert [history.keep(job, [READY, FAILED]) for _ in range(3)] == [True, False, False]


def test_a_later_end_takes_the_place_of_an_earlier_and_never_the_other_way(
    history: History, now: datetime
) -> None:
    first = ended(now)
    later = replace(first, version=9, round=2, status=JobStatus.COMPLETED)
    assert history.keep(later, [READY])
    assert not history.keep(first, [FAILED])
    assert history.keep(replace(later, version=12), [READY])


def test_a_user_who_is_forgotten_leaves_others_alone_and_comes_back_by_nothing_late(
    history: History, now: datetime
) -> None:
    job = ended(now)
    mine = [replace(job, job_id=str(uuid4())) for _ in range(3)]
    another = ended(now)
    for each in (*mine, another):
        assert history.keep(each, [READY, FAILED])
    gone = [history.forget(job.owner, now, 2) for _ in range(3)]
    assert [len(ids) for ids in gone] == [2, 1, 0]
    assert {job_id for ids in gone for job_id in ids} == {each.job_id for each in mine}
    assert not history.keep(mine[0], [READY])
    assert not history.keep(another, [READY])
    newer = ended(now, owner=job.owner, created_at=now + timedelta(seconds=1))
    assert history.keep(newer, [READY])


def test_rows_are_what_became_of_the_job_and_of_each_file(server: Server, now: datetime) -> None:
    job = ended(now, started_at=now)
    history = PostgresHistory(server.connect)
    history.keep(replace(job, version=3), [PENDING])
    history.keep(job, [READY, FAILED, PENDING])
    assert server.rows(
        "SELECT owner, status, round, version, total, completed, failed, created_at, started_at, "
        "completed_at FROM download_jobs WHERE job_id = %s",
        job.job_id,
    ) == [(job.owner, "failed", 1, 4, 3, 1, 1, now, now, now)]
    assert server.rows(
        "SELECT file_id, owner, status, error_code, key, size, etag FROM download_files "
        "WHERE job_id = %s ORDER BY file_id",
        job.job_id,
    ) == [
        (70000, job.owner, "completed", None, "downloads/70000.zip", 5_000_000_000, "abc"),
        (70007, job.owner, "failed", "NOT_FOUND", None, None, None),
        (70014, job.owner, "pending", None, None, None, None),
    ]
    assert history.forget(job.owner, now, 10) == [job.job_id]
    assert server.rows("SELECT 1 FROM download_files WHERE owner = %s", job.owner) == []


def test_ten_thousand_files_are_one_step(server: Server, now: datetime) -> None:
    job = ended(now, total=10_000)
    files = [replace(READY, file_id=10_000 + number) for number in range(10_000)]
    assert PostgresHistory(server.connect).keep(job, files)
    assert server.rows("SELECT count(*) FROM download_files WHERE job_id = %s", job.job_id) == [(10_000,)]


@pytest.mark.parametrize("column", ["status", "owner"])
@pytest.mark.parametrize("table", ["download_jobs", "download_files"])
def test_status_and_owner_have_an_index(server: Server, table: str, column: str) -> None:
    found = server.rows("SELECT indexdef FROM pg_indexes WHERE tablename = %s", table)
    assert any(f"({column}" in definition for (definition,) in found)


def test_an_outage_is_told_and_survived_and_leaves_nothing_by_halves(server: Server, now: datetime) -> None:
    history, job = PostgresHistory(server.connect), ended(now)
    assert history.keep(replace(job, version=3), [PENDING])
    server.stop()
    try:
        for _ in range(2):
            with pytest.raises(HistoryDownError):
                history.keep(job, [READY])
    finally:
        server.start()
    kept = "SELECT version FROM download_jobs WHERE job_id = %s"
    assert server.rows(kept, job.job_id) == [(3,)]
    assert history.keep(job, [READY])
    assert server.rows(kept, job.job_id) == [(4,)]


def test_a_connection_that_was_cut_while_nobody_used_it_costs_no_attempt(
    server: Server, now: datetime
) -> None:
    seconds, made = [0.0], list[int]()

    def connect() -> psycopg.Connection[tuple[Any, ...]]:
        connection = server.connect()
        made.append(connection.info.backend_pid)
        return connection

    history = PostgresHistory(connect, lambda: seconds[0])
    for seconds[0] in (100.0, 159.0):
        assert history.keep(ended(now), [READY])
    assert len(made) == 1
    server.rows("SELECT pg_terminate_backend(%s, 10000)", made[0])
    seconds[0] += 61
    assert history.keep(ended(now), [READY])
    assert len(made) == 2


def test_each_transaction_has_an_end_and_leaves_the_session_as_it_was(server: Server, now: datetime) -> None:
    """What is set of a session, a proxy would hand on to others."""
    with server.connect() as connection:
        noted = "ADD COLUMN IF NOT EXISTS noted text DEFAULT current_setting('statement_timeout')"
        connection.execute(f"ALTER TABLE download_jobs {noted}")
        job = ended(now)
        assert PostgresHistory(lambda: connection).keep(job, [READY])
        assert server.rows("SELECT noted FROM download_jobs WHERE job_id = %s", job.job_id) == [("25s",)]
        assert connection.execute("SHOW statement_timeout").fetchone() == ("0",)


def test_a_fault_quotes_no_row(server: Server, now: datetime) -> None:
    wrong = replace(READY, key="secret/\x00name")
    with pytest.raises(HistoryDownError) as told:
        PostgresHistory(server.connect).keep(ended(now), [wrong])
    assert "secret" not in str(told.value)
    assert told.value.__cause__ is None
