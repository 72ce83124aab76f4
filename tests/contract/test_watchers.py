"""The Watchers port, on the fake and on DynamoDB."""

from datetime import datetime

from downloads.ports import Watchers


def test_watchers_of_a_job_are_its_own(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", now, greet=False)
    watchers.add("a", "two", now, greet=True)
    watchers.add("b", "one", now, greet=False)
    assert sorted(watchers.of("a")) == ["one", "two"]
    assert watchers.of("c") == []


def test_watching_twice_is_watching_once(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", now, greet=False)
    watchers.add("a", "one", now, greet=False)
    assert watchers.of("a") == ["one"]


def test_remove_forgets_one_job_only(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", now, greet=False)
    watchers.add("b", "one", now, greet=False)
    watchers.remove("a", ["one", "stranger"])
    assert watchers.of("a") == []
    assert watchers.of("b") == ["one"]


def test_leave_forgets_whatever_a_connection_watches(watchers: Watchers, now: datetime) -> None:
    watchers.add("a", "one", now, greet=False)
    watchers.add("b", "one", now, greet=False)
    watchers.add("b", "two", now, greet=False)
    watchers.leave("one")
    watchers.leave("stranger")
    assert (watchers.of("a"), watchers.of("b")) == ([], ["two"])
