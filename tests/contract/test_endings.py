"""The Endings port: which connections have to be closed, by the minute."""

from datetime import datetime, timedelta

import pytest

from downloads.aws.endings import DynamoEndings
from downloads.watch_ports import Endings
from tests.contract.conftest import ALL, cloud_of, make_table
from tests.fakes import FakeEndings


@pytest.fixture(params=ALL)
def endings(request: pytest.FixtureRequest) -> Endings:
    if request.param == "fake":
        return FakeEndings()
    client = cloud_of(request)("dynamodb")
    return DynamoEndings(client, make_table(client))


def test_a_connection_is_due_when_its_time_is_over(endings: Endings, now: datetime) -> None:
    endings.note("one", now + timedelta(seconds=59))
    endings.note("two", now + timedelta(seconds=61))
    assert endings.due(now + timedelta(seconds=58)) == []
    assert endings.due(now + timedelta(seconds=59)) == [("one", now + timedelta(seconds=59))]
    both = [("one", now + timedelta(seconds=59)), ("two", now + timedelta(seconds=61))]
    assert list(endings.due(now + timedelta(minutes=3))) == both


def test_what_was_closed_is_due_no_more(endings: Endings, now: datetime) -> None:
    endings.note("one", now)
    endings.forget("one", now)
    endings.forget("stranger", now)
    assert endings.due(now) == []


def test_what_was_missed_for_a_quarter_of_an_hour_is_left_to_the_gateway(
    endings: Endings, now: datetime
) -> None:
    endings.note("one", now)
    assert endings.due(now + timedelta(minutes=15)) == [("one", now)]
    assert endings.due(now + timedelta(minutes=17)) == []
