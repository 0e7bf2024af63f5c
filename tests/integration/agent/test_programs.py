"""What is done for programs that an engine launches; the rest is in the tests of the engine."""

import os
import signal

import pytest

from insvc.model.words import InstanceState
from insvc.supervise.unit import Event
from tests.fakes.host_folder import HostFolder, row, supervising, until, wait_for_state

pytestmark = pytest.mark.integration
RUNNING = InstanceState.RUNNING


def test_a_look_that_an_earlier_life_did_not_finish_is_made_again(folder: HostFolder) -> None:
    folder.define("x", "mute", ready_timeout_s=60.0)
    with supervising(folder) as pmon:
        until(lambda: folder.told() == ["up x"])
        pmon.loop.call(lambda: pmon.engine.feed("x", Event.LOOK_DUE))
        pid = row(pmon, "x").pid
    (folder.root / "run/x.pid").write_text(str(pid))
    with supervising(folder) as pmon:
        assert wait_for_state(pmon, "x", RUNNING).pid == pid
        assert folder.told() == ["up x"]


def test_a_program_that_dies_before_it_is_taken_is_launched_again(folder: HostFolder) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING).pid
        assert first is not None
        hands = pmon.engine.programs
        pmon.loop.call(lambda: hands._found.update({"x": pmon.engine.units["x"].main}))  # type: ignore[dict-item]
        os.kill(first, signal.SIGKILL)
        until(lambda: row(pmon, "x").restarts == 1 and row(pmon, "x").state is RUNNING)
        assert folder.told() == ["up x", "up x"]
