"""The Watchers port, on the fake and on DynamoDB."""

from datetime import datetime, timedelta

from downloads.watch_ports import Watchers


def test_watchers_of_a_job_are_its_own(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", None, now)
    watchers.add("a", "two", None, now)
    watchers.add("b", "one", None, now)
    assert sorted(watchers.of("a", now)) == ["one", "two"]
    assert watchers.of("c", now) == []


def test_watching_twice_is_watching_once(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", None, now)
    watchers.add("a", "one", None, now)
    assert watchers.of("a", now) == ["one"]


def test_remove_forgets_one_job_only(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", None, now)
    watchers.add("b", "one", None, now)
    watchers.remove("a", ["one", "stranger"])
    assert watchers.of("a", now) == []
    assert watchers.of("b", now) == ["one"]


def test_leave_forgets_whatever_a_connection_watches(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", None, now)
    watchers.add("b", "one", None, now)
    watchers.add("b", "two", None, now)
    watchers.leave("one")
    watchers.leave("stranger")
    assert (watchers.of("a", now), watchers.of("b", now)) == ([], ["two"])


def test_who_watches_on_ended_time_is_told_nothing(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", now + timedelta(seconds=1), now)
    watchers.add("a", "two", None, now)
    assert sorted(watchers.of("a", now)) == ["one", "two"]
    assert watchers.of("a", now + timedelta(seconds=1)) == ["two"]
