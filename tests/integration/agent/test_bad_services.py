"""Services that do what no service should, with real processes under our own managers."""

import os
import signal
import socket
import time
from dataclasses import replace

import pytest

from insvc.adapters.pidfd import read_identity
from insvc.agent.logs import LogKeeper
from insvc.agent.restarting import restart
from insvc.agent.strays import of_host
from insvc.model.restart import Order
from insvc.model.words import InstanceState, Manager
from insvc.supervise.unit import Event
from tests.fakes.host_folder import PORT, HostFolder, row, supervising, until, wait_for_state

pytestmark = pytest.mark.integration
RUNNING, FAILED = InstanceState.RUNNING, InstanceState.FAILED
MANY = 200

FLOODS = """announce()
line = b"x" * 4095 + b"\\n"
while True:
    os.write(1, line * 64)
"""
HOLDS = """import select
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((os.environ["INSVC_ADDRESS"], int(os.environ["INSVC_PORT"])))
listener.listen()
if os.fork() == 0:
    signal.pause()
announce()
tell("up")
while True:
    client, _ = listener.accept()
    with client:
        client.recv(4096)
        client.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\nok")
"""
DIES_YOUNG = """announce()
tell("up")
time.sleep(float(open(os.path.join(os.environ["INSVC_RUN"], "life")).read()))
"""
FORKS_TWICE = """tell("begun")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((os.environ["INSVC_ADDRESS"], int(os.environ["INSVC_PORT"])))
        listener.listen()
        tell("daemon")
        signal.pause()
os._exit(0)
"""
IGNORES = """for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(one, signal.SIG_IGN)
tell("up")
announce()
while True:
    signal.pause()
"""


@pytest.fixture(params=[Manager.PMON, Manager.SM])
def manager(request: pytest.FixtureRequest) -> Manager:
    found: Manager = request.param
    return found


def test_one_that_ignores_every_polite_signal_is_ended_in_its_time(
    folder: HostFolder, manager: Manager
) -> None:
    folder.write_program("ignores", IGNORES)
    folder.define("x", "ignores", manager=manager, drain={"timeout_s": 0.05})
    with supervising(folder, manager) as supervisor:
        first = wait_for_state(supervisor, "x", RUNNING).pid
        assert first is not None
        account = restart(supervisor, Order(service="x"))
        assert (account.done, account.drained) == (True, False)
        assert read_identity(first) is None
        assert folder.told() == ["up x", "up x"]


def test_one_that_ends_at_every_start_is_paced_and_does_not_hold_up_the_others(
    folder: HostFolder, manager: Manager
) -> None:
    folder.define("x", "fails", manager=manager, restarts=1, interval_s=0.2)
    folder.define("y", manager=manager)
    with supervising(folder, manager) as supervisor:
        until(lambda: row(supervisor, "x").restarts >= 3 and row(supervisor, "x").state is FAILED)
        assert row(supervisor, "y").state is RUNNING
        assert row(supervisor, "y").restarts == 0
        before = supervisor.engine.units["x"].starts
        until(lambda: supervisor.engine.units["x"].starts == before + 1)
        began = supervisor.clock()
        until(lambda: supervisor.engine.units["x"].starts > before + 1)
        # A manager that tries again at once would need some 30 ms.
        assert supervisor.clock() - began > 0.1


def test_one_that_floods_its_log_fills_no_disk(folder: HostFolder) -> None:
    folder.write_program("floods", FLOODS)
    folder.define("x", "floods")
    path = folder.path / "log" / "x.log"
    limit = 1024 * 1024
    with supervising(folder) as pmon:
        pid = wait_for_state(pmon, "x", RUNNING).pid
        keeper = LogKeeper(path.parent, limit, look_s=0.01)
        until(lambda: path.stat().st_size > 4 * limit)
        keeper.start()
        try:
            until(lambda: path.stat().st_size <= limit)
            until(lambda: path.stat().st_size > 0)
        finally:
            keeper.close()
        assert path.with_name("x.log.1").stat().st_size <= limit
        assert row(pmon, "x").pid == pid
        assert pmon.end_all(20.0) == ()


def test_children_that_hold_its_port_after_its_death_do_not_keep_it_down(
    folder: HostFolder, manager: Manager
) -> None:
    folder.write_program("holds", HOLDS)
    folder.define("x", "holds", manager=manager, port=PORT)
    with supervising(folder, manager) as supervisor:
        first = wait_for_state(supervisor, "x", RUNNING).pid
        assert first is not None
        (child,) = (one for one in of_host(folder.root) if one.pid != first)
        os.kill(first, signal.SIGKILL)
        until(lambda: row(supervisor, "x").restarts == 1)
        again = wait_for_state(supervisor, "x", RUNNING)
        assert (again.pid != first, again.restarts) == (True, 1)
        assert read_identity(child.pid) != child


