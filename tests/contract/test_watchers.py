"""The Watchers port, on the fake and on DynamoDB."""

from datetime import datetime

from downloads.ports import Watchers


def test_watchers_of_a_job_are_its_own(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", now)
    watchers.add("a", "two", now)
    watchers.add("b", "one", now)
    assert sorted(watchers.of("a")) == ["one", "two"]
    assert watchers.of("c") == []


def test_watching_twice_is_watching_once(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", now)
    watchers.add("a", "one", now)
    assert watchers.of("a") == ["one"]


def test_remove_forgets_one_job_only(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", now)
    watchers.add("b", "one", now)
    watchers.remove("a", ["one", "stranger"])
    assert watchers.of("a") == []
    assert watchers.of("b") == ["one"]


def test_leave_forgets_whatever_a_connection_watches(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", now)
    watchers.add("b", "one", now)
    watchers.add("b", "two", now)
    watchers.leave("one")
    watchers.leave("stranger")
    assert (watchers.of("a"), watchers.of("b")) == ([], ["two"])
