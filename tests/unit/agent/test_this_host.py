"""This very machine as a cloud of one host."""

import asyncio
from collections.abc import Collection
from pathlib import Path

import pytest

from insvc.adapters.ledger_sqlite import SqliteLedger
from insvc.agent.acts import Acts
from insvc.agent.host_managers import HostManagers
from insvc.agent.performing import Performer
from insvc.agent.this_host import ThisHost
from insvc.errors import AgentUnreachable, StaleEpoch, WorldError
from insvc.model.act import Intent, PackageChange
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import Evidence, HostObservation, ProcessIdentity
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action, InstanceState, Manager
from insvc.ports import Account
from tests.fakes.host_manager import FakeHostManager
from tests.fakes.packages import FakePackage, FakePackages


class Looker:
    """Processes are what the manager says."""

    def identities(self, row: ManagerRow) -> tuple[ProcessIdentity, ...]:
        if row.pid is None:
            return ()
        return (ProcessIdentity(boot_id="b", pid=row.pid, start_ticks=row.pid),)

    def stale_evidence(self, row: ManagerRow) -> tuple[Evidence, ...]:  # noqa: ARG002
        return ()


class Silent(FakeHostManager):
    """A manager that gives no answer for some looks after each act.

    Attributes:
        silent_for: how many looks.
    """

    silent_for = 0
    _left = 0

    def look(self, names: Collection[str] | None = None) -> Account:
        if self._left:
            self._left -= 1
            raise WorldError("systemd", "it does not answer in time", next_act="wait")
        return super().look(names)

    def restart(self, order: Order) -> Restarted:
        self._left = self.silent_for
        return super().restart(order)


class Stage:
    """A host with one service."""

    def __init__(self, folder: Path) -> None:
        row = ManagerRow(
            name="web.service", manager=Manager.SYSTEMD, state=InstanceState.RUNNING, pid=10
        )
        self.manager = Silent(row)
        self.packages = FakePackages(now=lambda: 5.0)
        self.ledger = SqliteLedger(folder / "agent.db")
        acts = Acts(HostManagers("box", (self.manager,)), Looker(), Path("/"), pause=lambda _: None)
        self.performer = Performer(acts, self.ledger)
        self.host = ThisHost(
            host="box",
            observe=lambda now: HostObservation(host="box", taken_at=now),
            performer=self.performer,
            ledger=self.ledger,
            packages=self.packages,
            now=lambda: 1000.0,
        )


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def intent(attempt: int = 1, epoch: int = 1, action: Action = Action.RESTART) -> Intent:
    return Intent(
        run="r",
        step="s",
        attempt=attempt,
        epoch=epoch,
        action=action,
        service="web.service",
        dwell_s=0.0,
    )


def test_it_looks_at_itself_by_its_own_clock(stage: Stage) -> None:
    seen = asyncio.run(stage.host.observe("box"))
    assert seen.host == "box"
    assert seen.taken_at == 1000.0


def test_an_act_is_carried_out_once_and_remembered(stage: Stage) -> None:
    told = asyncio.run(stage.host.perform("box", intent()))
    again = asyncio.run(stage.host.perform("box", intent()))
    assert told.manager_done
    assert (told.before[0].pid, told.after[0].pid) == (10, 11)
    assert again == told == asyncio.run(stage.host.recall("box", "r", "s", 1))
    assert len(stage.manager.orders) == 1


def test_a_manager_that_is_silent_for_a_while_after_the_act_is_asked_again(stage: Stage) -> None:
    stage.manager.silent_for = 3
    told = asyncio.run(stage.host.perform("box", intent()))
    assert (told.manager_done, told.said, told.after[0].pid) == (True, "restarted", 11)


def test_an_act_that_nobody_can_look_at_afterwards_is_neither_done_nor_refused(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insvc.agent.acts._BACK_S", 0.0)
    stage.manager.silent_for = 10**9
    told = asyncio.run(stage.host.perform("box", intent()))
    assert (told.accepted, told.manager_done) == (True, False)
    assert told.said.startswith("restarted; and then nobody could look at it: web.service: ")
    assert "it does not answer in time" in told.said


def test_what_less_than_a_restart_is_ordered_reaches_the_manager(stage: Stage) -> None:
    asyncio.run(stage.host.perform("box", intent(action=Action.RELOAD)))
    assert [order.action for order in stage.manager.orders] == [Action.RELOAD]


def test_an_older_controller_is_refused(stage: Stage) -> None:
    asyncio.run(stage.host.perform("box", intent(epoch=3)))
    with pytest.raises(StaleEpoch):
        asyncio.run(stage.host.perform("box", intent(attempt=2, epoch=2)))
    with pytest.raises(StaleEpoch):
        asyncio.run(stage.host.install("box", 2, ()))


def test_packages_are_installed_right_here(stage: Stage) -> None:
    stage.packages.archive["/x.deb"] = FakePackage(name="web", version="2", files=("/usr/bin/web",))
    change = PackageChange(package="web", from_version="1", to_version="2", path="/x.deb")
    asyncio.run(stage.host.install("box", 1, (change,)))
    assert stage.packages.installed()["web"] == "2"


def test_another_host_is_out_of_reach(stage: Stage) -> None:
    for asked in (
        stage.host.observe("other"),
        stage.host.perform("other", intent()),
        stage.host.recall("other", "r", "s", 1),
    ):
        with pytest.raises(AgentUnreachable):
            asyncio.run(asked)
    with pytest.raises(AgentUnreachable):
        asyncio.run(stage.host.install("other", 1, ()))


def test_a_machine_without_a_package_database_installs_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    host = ThisHost(
        host="box",
        observe=lambda now: HostObservation(host="box", taken_at=now),
        performer=stage.performer,
        ledger=stage.ledger,
        packages=None,
    )
    with pytest.raises(WorldError, match="no package database"):
        asyncio.run(host.install("box", 1, ()))
