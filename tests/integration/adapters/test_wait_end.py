"""Waiting for processes of others, with real ones; and a job under a daemon that is one."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from time import monotonic

import pytest

from insvc.adapters.cron import Cron
from insvc.adapters.pidfd import read_identity
from insvc.adapters.wait_end import wait_for_ends, wait_while_running
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import ProcessIdentity
from insvc.model.restart import Order
from insvc.model.words import Action, InstanceState, Manager

pytestmark = pytest.mark.integration
DAEMON = 'read line; /bin/sh -c "$line" & wait'
"""Stands in for cron: runs the command it is given as cron would."""


@contextmanager
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(["/bin/sleep", "60"])
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def identity(pid: int) -> ProcessIdentity:
    found = read_identity(pid)
    assert found is not None
    return found


def test_the_end_of_all_is_waited_for() -> None:
    with sleeper() as first, sleeper() as second:
        both = [identity(first.pid), identity(second.pid)]
        Timer(0.05, first.kill).start()
        Timer(0.1, second.kill).start()
        since = monotonic()
        assert wait_for_ends(both, 30.0)
        assert 0.1 <= monotonic() - since < 20.0


def test_one_that_does_not_end_in_time_is_told() -> None:
    with sleeper() as child:
        assert not wait_for_ends([identity(child.pid)], 0.05)
        assert child.poll() is None


def test_what_is_gone_already_is_not_waited_for() -> None:
    with sleeper() as child:
        gone = identity(child.pid)
    assert wait_for_ends([gone], 0.0)


def test_a_job_mid_run_is_waited_for_and_never_ended(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    command = f"echo began; read line < {gate}; echo done"
    (tmp_path / "etc/cron.d").mkdir(parents=True)
    (tmp_path / "etc/cron.d/x").write_text(f"* * * * * root {command}\n", encoding="utf-8")
    (tmp_path / "run").mkdir()
    with subprocess.Popen(
        ["/usr/sbin/cron", "-c", DAEMON],
        executable="/bin/sh",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as daemon:
        try:
            assert daemon.stdin is not None
            assert daemon.stdout is not None
            (tmp_path / "run/crond.pid").write_text(f"{daemon.pid}\n", encoding="utf-8")
            daemon.stdin.write(command + "\n")
            daemon.stdin.flush()
            assert daemon.stdout.readline() == "began\n"
            manager = Cron(tmp_path)
            (row,) = manager.look().rows
            assert row.state is InstanceState.RUNNING
            order = Order(service=row.name, action=Action.NEXT_RUN, timeout_s=0.05)
            late = manager.restart(order)
            assert (late.done, late.said) == (False, "its run had not ended in time")
            gate.write_text("go\n", encoding="utf-8")
            assert manager.wait_for_end(row.name, 30.0)
            assert daemon.stdout.readline() == "done\n"
        finally:
            os.killpg(daemon.pid, signal.SIGKILL)


def test_a_service_is_asked_about_until_nothing_of_it_runs() -> None:
    pids = iter([7, 7, None])
    pauses: list[float] = []

    def look() -> ManagerRow:
        state = InstanceState.RUNNING
        return ManagerRow(name="x", manager=Manager.SYSTEMD, state=state, pid=next(pids))

    assert wait_while_running(look, 60.0, pauses.append)
    assert len(pauses) == 2


def test_a_service_that_runs_on_is_not_waited_for_beyond_its_time() -> None:
    row = ManagerRow(name="x", manager=Manager.SYSTEMD, state=InstanceState.RUNNING, pid=7)
    assert not wait_while_running(lambda: row, 0.0)
