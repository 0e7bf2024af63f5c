"""All managers of a host behind one face."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from insvc.adapters import sm_client
from insvc.agent.loop import Loop
from insvc.agent.managers import Managers
from insvc.agent.sm_daemon import SmDaemon
from insvc.errors import UnknownName, WorldError
from insvc.model.restart import Order
from insvc.model.words import InstanceState, Manager, Role
from tests.fakes.host_folder import PORT, HostFolder, looping, until
from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration
RUNNING = InstanceState.RUNNING


@contextmanager
def managing(folder: HostFolder) -> Iterator[Managers]:
    loop = Loop()
    managers = Managers(folder.path, folder.host, loop)
    with looping(loop):
        loop.call(managers.begin)
        yield managers


@contextmanager
def sm_of(folder: HostFolder) -> Iterator[None]:
    """The service manager in a thread; pmon runs a plain program in its place."""
    made = SmDaemon(folder.path)
    thread = begin(made.run)
    try:
        yield
    finally:
        made.end()
        end(thread)


def states(managers: Managers) -> dict[str, InstanceState]:
    return {row.name: row.state for row in managers.status().rows}


def test_a_host_without_a_service_manager_asks_none(folder: HostFolder) -> None:
    folder.define("x", "serves", port=PORT, health_path=None)
    with managing(folder) as made:
        until(lambda: states(made) == {"x": RUNNING})
        assert not made.has_sm
        assert made.health_path("x") is None
        assert made.health_path("y") is None
        assert made.row("x").manager is Manager.PMON


def test_sm_s_services_are_among_the_host_s(folder: HostFolder) -> None:
    folder.define("sm")
    folder.define("x", manager="sm", runs_when="active")
    folder.define("job", "job", manager="cron", schedule="0 4 * * *", runs_when="active")
    with sm_of(folder), managing(folder) as made:
        until(lambda: states(made).get("x") is RUNNING)
        assert set(states(made)) == {"sm", "job", "x"}
        assert made.row("x").manager is Manager.SM
        assert made.restart(Manager.SM, Order(service="x")).done
        assert made.take_role(Role.STANDBY, 20.0) == ()
        assert states(made) == {
            "sm": RUNNING, "job": InstanceState.STOPPED, "x": InstanceState.STOPPED,
        }  # fmt: skip
        assert made.take_role(Role.ACTIVE, 20.0) == ()
        assert made.set_locked(locked=True, timeout_s=20.0) == ()
        assert states(made)["x"] is InstanceState.STOPPED
        assert made.set_locked(locked=False, timeout_s=20.0) == ()
        folder.define("y", manager="sm")
        assert made.read_again() == ()
        until(lambda: states(made).get("y") is RUNNING)
        with pytest.raises(UnknownName) as refusal:
            made.row("z")
        assert refusal.value.next_act == "use one of: job, sm, x, y"


def test_a_silent_service_manager_leaves_its_services_unknown_and_changes_nothing(
    folder: HostFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sm_client, "RETURN_S", 0.0)
    folder.define("sm")
    folder.define("x", manager="sm", port=PORT)
    with managing(folder) as made:
        until(lambda: states(made)["sm"] is RUNNING)
        assert states(made)["x"] is InstanceState.UNKNOWN
        (unseen,) = made.status().unseen
        assert unseen.startswith("sm: ")
        (fault,) = made.read_again()
        assert fault.startswith("sm: ")
        with pytest.raises(WorldError):
            made.take_role(Role.STANDBY, 5.0)
        with pytest.raises(WorldError):
            made.set_locked(locked=True, timeout_s=5.0)
        assert (made.role, made.is_locked) == (Role.ACTIVE, False)


def test_an_empty_host_has_no_services_to_name(folder: HostFolder) -> None:
    with managing(folder) as made, pytest.raises(UnknownName) as refusal:
        made.row("x")
    assert refusal.value.next_act == "use one of: none"


def test_a_job_s_end_can_be_waited_for(folder: HostFolder) -> None:
    folder.define("job", "job", manager="cron", schedule="0 4 * * *")
    with managing(folder) as made:
        assert made.wait_for_job("job", 0.0)
