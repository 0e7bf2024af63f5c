"""The managers of a real host behind one face."""

from collections.abc import Collection

import pytest

from insvc.agent.host_managers import HostManagers
from insvc.catalog.account import Account
from insvc.errors import UnknownName, WorldError
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Order
from insvc.model.words import InstanceState, Manager, Role
from tests.fakes.host_manager import FakeHostManager


def row(name: str, manager: Manager, pid: int | None = 10, cgroup: str | None = None) -> ManagerRow:
    state = InstanceState.RUNNING
    return ManagerRow(name=name, manager=manager, state=state, pid=pid, cgroup=cgroup)


class Silent(FakeHostManager):
    """A manager that does not answer."""

    def look(self, names: Collection[str] | None = None) -> Account:
        raise WorldError("the bus", f"did not answer about {names}", next_act="wait")

    def running(self) -> frozenset[str]:
        raise WorldError("the bus", "did not answer", next_act="wait")


def managers(*parts: FakeHostManager) -> HostManagers:
    return HostManagers("box", parts)


def test_the_first_owner_of_a_control_group_speaks_for_it() -> None:
    group = "/system.slice/web.service"
    face = managers(
        FakeHostManager(row("web", Manager.PACEMAKER, 1, group), kind=Manager.PACEMAKER),
        FakeHostManager(row("web.service", Manager.SYSTEMD, 1, group)),
    )
    assert [one.name for one in face.status().rows] == ["web"]


def test_an_order_goes_to_the_services_own_manager() -> None:
    cluster = FakeHostManager(row("web", Manager.PACEMAKER), kind=Manager.PACEMAKER)
    units = FakeHostManager(row("cron.service", Manager.SYSTEMD))
    face = managers(cluster, units)
    assert face.restart(Manager.SYSTEMD, Order(service="cron.service")).done
    assert (len(cluster.orders), len(units.orders)) == (0, 1)


def test_a_manager_the_host_does_not_have_is_named() -> None:
    with pytest.raises(UnknownName, match="has no supervisord"):
        managers().restart(Manager.SUPERVISORD, Order(service="x"))


def test_a_manager_that_does_not_answer_hides_nothing_of_the_others() -> None:
    face = managers(Silent(), FakeHostManager(row("web", Manager.LSB), kind=Manager.LSB))
    status = face.status()
    assert [one.name for one in status.rows] == ["web"]
    assert "did not answer" in status.unseen[0]


def test_an_unknown_service_is_not_found() -> None:
    with pytest.raises(UnknownName, match="no manager of box"):
        managers(FakeHostManager(row("web", Manager.SYSTEMD))).row("nothing")


def test_a_service_is_not_called_unknown_while_a_manager_is_silent() -> None:
    with pytest.raises(WorldError, match="did not answer"):
        managers(Silent()).row("web")


def test_a_job_is_waited_for_by_its_own_manager() -> None:
    idle = FakeHostManager(row("job", Manager.CRON, None), kind=Manager.CRON)
    assert managers(FakeHostManager(), idle).wait_for_job("job", 60.0)


def test_what_is_up_is_what_every_manager_that_answers_says() -> None:
    job = FakeHostManager(row("job", Manager.LSB), kind=Manager.LSB)
    face = managers(Silent(), job, FakeHostManager(row("web", Manager.SYSTEMD)))
    assert face.running() == {"job", "web"}


def test_a_job_that_goes_on_is_told() -> None:
    steady = FakeHostManager(row("job", Manager.CRON), kind=Manager.CRON)
    assert not managers(steady).wait_for_job("job", 0.0)


def test_a_plain_host_takes_no_turns() -> None:
    face = managers()
    assert not face.is_locked
    assert face.health_path("web") is None
    with pytest.raises(WorldError, match="cannot become standby"):
        face.take_role(Role.STANDBY, 1.0)
    with pytest.raises(WorldError, match="cannot be locked"):
        face.set_locked(locked=True, timeout_s=1.0)
    with pytest.raises(WorldError, match="is never locked"):
        face.set_locked(locked=False, timeout_s=1.0)
