"""Orphans that are taken in, and cleared away once they have ended."""

import os
import subprocess
import sys

import pytest

from insvc.adapters.pidfd import read_identity
from insvc.adapters.subreaper import children, reap, set_subreaper
from insvc.agent.orphans import QUIET_S, Orphans
from tests.fakes.host_folder import until

pytestmark = pytest.mark.integration
_FORKS_TWICE = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        os.close(1)
        sys.stdin.read()
    os._exit(0)
os.wait()
"""


class Turned:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def start_daemon() -> "tuple[int, subprocess.Popen[bytes]]":
    """A daemon that forks twice and ends when its input does."""
    read, write = os.pipe()
    starter = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _FORKS_TWICE], stdin=read, stdout=subprocess.PIPE
    )
    os.close(read)
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.stdout.close()
    starter.stdin = os.fdopen(write, "wb")
    return pid, starter


def test_an_orphan_is_cleared_away_once_it_has_ended_and_is_nobody_s() -> None:
    held: set[int] = set()
    clock = Turned()
    orphans = Orphans(lambda: held, clock)
    try:
        pid, starter = start_daemon()
        held |= {pid, starter.pid}
        starter.wait(20)
        until(lambda: pid in children())
        assert orphans.wait_s() is None
        assert starter.stdin is not None
        starter.stdin.close()
        until(lambda: read_identity(pid) is None)
        orphans.on_child()
        assert orphans.wait_s() == QUIET_S
        orphans.tick()
        clock.now += QUIET_S
        orphans.tick()
        assert pid in children()
        held.clear()
        orphans.on_child()
        orphans.on_child()
        clock.now += QUIET_S
        orphans.tick()
        assert pid not in children()
    finally:
        orphans.close()


def test_children_that_were_there_before_are_left_to_their_owner() -> None:
    child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "raise SystemExit(3)"])
    clock = Turned()
    orphans = Orphans(tuple, clock)
    until(lambda: read_identity(child.pid) is None)
    orphans.on_child()
    clock.now += QUIET_S
    orphans.tick()
    orphans.close()
    assert child.wait(20) == 3


def test_only_what_has_ended_and_is_ours_is_reaped() -> None:
    child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE)
    assert reap([child.pid, 1, 2**22 + 1]) == ()
    child.communicate()
    assert set_subreaper(is_on=False)
