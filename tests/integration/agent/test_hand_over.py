"""Restarts in which the old process serves until the new one is ready."""

import ctypes
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from insvc.adapters.pidfd import read_identity
from insvc.agent.restarting import restart
from insvc.agent.strays import of_host
from insvc.agent.supervisor import Supervisor
from insvc.errors import InputError
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action, InstanceState, Manager
from insvc.supervise.unit import Event
from tests.fakes.host_folder import PORT, HostFolder, row, supervising, until, wait_for_state
from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration
RUNNING, STOPPED = InstanceState.RUNNING, InstanceState.STOPPED
BOTH = pytest.mark.parametrize("manager", [Manager.PMON, Manager.SM])


def define(folder: HostFolder, **fields: object) -> None:
    folder.define("x", "hands", port=PORT, hands_over=True, **fields)


def flag(folder: HostFolder, name: str) -> Path:
    path = folder.path / "run" / name
    path.touch()
    return path


def hand_over(manager: Supervisor, timeout_s: float = 30.0) -> Restarted:
    return restart(manager, Order(service="x", action=Action.HANDOFF, timeout_s=timeout_s))


def ask(address: str) -> str:
    """The pid that answers on a connection of its own.

    Raises:
        OSError: the connection is refused or reset.
    """
    with socket.create_connection((address, PORT), 20.0) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with client.makefile("rb") as answer:
            text = answer.read()
    if b"\r\n\r\n" not in text:
        raise ConnectionResetError("the answer was cut")
    return text.rpartition(b"\r\n\r\n")[2].decode()


class Load:
    """Asks all along, in two threads; counts what is answered, and by whom, and what is not."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.answers: list[str] = []
        self.faults: list[OSError] = []
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.is_set():
            try:
                self.answers.append(ask(self.address))
            except OSError as fault:
                self.faults.append(fault)


@contextmanager
def load(folder: HostFolder) -> Iterator[Load]:
    made = Load(folder.address)
    threads = [begin(made.run) for _ in range(2)]
    try:
        yield made
    finally:
        made.is_over.set()
        for one in threads:
            end(one)


@BOTH
def test_no_connection_is_refused_or_reset_in_twenty_hand_overs(
    folder: HostFolder, manager: Manager
) -> None:
    define(folder, manager=manager)
    with supervising(folder, manager) as own:
        wait_for_state(own, "x", RUNNING)
        with load(folder) as asked:
            until(lambda: asked.answers)
            for _ in range(20):
                account = hand_over(own)
                assert (account.done, account.drained) == (True, True)
                count = len(asked.answers)
                until(lambda count=count: len(asked.answers) > count + 4)  # type: ignore[misc]
        assert asked.faults == []
        assert len(set(asked.answers)) >= 20
        assert own.engine.units["x"].failures == 0
        assert own.engine.units["x"].starts == 21
    assert len(list(of_host(folder.root))) == 1


def test_an_ordinary_restart_of_what_listens_itself_refuses_connections(
    folder: HostFolder,
) -> None:
    folder.define("x", "serves", port=PORT)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        with load(folder) as asked:
            until(lambda: asked.answers)
            for _ in range(3):
                assert restart(pmon, Order(service="x")).done
        assert len(asked.faults) > 0


def test_the_account_tells_of_a_new_process_and_the_end_of_the_old(folder: HostFolder) -> None:
    define(folder)
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        account = hand_over(pmon)
        after = row(pmon, "x")
        assert (account.said, after.pid != before.pid) == ("running again", True)
        assert set(account.times) == {"started", "ready", "stopped"}
        assert account.times["started"] <= account.times["ready"] <= account.times["stopped"]
        assert folder.told() == ["up x", "up x", "down x"]
        assert (after.restarts, read_identity(before.pid or 0)) == (0, None)


@pytest.mark.parametrize("fault", ["die-early", "mute"])
def test_a_successor_that_fails_changes_nothing(folder: HostFolder, fault: str) -> None:
    define(folder, ready_timeout_s=0.3)
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        flag(folder, fault)
        account = hand_over(pmon)
        assert not account.done
        assert account.said == (
            "not handed over: the new process did not get ready, the old one serves on"
        )
        assert row(pmon, "x") == before
        assert ask(folder.address) == str(before.pid)
        assert len(list(of_host(folder.root))) == 1


def test_the_death_of_the_old_process_makes_the_successor_the_main_one(folder: HostFolder) -> None:
    define(folder, ready_timeout_s=60.0)
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        mute = flag(folder, "mute")
        pmon.loop.call(lambda: pmon.engine.feed("x", Event.HAND_OVER))
        assert len(list(of_host(folder.root))) == 2
        os.kill(before.pid or 0, signal.SIGKILL)
        mute.unlink()
        until(lambda: pmon.engine.units["x"].failures == 1)
        until(lambda: pmon.engine.units["x"].main is not None)
        assert pmon.engine.units["x"].next is None
        assert pmon.engine.units["x"].starts == 2


def test_a_stop_during_a_hand_over_ends_both(folder: HostFolder) -> None:
    define(folder, ready_timeout_s=60.0)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        flag(folder, "mute")
        pmon.loop.call(lambda: pmon.engine.feed("x", Event.HAND_OVER))
        assert len(list(of_host(folder.root))) == 2
        assert pmon.set_locked(locked=True, timeout_s=20.0) == ()
        until(lambda: not list(of_host(folder.root)))
        with pytest.raises(ConnectionRefusedError):
            ask(folder.address)


def test_an_old_process_that_does_not_finish_is_ended_in_its_time(folder: HostFolder) -> None:
    define(folder, drain={"timeout_s": 0.1})
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        linger = flag(folder, "linger")
        account = hand_over(pmon)
        linger.unlink()
        assert (account.done, account.drained) == (True, False)
        assert read_identity(before.pid or 0) is None


def test_an_old_process_that_may_not_be_killed_finishes_in_its_own_time(
    folder: HostFolder,
) -> None:
    define(folder, drain={"timeout_s": 0.1, "on_timeout": "leave"})
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        linger = flag(folder, "linger")
        account = hand_over(pmon)
        assert (account.done, account.drained) == (True, False)
        assert read_identity(before.pid or 0) is not None
        linger.unlink()
        until(lambda: pmon.engine.units["x"].old is None)
        assert row(pmon, "x").state is RUNNING


def test_a_successor_that_dies_while_the_old_one_finishes_is_started_again(
    folder: HostFolder,
) -> None:
    define(folder, drain={"timeout_s": 60.0})
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        linger = flag(folder, "linger")
        pmon.loop.call(lambda: pmon.engine.feed("x", Event.HAND_OVER))
        until(lambda: pmon.engine.units["x"].old is not None)
        os.kill(row(pmon, "x").pid or 0, signal.SIGKILL)
        linger.unlink()
        until(lambda: row(pmon, "x").restarts == 1 and row(pmon, "x").state is RUNNING)
        until(lambda: len(list(of_host(folder.root))) == 1)
        assert ask(folder.address) == str(row(pmon, "x").pid)


def test_a_death_loses_no_connection_that_waits(folder: HostFolder) -> None:
    define(folder)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING).pid
        os.kill(first or 0, signal.SIGSTOP)
        waiting = begin(lambda: ask(folder.address))
        until(lambda: waiting.is_alive())
        os.kill(first or 0, signal.SIGKILL)
        until(lambda: row(pmon, "x").restarts == 1)
        end(waiting)


def kernel_gives_descriptors(pid: int) -> bool:
    """Whether this machine lets a process have another's descriptors."""
    fd = os.pidfd_open(pid)
    try:
        copy = int(ctypes.CDLL(None).syscall(438, fd, 3, 0))
    finally:
        os.close(fd)
    if copy >= 0:
        os.close(copy)
    return copy >= 0


