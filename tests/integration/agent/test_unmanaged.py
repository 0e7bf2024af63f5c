"""A service manager whose operators want services left alone, by command and by file."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from insvc.adapters.launcher import Launcher
from insvc.adapters.unmanaged import FOLDER
from insvc.agent.loop import Loop
from insvc.agent.readiness import answers
from insvc.agent.restarting import restart
from insvc.agent.supervisor import Supervisor
from insvc.agent.unmanaged import Unmanaged
from insvc.agent.wishes import carry_out
from insvc.model.restart import Order
from insvc.model.words import InstanceState, Manager
from tests.fakes.host_folder import PORT, HostFolder, looping, row, until, wait_for_state

pytestmark = pytest.mark.integration
RUNNING, STOPPED = InstanceState.RUNNING, InstanceState.STOPPED


@contextmanager
def managing(folder: HostFolder) -> Iterator[Supervisor]:
    loop = Loop()
    sm = Supervisor(Manager.SM, folder.path, loop, Launcher(folder.path, folder.host))
    unmanaged = Unmanaged(sm, loop)
    sm.on_read = unmanaged.read
    sm.write_managed = lambda name, managed: unmanaged.write(name, managed=managed)
    with looping(loop):
        loop.call(lambda: sm.begin(folder.host.initial_role))
        yield sm


def kill(sm: Supervisor, name: str) -> None:
    pid = row(sm, name).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_what_is_left_alone_stays_so_in_the_next_life_of_its_manager(folder: HostFolder) -> None:
    folder.define("x", manager="sm")
    file = folder.root / FOLDER / "x.unmanaged"
    with managing(folder) as sm:
        wait_for_state(sm, "x", RUNNING)
        assert carry_out(sm, "unmanage", "x", 1.0).done
        assert file.is_file()
    with managing(folder) as sm:
        kill(sm, "x")
        wait_for_state(sm, "x", STOPPED)
        assert "not managed" in restart(sm, Order(service="x")).said
        assert carry_out(sm, "manage", "x", 1.0).done
        wait_for_state(sm, "x", RUNNING)
        assert not file.exists()
        sm.end_all(20.0)


def test_a_file_that_is_made_or_removed_by_hand_counts(folder: HostFolder) -> None:
    folder.define("x", manager="sm")
    (folder.root / FOLDER).mkdir(parents=True)
    file = folder.root / FOLDER / "x.unmanaged"
    with managing(folder) as sm:
        wait_for_state(sm, "x", RUNNING)
        file.touch()
        until(lambda: not sm.engine.units["x"].managed)
        kill(sm, "x")
        wait_for_state(sm, "x", STOPPED)
        file.unlink()
        wait_for_state(sm, "x", RUNNING)
        sm.end_all(20.0)


def test_a_service_that_hangs_is_nobody_s_business_while_it_is_left_alone(
    folder: HostFolder,
) -> None:
    folder.define("x", "serves", manager="sm", port=PORT, audit_s=0.02, audit_misses=3)
    with managing(folder) as sm:
        pid = wait_for_state(sm, "x", RUNNING).pid
        assert pid is not None
        assert carry_out(sm, "unmanage", "x", 1.0).done
        os.kill(pid, signal.SIGSTOP)
        until(lambda: not folder_answers(sm))
        assert (row(sm, "x").state, row(sm, "x").pid) == (RUNNING, pid)
        os.kill(pid, signal.SIGCONT)
        until(lambda: folder_answers(sm))
        assert carry_out(sm, "manage", "x", 1.0).done
        assert row(sm, "x").pid == pid
        sm.end_all(20.0)


def folder_answers(sm: Supervisor) -> bool:
    """Whether the service answers anything at all, as an audit asks."""
    endpoint = sm.launcher.endpoint(sm.engine.units["x"].definition)
    return endpoint is not None and answers(endpoint, "/healthz")


def test_what_was_given_up_is_tried_again_once_it_is_managed(folder: HostFolder) -> None:
    budget = {"failed_actions": 1, "failed_transitions": 1}
    folder.define("x", "fails", manager="sm", interval_s=0.01, budget=budget)
    with managing(folder) as sm:
        until(lambda: sm.engine.units["x"].spent.is_given_up)
        assert folder.told() == ["up x"]
        assert carry_out(sm, "unmanage", "x", 1.0).done
        assert carry_out(sm, "manage", "x", 1.0).done
        until(lambda: folder.told() == ["up x", "up x"])
        until(lambda: sm.engine.units["x"].spent.is_given_up)


def test_a_restart_tries_again_what_was_given_up_and_tells_why_it_failed(
    folder: HostFolder,
) -> None:
    budget = {"failed_actions": 1, "failed_transitions": 1}
    folder.define("x", "fails", manager="sm", interval_s=0.01, budget=budget)
    with managing(folder) as sm:
        until(lambda: sm.engine.units["x"].spent.is_given_up)
        told = restart(sm, Order(service="x", timeout_s=20.0))
        assert (told.done, told.said) == (
            False,
            "failed: fatal-failure, 0 deaths of 2, 1 failed starts of 1, 1 of 1 until it is "
            "given up",
        )
        assert folder.told() == ["up x", "up x"]
