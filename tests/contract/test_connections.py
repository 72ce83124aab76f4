"""The Connections port, on the fake and on a management API over real HTTP.

Not on the emulator: it makes up the ids and no connection there is ever stuck; tests/e2e sends its frames.
"""

from collections.abc import Iterator

import pytest

from downloads import wiring
from downloads.errors import ConnectionFaultError, ConnectionGoneError, ConnectionSlowError
from downloads.watch_ports import Connections
from tests.fakes import FakeConnections
from tests.sockets import SocketApi


@pytest.fixture(params=["fake", "api gateway"])
def places(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Connections, FakeConnections | SocketApi]]:
    """The port, and the place behind it that knows who is gone."""
    if request.param == "fake":
        fake = FakeConnections()
        yield fake, fake
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with SocketApi() as api:
        yield wiring.connections(api.url), api


def test_frames_arrive_as_they_were_sent(places: tuple[Connections, FakeConnections | SocketApi]) -> None:
    connections, place = places
    connections.send("L0SM9cOFvHcCIhw=", '{"type":"pong"}')
    connections.send("L0SM9cOFvHcCIhw=", '{"name":"año"}')
    assert place.frames == {"L0SM9cOFvHcCIhw=": ['{"type":"pong"}', '{"name":"año"}']}


def test_a_closed_connection_is_gone(places: tuple[Connections, FakeConnections | SocketApi]) -> None:
    connections, place = places
    place.gone.add("one")
    with pytest.raises(ConnectionGoneError):
        connections.send("one", "{}")


def test_a_fault_is_a_fault_and_not_gone(places: tuple[Connections, FakeConnections | SocketApi]) -> None:
    connections, place = places
    place.stuck.add("one")
    with pytest.raises(ConnectionFaultError) as raised:
        connections.send("one", "{}")
    assert not isinstance(raised.value, ConnectionSlowError)


def test_no_answer_in_time_is_told_apart(places: tuple[Connections, FakeConnections | SocketApi]) -> None:
    connections, place = places
    place.slow.add("one")
    with pytest.raises(ConnectionSlowError):
        connections.send("one", "{}")


def test_a_connection_is_closed_once_and_gone(
    places: tuple[Connections, FakeConnections | SocketApi],
) -> None:
    connections, place = places
    connections.close("one")
    connections.close("one")
    assert place.gone == {"one"}
    with pytest.raises(ConnectionGoneError):
        connections.send("one", "{}")


def test_one_that_cannot_be_closed_is_a_fault(
    places: tuple[Connections, FakeConnections | SocketApi],
) -> None:
    connections, place = places
    place.stuck.add("one")
    with pytest.raises(ConnectionFaultError):
        connections.close("one")
