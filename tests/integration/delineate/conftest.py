from collections.abc import Iterator

import pytest

from tests.integration.delineate.fake_service import FakeService
from tests.integration.delineate.fake_storage import FakeStorage


@pytest.fixture(autouse=True)
def _loopback_only(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests talk to servers of their own, which no proxy may stand before."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("DELINEATE_API_URL", raising=False)


@pytest.fixture
def storage() -> Iterator[FakeStorage]:
    with FakeStorage() as running:
        yield running


@pytest.fixture
def service(storage: FakeStorage) -> Iterator[FakeService]:
    with FakeService(storage) as running:
        yield running
