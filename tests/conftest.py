"""What all suites share."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

from downloads.caller import ANONYMOUS, Caller, Session
from downloads.file import ErrorCode, FailedFile, LinkedFile, PreparedFile, Priority, SignedUrl, StoredObject
from downloads.model import Job

# No test fails by the clock: machines are shared.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

ROOT = Path(__file__).parent
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SOMEONE = Caller("user:someone", "192.0.2.1")
# What opened a connection or a stream of whoever owns a_job().
SESSION = Session(ANONYMOUS)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--schedules", type=int, default=10_000, help="seeded schedules of the simulation")
    parser.addoption("--examples", type=int, default=20, help="requests that schemathesis draws an operation")
    parser.addoption(
        "--screenshots", type=Path, default=ROOT.parent / "artifacts" / "demo-page", help="where pictures go"
    )
    parser.addoption("--seed", type=int, default=None, help="run this one schedule alone")


# Each has an emulator, a deployed stack or synthesized templates of its own, which one worker makes once.
# In this order, so that the longest begin first and the short tests fill what is left of a run on two cores.
TOGETHER = ("test_chaos", "e2e", "security", "live", "object_stores", "contract", "infra", "proxies")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    groups = {item.nodeid: _group(item) for item in items}
    for item in items:
        if group := groups[item.nodeid]:
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: (*TOGETHER, None).index(groups[item.nodeid]))


def _group(item: pytest.Item) -> str | None:
    parts = {item.path.stem, *item.path.relative_to(ROOT).parts}
    return next((name for name in TOGETHER if name in parts), None)


@pytest.fixture
def now() -> datetime:
    """A moment that stored jobs of the tests are alive at."""
    return NOW


def a_job(total: int = 3, **changes: object) -> Job:
    defaults: dict[str, object] = {
        "job_id": str(uuid4()),
        "owner": ANONYMOUS,
        "priority": Priority.NORMAL,
        "total": total,
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=1),
        "deadline_at": NOW + timedelta(hours=1),
        "check_at": NOW + timedelta(minutes=2),
    }
    return Job(**(defaults | changes))  # type: ignore[arg-type] # defaults and changes fit Job's fields


def ready(file_id: int) -> PreparedFile:
    return PreparedFile(file_id, StoredObject(f"downloads/{file_id}.zip", 42, "etag"))


def linked(file: PreparedFile) -> LinkedFile:
    link = SignedUrl(f"https://store.example/{file.file_id}", NOW + timedelta(hours=1))
    return LinkedFile(file.file_id, file.stored, link)


def failed(file_id: int, code: ErrorCode = ErrorCode.NOT_FOUND) -> FailedFile:
    return FailedFile(file_id, code)
