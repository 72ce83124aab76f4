from collections.abc import Iterator

import pytest

from tests.integration.delineate.fake_issuer import FakeIssuer
from tests.integration.delineate.fake_service import FakeService
from tests.integration.delineate.fake_storage import FakeStorage


@pytest.fixture(autouse=True)
def _loopback_only(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """These tests talk to servers of their own, which no proxy may stand before, as nobody signed in."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("API_URL", "TOKEN", "USERNAME"):
        monkeypatch.delenv(f"DELINEATE_{name}", raising=False)
    monkeypatch.setenv("DELINEATE_CREDENTIALS", str(tmp_path_factory.mktemp("home") / "credentials.json"))


@pytest.fixture
def storage() -> Iterator[FakeStorage]:
    with FakeStorage() as running:
        yield running


@pytest.fixture
def service(storage: FakeStorage) -> Iterator[FakeService]:
    with FakeService(storage) as running:
        yield running


@pytest.fixture
def issuer(service: FakeService) -> Iterator[FakeIssuer]:
    """An issuer whose tokens, and no others, the service takes; people sign in as with Cognito."""
    with FakeIssuer() as running:
        service.tokens, service.auth = running.valid, running.cognito
        yield running
