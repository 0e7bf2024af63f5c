"""Threads of tests: each ends with its test, and none that hangs can hold up the suite."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LIMIT_S = 60.0


def begin(run: Callable[[], object]) -> threading.Thread:
    """A thread that runs this; the interpreter's end does not wait for it."""
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def end(thread: threading.Thread) -> None:
    """Wait for its end, not for ever."""
    thread.join(_LIMIT_S)
    assert not thread.is_alive(), f"{thread.name} has not ended within {_LIMIT_S:g} s"


@contextmanager
def beside(run: Callable[[], object]) -> Iterator[None]:
    """Run this beside the block, which ends when both have."""
    thread = begin(run)
    try:
        yield
    finally:
        end(thread)