def test_a_new_life_of_the_manager_takes_the_socket_back_or_says_that_it_cannot(
    folder: HostFolder,
) -> None:
    define(folder)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
    assert ask(folder.address) == str(first.pid)
    is_given = kernel_gives_descriptors(first.pid or 0)
    with supervising(folder) as pmon:
        assert row(pmon, "x") == first
        assert pmon.engine.hand_over.has_socket("x") is is_given
        with load(folder) as asked:
            until(lambda: asked.answers)
            account = hand_over(pmon)
        assert account.done is is_given
        assert asked.faults == []


def test_a_manager_that_ended_during_a_hand_over_leaves_the_old_one_serving(
    folder: HostFolder,
) -> None:
    define(folder, ready_timeout_s=60.0)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        mute = flag(folder, "mute")
        pmon.loop.call(lambda: pmon.engine.feed("x", Event.HAND_OVER))
    assert len(list(of_host(folder.root))) == 2
    with supervising(folder) as pmon:
        until(lambda: pmon.engine.units["x"].next is None)
        assert row(pmon, "x") == first
        until(lambda: len(list(of_host(folder.root))) == 1)
        mute.unlink()
        assert hand_over(pmon).done


def test_a_successor_that_was_not_written_down_is_ended(folder: HostFolder) -> None:
    define(folder, ready_timeout_s=60.0)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        until(lambda: (folder.path / "run/pmon.json").stat().st_size)
        saved = {one: one.read_bytes() for one in (folder.path / "run").glob("pmon.json*")}
        flag(folder, "mute")
        pmon.loop.call(lambda: pmon.engine.feed("x", Event.HAND_OVER))
    for path, content in saved.items():
        path.write_bytes(content)
    with supervising(folder) as pmon:
        until(lambda: len(list(of_host(folder.root))) == 1)
        assert row(pmon, "x").pid == first.pid


def test_without_its_socket_a_service_cannot_hand_over(folder: HostFolder) -> None:
    define(folder)
    folder.define("y")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        wait_for_state(pmon, "y", RUNNING)
        with pytest.raises(InputError, match="its definition knows no handoff"):
            restart(pmon, Order(service="y", action=Action.HANDOFF))
        pmon.loop.call(pmon.engine.hand_over.close)
        account = hand_over(pmon)
        assert not account.done
        assert account.said.startswith("not handed over: it is running, and a restart")


def test_a_port_that_another_holds_is_a_failed_start(folder: HostFolder) -> None:
    define(folder, restarts=0)
    with socket.create_server((folder.address, PORT)), supervising(folder) as pmon:
        wait_for_state(pmon, "x", InstanceState.FAILED)


def test_a_successor_that_cannot_be_launched_changes_nothing(folder: HostFolder) -> None:
    define(folder)
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        log = folder.path / "log"
        log.rename(folder.path / "kept")
        log.write_text("in the way")
        account = hand_over(pmon)
        assert (account.done, row(pmon, "x")) == (False, before)
