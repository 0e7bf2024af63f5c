"""Looks at real programs: whose answer counts, and that nobody waits for those who are silent."""

import os
import signal
import threading
from dataclasses import replace

import pytest

from insvc.agent import asking
from insvc.model.words import InstanceState
from insvc.supervise.unit import Event
from tests.fakes.host_folder import PORT, HostFolder, row, supervising, until, wait_for_state

pytestmark = pytest.mark.integration
RUNNING = InstanceState.RUNNING


def test_an_answer_of_an_earlier_start_is_not_taken_for_the_present_one(
    folder: HostFolder,
) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        before = pmon.engine.units["x"]
        pmon.loop.call(lambda: pmon.engine.feed("x", Event.READY))
        assert pmon.engine.units["x"] == before
        earlier = replace(before, main=None)
        pmon.loop.call(lambda: pmon.engine.looks.hear(earlier, Event.NOT_READY))
        assert pmon.engine.units["x"] == before


def test_one_that_is_silent_holds_up_nobody_s_looks(
    folder: HostFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LOOK_TIMEOUT_S", 20.0)
    folder.define("silent", "serves", port=PORT, audit_s=0.05, audit_misses=1000)
    folder.define("busy", "serves", port=PORT + 1)
    with supervising(folder) as pmon:
        pid = wait_for_state(pmon, "silent", RUNNING).pid
        first = wait_for_state(pmon, "busy", RUNNING).pid
        assert pid is not None
        assert first is not None
        os.kill(pid, signal.SIGSTOP)
        threads = threading.active_count()
        due = pmon.engine.units["silent"].due
        until(lambda: pmon.engine.units["silent"].due != due)
        os.kill(first, signal.SIGKILL)
        until(lambda: row(pmon, "busy").restarts == 1 and row(pmon, "busy").state is RUNNING)
        assert threading.active_count() == threads
        assert row(pmon, "silent").pid == pid
        os.kill(pid, signal.SIGCONT)


def test_one_without_a_port_is_asked_for_its_life_alone(folder: HostFolder) -> None:
    folder.define("x", audit_s=0.02, audit_misses=1)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        due = pmon.engine.units["x"].due
        until(lambda: pmon.engine.units["x"].due != due)
        assert row(pmon, "x") == first
