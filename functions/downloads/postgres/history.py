"""The History port on PostgreSQL 12 or newer, in the tables of 001_tables.sql."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from time import time
from typing import Any

import psycopg

from downloads.errors import HistoryDownError
from downloads.history_ports import HistoryFile
from downloads.model import Job

Connection = psycopg.Connection[tuple[Any, ...]]
Connect = Callable[[], Connection]

# SQS keeps a message for 14 days: after that nothing of before can come any more.
MESSAGES_LIVE = "15 days"

# A run that Lambda froze may find its connection cut by whatever lies between, without a word of it.
IDLE_S = 60

STATEMENT_MS = 25_000
# Of this transaction alone: a proxy between may give the session to others.
LIMITS = f"""
SET LOCAL statement_timeout = {STATEMENT_MS};
SET LOCAL idle_in_transaction_session_timeout = {STATEMENT_MS};
"""
# Whoever keeps a job of an owner and whoever forgets that owner wait for one another.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 4711))"
FORGOTTEN = "SELECT 1 FROM download_forgotten WHERE owner_sha256 = %s AND forgotten_at >= %s"
KEEP_JOB = """
INSERT INTO download_jobs AS kept (job_id, owner, status, priority, on_error, round, version, total,
    completed, failed, created_at, started_at, completed_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (job_id) DO UPDATE SET (status, round, version, completed, failed, started_at, completed_at,
    exported_at) = (excluded.status, excluded.round, excluded.version, excluded.completed, excluded.failed,
    excluded.started_at, excluded.completed_at, now())
WHERE kept.version < excluded.version
"""
DROP_FILES = "DELETE FROM download_files WHERE job_id = %s"
KEEP_FILES = "COPY download_files (job_id, file_id, owner, status, error_code, key, size, etag) FROM STDIN"
NOTE_FORGOTTEN = """
INSERT INTO download_forgotten (owner_sha256, forgotten_at) VALUES (%s, %s)
ON CONFLICT (owner_sha256) DO UPDATE
SET forgotten_at = greatest(download_forgotten.forgotten_at, excluded.forgotten_at)
"""
DROP_NOTES = "DELETE FROM download_forgotten WHERE forgotten_at < now() - %s::interval"
FORGET_JOBS = """
DELETE FROM download_jobs WHERE job_id IN (SELECT job_id FROM download_jobs WHERE owner = %s LIMIT %s)
RETURNING job_id
"""


class PostgresHistory:
    """One connection, made when first needed and again after a fault or a minute without use.

    Each call is one transaction. ``clock`` tells seconds, also those of a process that is frozen.
    """

    def __init__(self, connect: Connect, clock: Callable[[], float] = time) -> None:
        self._connect = connect
        self._clock = clock
        self._open: Connection | None = None
        self._used = 0.0

    def keep(self, job: Job, files: Sequence[HistoryFile]) -> bool:
        with self._transaction() as cursor:
            cursor.execute(LOCK, [job.owner])
            if cursor.execute(FORGOTTEN, [_digest(job.owner), job.created_at]).fetchone():
                return False
            if not cursor.execute(KEEP_JOB, _row(job)).rowcount:
                return False
            cursor.execute(DROP_FILES, [job.job_id])
            with cursor.copy(KEEP_FILES) as copy:
                for file in files:
                    facts = (file.error_code, file.key, file.size, file.etag)
                    copy.write_row((job.job_id, file.file_id, job.owner, file.status.value, *facts))
        return True

    def forget(self, owner: str, now: datetime, most: int) -> Sequence[str]:
        with self._transaction() as cursor:
            cursor.execute(LOCK, [owner])
            cursor.execute(DROP_NOTES, [MESSAGES_LIVE])
            cursor.execute(NOTE_FORGOTTEN, [_digest(owner), now])
            return [str(job_id) for (job_id,) in cursor.execute(FORGET_JOBS, [owner, most])]

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
        if self._clock() - self._used > IDLE_S:
            self._drop()
        try:
            connection = self._open or self._connect()
            self._open = connection
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute(LIMITS)
                yield cursor
            self._used = self._clock()
        except psycopg.Error as error:
            self._drop()
            # Without its cause: an error of the driver may quote the row.
            raise HistoryDownError(f"{type(error).__name__} {error.sqlstate or ''}".strip()) from None

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None


def _row(job: Job) -> list[object]:
    named = (job.job_id, job.owner, job.status.value, job.priority.value, job.on_error.value)
    counted = (job.round, job.version, job.total, job.completed, job.failed)
    return [*named, *counted, job.created_at, job.started_at, job.completed_at]


def _digest(owner: str) -> bytes:
    return sha256(owner.encode()).digest()
