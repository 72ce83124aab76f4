"""Threads that work off ids: all of them, no more at a time than allowed, and no fault lost."""

import threading

import pytest

from delineate.download.crew import Crew
from delineate.errors import Stopped


def test_everything_given_is_done() -> None:
    done: list[int] = []
    crew = Crew(3, done.append, threading.Event())
    for file_id in range(100):
        crew.give(file_id)
    crew.finish()
    assert sorted(done) == list(range(100))


def test_no_more_at_a_time_than_the_size() -> None:
    barrier, most, now, lock = threading.Barrier(2), [0], [0], threading.Lock()

    def work(_: int) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        barrier.wait(10)
        with lock:
            now[0] -= 1

    crew = Crew(2, work, threading.Event())
    for file_id in range(6):
        crew.give(file_id)
    crew.finish()
    assert most[0] == 2


def test_a_fault_that_nobody_handled_reaches_the_one_who_waits() -> None:
    def work(file_id: int) -> None:
        raise ZeroDivisionError(file_id)

    crew = Crew(2, work, threading.Event())
    crew.give(1)
    with pytest.raises(ZeroDivisionError):
        crew.finish()


def test_dismissed_workers_put_their_work_down() -> None:
    stop, begun, done = threading.Event(), threading.Event(), []

    def work(file_id: int) -> None:
        begun.set()
        stop.wait(10)
        done.append(file_id)
        raise Stopped

    crew = Crew(1, work, stop)
    for file_id in range(5):
        crew.give(file_id)
    assert begun.wait(10)
    crew.dismiss(patience=10)
    assert done == [0]
