"""Programs of a real supervisord."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from insvc.adapters.machine import Machine
from insvc.adapters.pidfd import read_identity
from insvc.adapters.supervisord import Supervisord, find
from insvc.adapters.supervisord_conf import read_configuration
from insvc.adapters.supervisord_rpc import Rpc
from insvc.agent.acts import Acts
from insvc.agent.host_managers import HostManagers
from insvc.errors import UnknownName, WorldError
from insvc.model.act import DrainRule, Intent
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Order
from insvc.model.words import Action, InstanceState, Manager
from tests.fakes.supervisord import SLEEPER, configure, program, running

pytestmark = pytest.mark.integration
DEAF = "/bin/sh -c 'trap \"\" TERM USR1; while :; do sleep 0.05; done'"
ONCE = "/bin/sh -c 'test ! -e gate || exit 3; touch gate; exec sleep 1000'"
"""Starts well the first time and never again."""


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    configure(
        tmp_path,
        program("web"),
        program("deaf", DEAF, stopwaitsecs=1),
        program("once", ONCE, startsecs=1, startretries=0),
        program("odd", "/bin/sh -c 'exit 7'", autorestart="false"),
        program("off", autostart="false"),
        program("gone", "/no/such/program", autostart="false"),
        program("worker", numprocs=2, process_name="%(program_name)s_%(process_num)d"),
    )
    with running(tmp_path):
        yield tmp_path


@pytest.fixture
def manager(root: Path) -> Supervisord:
    found = find(root)
    assert found is not None
    return found


def row(manager: Supervisord, name: str) -> ManagerRow:
    (found,) = manager.look([name]).rows
    return found


def until_state(manager: Supervisord, name: str, state: InstanceState) -> None:
    until = time.monotonic() + 20.0
    while row(manager, name).state is not state:
        assert time.monotonic() < until
        Event().wait(0.02)


def test_every_program_is_told_with_its_state_and_process(manager: Supervisord, root: Path) -> None:
    until_state(manager, "once", InstanceState.RUNNING)
    until_state(manager, "odd", InstanceState.FAILED)
    account = manager.look()
    rows = {one.name: one for one in account.rows}
    assert {one.manager for one in account.rows} == {Manager.SUPERVISORD}
    assert set(rows) == {
        "web", "deaf", "once", "odd", "off", "gone", "worker:worker_0", "worker:worker_1",
    }  # fmt: skip
    assert rows["web"].state is InstanceState.RUNNING
    assert rows["web"].pid is not None
    assert read_identity(rows["web"].pid) is not None
    assert (rows["off"].state, rows["off"].desired) == (InstanceState.STOPPED,) * 2
    assert account.unseen == ()
    deaf = next(one for one in account.entries if one.name == "deaf")
    assert (deaf.action, deaf.impact.longest_s) == (Action.RESTART, 1.0)
    assert (root / "etc/pid").exists()


def test_a_restart_gives_one_program_a_new_process_and_leaves_the_others(
    manager: Supervisord, root: Path
) -> None:
    before = {one.name: one.pid for one in manager.look().rows}
    told = manager.restart(Order(service="worker:worker_1", timeout_s=20.0))
    after = {one.name: one.pid for one in manager.look().rows}
    assert told.done
    assert told.said == f"running as pid {after['worker:worker_1']}"
    assert after.pop("worker:worker_1") != before.pop("worker:worker_1")
    assert after["web"] == before["web"]
    assert after["worker:worker_0"] == before["worker:worker_0"]
    times = told.times
    assert times["stopped"] <= times["started"] <= times["ready"]
    assert int((root / "etc/pid").read_text(encoding="ascii")) > 0


def test_a_program_that_does_not_listen_is_killed_by_supervisord(manager: Supervisord) -> None:
    before = row(manager, "deaf").pid
    told = manager.restart(Order(service="deaf", timeout_s=30.0))
    assert told.done
    assert row(manager, "deaf").pid != before


def test_a_stop_that_does_not_end_in_time_is_told(manager: Supervisord) -> None:
    told = manager.restart(Order(service="deaf", timeout_s=0.1))
    assert (told.done, told.said) == (False, "had not ended within 0.1 s")


def test_a_drain_that_is_not_to_be_cut_short_leaves_it_running(manager: Supervisord) -> None:
    before = row(manager, "deaf").pid
    rule = DrainRule(signal="USR1", timeout_s=0.1, on_timeout="leave")
    told = manager.restart(Order(service="deaf", drain=rule, timeout_s=20.0))
    assert (told.done, told.drained) == (False, False)
    assert told.said == "had not finished within 0.1 s and is left running"
    assert row(manager, "deaf").pid == before


def test_a_drain_that_is_late_is_cut_short_where_it_may_be(manager: Supervisord) -> None:
    before = row(manager, "deaf").pid
    rule = DrainRule(signal="USR1", timeout_s=0.1)
    told = manager.restart(Order(service="deaf", drain=rule, timeout_s=30.0))
    assert (told.done, told.drained) == (True, False)
    assert row(manager, "deaf").pid != before


def test_a_program_that_drains_comes_back_by_itself_or_is_started(manager: Supervisord) -> None:
    before = row(manager, "web").pid
    rule = DrainRule(signal="USR1", timeout_s=20.0)
    told = manager.restart(Order(service="web", drain=rule, timeout_s=30.0))
    assert (told.done, told.drained) == (True, True)
    assert row(manager, "web").pid != before


def test_a_program_that_does_not_come_up_again_is_told_with_its_status(
    manager: Supervisord,
) -> None:
    until_state(manager, "once", InstanceState.RUNNING)
    told = manager.restart(Order(service="once", timeout_s=20.0))
    assert not told.done
    assert told.said == ("supervisord gave up: Exited too quickly (process log may have details)")
    assert row(manager, "once").state is InstanceState.FAILED


def test_a_start_that_holds_for_a_moment_only_is_seen_at_the_next_look(
    manager: Supervisord,
) -> None:
    until_state(manager, "odd", InstanceState.FAILED)
    manager.restart(Order(service="odd", timeout_s=20.0))
    until_state(manager, "odd", InstanceState.FAILED)
    assert row(manager, "odd").desired is InstanceState.RUNNING


def test_what_is_not_meant_to_run_is_not_started(manager: Supervisord) -> None:
    told = manager.restart(Order(service="off"))
    assert (told.done, told.said) == (False, "is not meant to run: Not started")
    assert row(manager, "off").state is InstanceState.STOPPED


def test_what_a_restart_that_was_cut_short_left_stopped_is_started(
    manager: Supervisord, root: Path
) -> None:
    until_state(manager, "web", InstanceState.RUNNING)
    Rpc(read_configuration(root)).ask("supervisor.stopProcess", "web", False)  # and killed here
    until_state(manager, "web", InstanceState.STOPPED)
    managers = HostManagers("box", (manager,))
    acts = Acts(managers, Machine(host="box", look=managers.look), root)
    again = Intent(run="r", step="s", attempt=2, action=Action.RESTART, service="web", dwell_s=0.0)
    told = acts.perform(again)
    assert told.manager_done, told.said
    assert row(manager, "web").state is InstanceState.RUNNING


def test_a_start_behind_our_back_is_counted(manager: Supervisord) -> None:
    seen = row(manager, "web")
    assert seen.pid is not None
    Event().wait(1.1)  # supervisord's own stamps are whole seconds
    os.kill(seen.pid, signal.SIGKILL)
    until = time.monotonic() + 20.0
    while row(manager, "web").pid in {None, seen.pid}:
        assert time.monotonic() < until
        Event().wait(0.02)
    assert row(manager, "web").restarts == seen.restarts + 1


def test_a_name_it_does_not_have_is_refused(manager: Supervisord) -> None:
    with pytest.raises(UnknownName) as refused:
        manager.restart(Order(service="no-such"))
    assert refused.value.subject == "no-such"


def test_an_order_it_has_no_way_to_carry_out_is_refused(manager: Supervisord) -> None:
    with pytest.raises(WorldError, match="can only restart a program; found reload as order"):
        manager.restart(Order(service="web", action=Action.RELOAD))


def test_it_can_be_asked_on_a_port_with_a_password(tmp_path: Path) -> None:
    server = "[inet_http_server]\nport=127.0.0.1:{port}\nusername=me\npassword=secret\n"
    with socket.create_server(("127.0.0.1", 0)) as free:
        text = server.format(port=free.getsockname()[1])
    path = configure(tmp_path, program("web", SLEEPER), server=text)
    with running(tmp_path):
        manager = Supervisord(tmp_path)
        until_state(manager, "web", InstanceState.RUNNING)
        path.write_text(path.read_text("utf-8").replace("=secret", "=wrong"), encoding="utf-8")
        with pytest.raises(WorldError, match="refuses the name and password"):
            manager.look()


def test_a_supervisord_that_does_not_run_has_no_programs_and_says_so(tmp_path: Path) -> None:
    configure(tmp_path)
    account = Supervisord(tmp_path).look()
    assert account.rows == ()
    assert account.unseen == (f"supervisord: {tmp_path}/etc/s.sock is not there: it does not run",)


def test_a_socket_that_nobody_serves_is_told(tmp_path: Path) -> None:
    configure(tmp_path)
    (tmp_path / "etc/s.sock").touch()
    with pytest.raises(WorldError, match="cannot connect"):
        Supervisord(tmp_path).look()


def test_a_host_without_it_has_none(tmp_path: Path) -> None:
    assert find(tmp_path) is None