def test_children_that_have_left_its_group_with_its_port_do_not_keep_it_down(
    folder: HostFolder, manager: Manager
) -> None:
    folder.write_program(
        "escapes", HOLDS.replace("    signal.pause()", "    os.setsid()\n    signal.pause()", 1)
    )
    folder.define("x", "escapes", manager=manager, port=PORT, interval_s=0.1)
    with supervising(folder, manager) as supervisor:
        first = wait_for_state(supervisor, "x", RUNNING).pid
        assert first is not None
        (child,) = (one for one in of_host(folder.root) if one.pid != first)
        until(lambda: os.getsid(child.pid) == child.pid)
        os.kill(first, signal.SIGKILL)
        until(lambda: read_identity(child.pid) != child)
        until(lambda: row(supervisor, "x").state is RUNNING and row(supervisor, "x").pid != first)


def test_one_that_forks_itself_away_is_told_as_failed_and_its_daemons_do_not_pile_up(
    folder: HostFolder,
) -> None:
    folder.write_program("forks", FORKS_TWICE)
    folder.define("x", "forks", port=PORT, restarts=1, interval_s=0.05)
    with supervising(folder) as pmon:
        until(lambda: row(pmon, "x").restarts >= 5)
        until(lambda: row(pmon, "x").state is FAILED)
        assert folder.told().count("begun x") >= 5
        assert len(list(of_host(folder.root))) <= 3


def test_a_stranger_on_its_port_is_told_as_a_failure_and_met_when_it_goes(
    folder: HostFolder,
) -> None:
    folder.define("x", "serves", port=PORT, restarts=1)
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind((folder.address, PORT))
        stranger.listen()
        with supervising(folder) as pmon:
            wait_for_state(pmon, "x", FAILED)
            stranger.close()
            assert wait_for_state(pmon, "x", RUNNING).pid is not None


def test_one_that_dies_about_its_debounce_is_back_every_time_and_forgiven_only_by_time(
    folder: HostFolder,
) -> None:
    folder.write_program("dies", DIES_YOUNG)
    life = folder.path / "run" / "life"
    life.write_text("0.1")
    folder.define("x", "dies", restarts=3, debounce_s=0.1, interval_s=0.01)
    with supervising(folder) as pmon:
        until(lambda: row(pmon, "x").restarts >= 8)
        unit = pmon.engine.units["x"]
        assert unit.restarts >= unit.failures
        # Each start follows one death: it is never started twice for one, whatever came first.
        assert pmon.engine.units["x"].starts <= pmon.engine.units["x"].restarts + 1
        life.write_text("3600")
        until(lambda: row(pmon, "x").state is RUNNING and pmon.engine.units["x"].failures == 0)
        assert len(list(of_host(folder.root))) == 1


def test_many_that_die_at_once_are_all_back_once(folder: HostFolder) -> None:
    names = [f"s{number:03}" for number in range(MANY)]
    folder.write_program("sleeps", "announce()\nos.execv('/bin/sleep', ['sleep', '3600'])\n")
    for name in names:
        folder.define(name, "sleeps", interval_s=0.5)
    with supervising(folder) as pmon:
        until(lambda: all(row(pmon, one).state is RUNNING for one in names), 120.0)
        before = {one: row(pmon, one).pid for one in names}
        for pid in before.values():
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
        until(lambda: all(row(pmon, one).restarts >= 1 for one in names), 120.0)
        until(lambda: all(row(pmon, one).state is RUNNING for one in names), 120.0)
        after = {one: row(pmon, one).pid for one in names}
        assert {row(pmon, one).restarts for one in names} == {1}
        assert not set(before.values()) & set(after.values())
        assert {one.pid for one in of_host(folder.root)} == set(after.values())


@pytest.mark.parametrize("step_s", [86_400.0, -86_400.0])
def test_a_step_of_the_wall_clock_changes_nothing(
    folder: HostFolder, monkeypatch: pytest.MonkeyPatch, step_s: float
) -> None:
    folder.define("x", debounce_s=0.2, audit_s=0.05)
    folder.define("y", "fails", restarts=1, interval_s=0.05)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        wait_for_state(pmon, "y", FAILED)
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + step_s)
        starts = pmon.engine.units["y"].starts
        until(lambda: pmon.engine.units["y"].starts >= starts + 2)
        assert row(pmon, "x") == replace(first, last_run_at=None)
        assert restart(pmon, Order(service="x", timeout_s=20.0)).done
        until(lambda: not any(event is Event.SETTLED for event, _ in pmon.engine.units["x"].due))
        assert row(pmon, "x").restarts == 0
