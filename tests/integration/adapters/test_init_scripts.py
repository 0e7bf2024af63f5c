"""`insvc.adapters.init_scripts`: scripts that start real processes."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.bounded import run_bounded
from insvc.adapters.init_scripts import InitScripts, find
from insvc.adapters.machine import Machine
from insvc.adapters.pidfd import read_identity
from insvc.adapters.wait_end import wait_for_ends
from insvc.agent.acts import Acts
from insvc.agent.host_managers import HostManagers
from insvc.errors import UnknownName, WorldError
from insvc.model.act import DrainRule, Intent
from insvc.model.restart import Order
from insvc.model.words import Action, InstanceState
from tests.fakes.init_scripts import end_all, pid_of, script


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "etc/init.d").mkdir(parents=True)
    yield tmp_path
    end_all(tmp_path)


def start(root: Path, name: str) -> int:
    assert run_bounded([str(root / "etc/init.d" / name), "start"], 20.0).status == 0
    return pid_of(root, name)


def kill(pid: int) -> None:
    """Kill it and wait for its end."""
    found = read_identity(pid)
    assert found is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_for_ends([found], 20.0)


def state(root: Path, name: str = "first") -> InstanceState:
    (row,) = InitScripts(root).look([name]).rows
    return row.state


def test_a_host_with_systemd_or_without_scripts_has_none_of_these(tmp_path: Path) -> None:
    assert find(tmp_path) is None
    (tmp_path / "etc/init.d").mkdir(parents=True)
    assert find(tmp_path) is not None
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    assert find(tmp_path) is None


def test_services_are_told_with_their_main_process_and_nothing_is_run(root: Path) -> None:
    script(root, "first", start="touch /nowhere")
    script(root, "second", needs="first", status="touch $ROOT/asked")
    (root / "etc/init.d/README").write_text("no script")
    shutil.copy(root / "etc/init.d/first", root / "etc/init.d/first.dpkg-new")
    (root / "etc/rc2.d/S01second").unlink()
    pid = start(root, "second")
    account = InitScripts(root).look()
    assert {row.name: (row.state, row.pid) for row in account.rows} == {
        "first": (InstanceState.STOPPED, None),
        "second": (InstanceState.RUNNING, pid),
    }
    assert [one.name for one in account.entries] == ["first", "second"]
    assert account.unseen == ()
    assert not (root / "asked").exists()
    assert InitScripts(root).running() == {"second"}
    assert [row.name for row in InitScripts(root).look(["first"]).rows] == ["first"]


def test_the_state_is_told_by_what_is_there(root: Path) -> None:
    script(root, "first")
    assert state(root) is InstanceState.STOPPED
    (root / "etc/rc2.d/S01first").unlink()
    assert state(root) is InstanceState.DISABLED
    pid = start(root, "first")
    assert state(root) is InstanceState.RUNNING
    (root / "run/first.pid").write_text("no number")
    assert state(root) is InstanceState.RUNNING
    kill(pid)
    assert state(root) is InstanceState.FAILED
    (root / "run/first.pid").write_text(str(os.getpid()))
    assert state(root) is InstanceState.FAILED
    (root / "run/first.pid").unlink()
    (root / "var/lock/subsys").mkdir(parents=True)
    (root / "var/lock/subsys/first").touch()
    assert state(root) is InstanceState.FAILED


def test_a_pid_file_that_cannot_be_read_leaves_the_program_to_tell(root: Path) -> None:
    script(root, "first")
    pid = start(root, "first")
    (root / "run/first.pid").unlink()
    (root / "run/first.pid").mkdir()
    (row,) = InitScripts(root).look().rows
    assert (row.state, row.pid) == (InstanceState.RUNNING, pid)


def test_several_processes_without_a_pid_file_are_not_guessed_at(root: Path) -> None:
    script(root, "first")
    start(root, "first")
    start(root, "first")
    (root / "run/first.pid").unlink()
    account = InitScripts(root).look()
    assert account.rows[0].state is InstanceState.UNKNOWN
    assert "2 processes of /usr/sbin/first run" in account.unseen[0]
    with pytest.raises(WorldError, match="no pid file tells"):
        InitScripts(root).restart(Order(service="first"))


def test_needs_of_what_runs_are_kept_and_a_circle_is_told(root: Path) -> None:
    script(root, "first", needs="second absent")
    script(root, "second")
    start(root, "first")
    assert [one.depends_on for one in InitScripts(root).look().entries] == [(), ()]
    start(root, "second")
    assert [one.depends_on for one in InitScripts(root).look().entries] == [("second",), ()]
    script(root, "second", needs="first")
    account = InitScripts(root).look()
    assert [one.depends_on for one in account.entries] == [(), ()]
    assert "headers need one another in a circle: first, second" in account.unseen[0]


def test_a_script_too_large_is_told(root: Path) -> None:
    (root / "etc/init.d/large").write_text("x" * 300_000)
    assert "cannot be read: is larger than" in InitScripts(root).look().unseen[0]


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="cannot be read"):
        InitScripts(tmp_path).look()


@pytest.mark.parametrize("action", [Action.RELOAD, Action.HANDOFF])
def test_only_a_restart_can_be_ordered(root: Path, action: Action) -> None:
    script(root, "first")
    with pytest.raises(WorldError, match="can only restart it"):
        InitScripts(root).restart(Order(service="first", action=action))


def test_a_script_that_others_may_write_is_never_run(root: Path) -> None:
    path = script(root, "first", restart="touch $ROOT/ran")
    start(root, "first")
    path.chmod(0o777)
    with pytest.raises(WorldError, match="may be written by others"):
        InitScripts(root).restart(Order(service="first"))
    assert not (root / "ran").exists()


def test_what_was_stopped_stays_down(root: Path) -> None:
    script(root, "first")
    told = InitScripts(root).restart(Order(service="first"))
    assert not told.done
    assert "is not meant to run" in told.said


def test_what_a_restart_that_was_cut_short_left_stopped_is_started(root: Path) -> None:
    path = script(root, "first")
    start(root, "first")
    assert run_bounded([str(path), "stop"], 20.0).status == 0  # and killed here
    managers = HostManagers("box", (InitScripts(root),))
    acts = Acts(managers, Machine(host="box", look=managers.look), root)
    told = acts.perform(
        Intent(run="r", step="s", attempt=2, action=Action.RESTART, service="first", dwell_s=0.0)
    )
    assert told.manager_done, told.said
    assert state(root) is InstanceState.RUNNING


def test_what_died_is_started(root: Path) -> None:
    script(root, "first", stop="rm -f $ROOT$PIDFILE", restart="rm -f $ROOT$PIDFILE; start")
    kill(start(root, "first"))
    told = InitScripts(root).restart(Order(service="first"))
    assert told.done, told.said
    assert state(root) is InstanceState.RUNNING


def test_the_end_of_what_runs_can_be_waited_for(root: Path) -> None:
    script(root, "first")
    assert InitScripts(root).wait_for_end("first", 0.0)
    pid = start(root, "first")
    assert not InitScripts(root).wait_for_end("first", 0.0)
    kill(pid)
    assert InitScripts(root).wait_for_end("first", 20.0)
    with pytest.raises(UnknownName):
        InitScripts(root).wait_for_end("absent", 0.0)


def test_it_drains_first_where_that_is_ordered(root: Path) -> None:
    script(root, "first", restart="exit 1")
    old = start(root, "first")
    drain = DrainRule(signal="USR1", timeout_s=20.0)
    told = InitScripts(root).restart(Order(service="first", drain=drain))
    assert told.done, told.said
    assert told.drained is True
    assert read_identity(old) is None
