"""Descriptors, calendars and calls of other threads, served by one thread."""

import os
import threading

import pytest

from insvc.agent.loop import Loop
from insvc.errors import WorldError
from tests.fakes.host_folder import looping
from tests.fakes.threads import beside


class Calendar:
    """A calendar with one event that is already late."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.ticks = 0

    def wait_s(self) -> float | None:
        return -1.0 if self.ticks == 0 else None

    def tick(self) -> None:
        self.ticks += 1


def test_a_call_of_another_thread_is_answered_by_the_loop_s_own() -> None:
    loop = Loop()
    with looping(loop):
        assert loop.call(threading.get_ident) != threading.get_ident()
        assert loop.call(lambda: loop.call(lambda: "within")) == "within"


def test_an_error_is_raised_where_it_was_asked_for() -> None:
    loop = Loop()
    with looping(loop), pytest.raises(ZeroDivisionError):
        loop.call(lambda: 1 // 0)


def test_a_readable_descriptor_is_served_until_it_is_unwatched() -> None:
    loop = Loop()
    read, write = os.pipe()
    found: list[bytes] = []
    is_read = threading.Event()

    def take() -> None:
        found.append(os.read(read, 10))
        is_read.set()

    with looping(loop):
        loop.call(lambda: loop.watch(read, take))
        os.write(write, b"one")
        assert is_read.wait(10)
        loop.call(lambda: loop.unwatch(read))
        os.write(write, b"two")
        loop.call(lambda: None)
    assert found == [b"one"]
    os.close(read)
    os.close(write)


def test_what_is_late_happens_at_once() -> None:
    loop = Loop()
    calendar = Calendar(loop)
    loop.add_timed(calendar)
    loop.run_once()
    assert calendar.ticks == 1
    loop.stop()
    loop.run()
    loop.close()


def test_a_full_wake_pipe_is_no_error() -> None:
    loop = Loop()
    done: list[int] = []
    for number in range(70_000):
        loop.post(lambda number=number: done.append(number))  # type: ignore[misc]
    loop.run_once()
    assert len(done) == 70_000
    loop.close()


def test_a_post_to_a_closed_loop_is_heard_by_nobody() -> None:
    loop = Loop()
    loop.close()
    done: list[int] = []
    loop.post(lambda: done.append(1))
    assert done == []


def test_a_call_to_a_loop_that_has_ended_is_refused() -> None:
    loop = Loop()
    with looping(loop):
        loop.call(lambda: None)
    with pytest.raises(WorldError, match="has ended"):
        loop.call(lambda: None)


def test_a_call_that_waits_while_the_loop_breaks_down_is_refused() -> None:
    loop = Loop()
    is_asked = threading.Event()

    def break_down() -> None:
        assert is_asked.wait(30)
        raise ZeroDivisionError

    def run() -> None:
        with pytest.raises(ZeroDivisionError):
            loop.run()

    with beside(run):
        loop.post(break_down)
        with beside(lambda: refused(loop)):
            is_asked.set()
    loop.close()


def refused(loop: Loop) -> None:
    with pytest.raises(WorldError, match="has ended"):
        loop.call(lambda: None)
