"""Processes held by descriptor."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from insvc.adapters.pidfd import Held, boot_id, read_identity, start_ticks

pytestmark = pytest.mark.integration
NOBODY = 2**22 + 1
"""Above the highest pid that the kernel gives."""


@contextmanager
def sleeper() -> Iterator[int]:
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", "import signal; print(flush=True); signal.pause()"],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert child.stdout is not None
    child.stdout.readline()
    try:
        yield child.pid
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


def test_a_process_has_one_identity_for_life() -> None:
    me = read_identity(os.getpid())
    assert me is not None
    assert me == read_identity(os.getpid())
    assert (me.boot_id, me.start_ticks) == (boot_id(), start_ticks(os.getpid()))


def test_nobody_has_none() -> None:
    assert read_identity(NOBODY) is None
    with pytest.raises(OSError, match="No such file"):
        start_ticks(NOBODY)


def test_an_end_is_an_event_and_a_zombie_has_no_identity() -> None:
    with sleeper() as pid:
        identity = read_identity(pid)
        assert identity is not None
        held = Held.by_identity(identity)
        assert held is not None
        assert select.select([held.fd], [], [], 0)[0] == []
        held.signal(signal.SIGKILL)
        assert select.select([held.fd], [], [], 20)[0] == [held.fd]
        assert read_identity(pid) is None
        assert start_ticks(pid) == identity.start_ticks
        held.reap()
        held.reap()
        held.signal(signal.SIGTERM)
        held.signal_group(signal.SIGTERM)
        held.close()


def test_a_later_process_of_the_same_pid_is_another() -> None:
    with sleeper() as pid:
        identity = read_identity(pid)
        assert identity is not None
        assert Held.by_identity(replace(identity, start_ticks=identity.start_ticks - 1)) is None
        assert Held.by_identity(replace(identity, pid=NOBODY)) is None


def test_a_group_is_signalled_as_one() -> None:
    with sleeper() as pid:
        identity = read_identity(pid)
        assert identity is not None
        held = Held.by_identity(identity)
        assert held is not None
        held.signal_group(signal.SIGKILL)
        assert select.select([held.fd], [], [], 20)[0] == [held.fd]
        held.close()
