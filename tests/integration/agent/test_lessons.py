"""Bugs that other managers had (docs/lessons.md), on real processes under ours."""

import os
import signal
import time
from contextlib import suppress

import pytest

from insvc.agent.alarms import alarms_of
from insvc.agent.loop import Loop
from insvc.agent.restarting import restart
from insvc.agent.strays import of_host
from insvc.model.restart import Order
from insvc.model.words import InstanceState, Manager
from tests.fakes import pmon_host
from tests.fakes.host_folder import PORT, HostFolder, row, supervising, until, wait_for_state
from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration
RUNNING = InstanceState.RUNNING
TELLS_FILES = """found = sorted(int(one) for one in os.listdir('/proc/self/fd'))
listing = [one for one in found if os.path.exists('/proc/self/fd/%d' % one)]
tell('files ' + ','.join(map(str, listing)))
announce()
signal.pause()
"""
SLOW = """while not os.path.exists(os.path.join(os.environ['INSVC_RUN'], 'go')):
    time.sleep(0.01)
announce()
signal.pause()
"""
ENDS_LATER = """def end(*_):
    time.sleep(0.2)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
announce()
while True: signal.pause()
"""


def test_what_dies_while_everything_ends_stays_down(folder: HostFolder) -> None:
    for name in ("x", "y"):
        folder.define(name, "stubborn" if name == "x" else "plain", drain={"timeout_s": 30.0})
    with supervising(folder) as pmon:
        pids = {name: wait_for_state(pmon, name, RUNNING).pid for name in ("x", "y")}
        closing = begin(lambda: pmon.end_all(30.0))
        until(lambda: pmon.engine.duty.closing)
        for pid in pids.values():
            _kill(pid)
        end(closing)
        assert [unit.starts for unit in pmon.engine.units.values()] == [1, 1]
    assert not list(of_host(folder.root))


def _kill(pid: int | None) -> None:
    """Kill it; it may have ended by itself."""
    assert pid is not None
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def test_a_long_wait_for_one_service_keeps_no_other_waiting(folder: HostFolder) -> None:
    folder.write_program("slow", SLOW)
    folder.define("x", "slow")
    folder.define("y")
    gate = folder.path / "run" / "go"
    gate.touch()
    with supervising(folder) as pmon:
        pid = wait_for_state(pmon, "y", RUNNING).pid
        wait_for_state(pmon, "x", RUNNING)
        gate.unlink()
        asked = begin(lambda: restart(pmon, Order(service="x", timeout_s=60.0)))
        until(lambda: row(pmon, "x").state is InstanceState.STARTING)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until(lambda: row(pmon, "y").restarts == 1 and row(pmon, "y").state is RUNNING)
        assert row(pmon, "x").state is InstanceState.STARTING
        gate.touch()
        end(asked)
        assert row(pmon, "x").state is RUNNING


def test_a_signal_may_come_at_any_moment_of_the_loop() -> None:
    loop = Loop()

    def interrupted() -> None:
        with loop._open:
            loop.stop()

    end(begin(interrupted))
    loop.run()
    loop.close()


def test_a_service_inherits_no_file_of_its_manager(folder: HostFolder) -> None:
    folder.write_program("files", TELLS_FILES)
    folder.define("x", "files")
    read, write = os.pipe()
    os.set_inheritable(write, True)
    try:
        with supervising(folder) as pmon:
            wait_for_state(pmon, "x", RUNNING)
            assert folder.told() == ["files 0,1,2 x"]
    finally:
        os.close(read)
        os.close(write)


@pytest.mark.parametrize("manager", [Manager.PMON, Manager.SM])
def test_a_stop_takes_as_long_as_the_service_needs_and_not_as_long_as_it_may(
    folder: HostFolder, manager: Manager
) -> None:
    folder.write_program("later", ENDS_LATER)
    folder.define("x", "later", manager=manager, drain={"timeout_s": 600.0})
    with supervising(folder, manager) as supervisor:
        wait_for_state(supervisor, "x", RUNNING)
        began = time.monotonic()
        account = restart(supervisor, Order(service="x", timeout_s=120.0))
        assert (account.done, account.drained) == (True, True)
        assert time.monotonic() - began < 60.0


def test_two_restarts_asked_for_at_once_and_a_death_start_one_process(folder: HostFolder) -> None:
    folder.define("x", "serves", port=PORT)
    with supervising(folder) as pmon:
        pid = wait_for_state(pmon, "x", RUNNING).pid
        asked = [begin(lambda: restart(pmon, Order(service="x"))) for _ in range(2)]
        _kill(pid)
        for one in asked:
            end(one)
        wait_for_state(pmon, "x", RUNNING)
        (left,) = of_host(folder.root)
        assert left.pid == row(pmon, "x").pid


def test_a_flag_that_a_killed_script_left_keeps_nothing_from_starting(folder: HostFolder) -> None:
    folder.define("x")
    (folder.root / "run" / "x.pid").write_text("1\n")
    (folder.path / "run" / "pmon.json.new").write_text("half a fi")
    with supervising(folder) as pmon:
        assert wait_for_state(pmon, "x", RUNNING).restarts == 0
        assert (folder.root / "run" / "x.pid").read_text() == str(row(pmon, "x").pid)


def test_a_process_of_a_part_that_the_host_has_not_is_neither_started_nor_failed(
    folder: HostFolder,
) -> None:
    pmon_host.passive(folder, "x")
    pmon_host.passive(folder, "part", subfunction="storage")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        assert not restart(pmon, Order(service="part", timeout_s=5.0)).done
        found = row(pmon, "part")
        assert (found.state, found.desired) == (InstanceState.STOPPED, InstanceState.STOPPED)
        assert (found.restarts, pmon_host.counted(folder, "start part")) == (0, 0)
        assert alarms_of(folder.path).standing == ()
        assert pmon.end_all(20.0) == ()
