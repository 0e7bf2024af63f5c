"""Work that a child does meanwhile: its answer, or that there is none."""

import os
import signal
from pathlib import Path

import pytest

from insvc.adapters.aside import Aside, can_work_aside


def test_the_answer_is_what_the_work_gives() -> None:
    aside = Aside(lambda: [(os.getpid(), "ö\udcff", b"\0", None, 1.5)])
    ((pid, *rest),) = aside.answer()
    assert pid != os.getpid()
    assert rest == ["ö\udcff", b"\0", None, 1.5]


def test_a_long_answer_comes_whole() -> None:
    assert Aside(lambda: [b"x" * 300_000] * 3).answer() == [b"x" * 300_000] * 3


def failing() -> None:
    """Work that fails."""
    raise ValueError


def killed() -> None:
    """Work in the midst of which the child is killed."""
    os.kill(os.getpid(), signal.SIGKILL)


def odd() -> object:
    """Work whose answer cannot be told."""
    return object()


@pytest.mark.parametrize("work", [failing, killed, odd])
def test_a_child_that_fails_gives_no_answer_and_is_reaped(work: object) -> None:
    assert callable(work)
    aside = Aside(work)
    assert aside.answer() is None
    with pytest.raises(ChildProcessError):
        os.waitpid(aside._pid, 0)


def test_nothing_stays_open() -> None:
    before = sorted(path.name for path in Path("/proc/self/fd").iterdir())
    Aside(lambda: 1).answer()
    assert sorted(path.name for path in Path("/proc/self/fd").iterdir()) == before


@pytest.mark.parametrize(("processors", "can"), [({0}, False), ({0, 1}, True)])
def test_a_child_needs_a_processor_of_its_own(
    monkeypatch: pytest.MonkeyPatch, processors: set[int], *, can: bool
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: processors)
    assert can_work_aside() is can
