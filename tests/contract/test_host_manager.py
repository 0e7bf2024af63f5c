"""The port `HostManager`."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest

from insvc.adapters.bounded import run_bounded
from insvc.adapters.init_scripts import InitScripts
from insvc.adapters.pacemaker import Pacemaker
from insvc.adapters.starlingx_pmon import StarlingxPmon
from insvc.adapters.starlingx_sm import StarlingxSm
from insvc.adapters.supervisord import Supervisord
from insvc.adapters.systemd import Systemd
from insvc.errors import UnknownName
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Order
from insvc.model.words import InstanceState, Manager
from insvc.ports import HostManager
from tests.fakes import starlingx
from tests.fakes.host_manager import FakeHostManager
from tests.fakes.init_scripts import end_all, script
from tests.fakes.pacemaker import FakeCluster, FakeResource
from tests.fakes.supervisord import configure, program, running
from tests.fakes.systemd import FakeSystemd


class Stage(Protocol):
    """A manager that runs the services `first` and `second`.

    Attributes:
        manager: the manager.
        ending: what it wants at the end of every name.
    """

    manager: HostManager
    ending: str

    def close(self) -> None:
        """Give back what it holds."""


class FakeStage:
    """In memory."""

    ending = ""

    def __init__(self, _folder: Path) -> None:
        rows = (
            ManagerRow(name=name, manager=Manager.SYSTEMD, state=InstanceState.RUNNING, pid=pid)
            for name, pid in (("first", 10), ("second", 20))
        )
        self.manager: HostManager = FakeHostManager(*rows)

    def close(self) -> None:
        """Nothing to give back."""


class SystemdStage:
    """The adapter of systemd, over a real socket to a systemd that runs nothing."""

    ending = ".service"

    def __init__(self, folder: Path) -> None:
        self._systemd = FakeSystemd(folder)
        for name in ("first.service", "second.service"):
            self._systemd.add(name)
        self.manager: HostManager = Systemd(folder)

    def close(self) -> None:
        self._systemd.close()


class PacemakerStage:
    """The adapter of Pacemaker, with a cluster in memory that runs units of systemd's."""

    ending = ""

    def __init__(self, _folder: Path) -> None:
        pids = (("pacemaker.service", 5), ("first.service", 10), ("second.service", 20))
        units = FakeHostManager(
            *(
                ManagerRow(name=name, manager=Manager.SYSTEMD, state=InstanceState.RUNNING, pid=pid)
                for name, pid in pids
            )
        )
        cluster = FakeCluster(
            **{
                name: FakeResource(
                    agent=f"systemd:{name}",
                    on_start=partial(units.restart, Order(service=f"{name}.service")),
                )
                for name in ("first", "second")
            }
        )
        self.manager: HostManager = Pacemaker(units=units, tools=cluster, pause=lambda _: None)

    def close(self) -> None:
        """Nothing to give back."""


class SupervisordStage:
    """The adapter of supervisord, with a real one."""

    ending = ""

    def __init__(self, folder: Path) -> None:
        configure(folder, program("first"), program("second"))
        self._held = ExitStack()
        self._held.enter_context(running(folder))
        self.manager: HostManager = Supervisord(folder)

    def close(self) -> None:
        self._held.close()


class InitScriptsStage:
    """The adapter of scripts in /etc/init.d, with real ones."""

    ending = ""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in ("first", "second"):
            assert run_bounded([str(script(folder, name)), "start"], 20.0).status == 0
        self.manager: HostManager = InitScripts(folder)

    def close(self) -> None:
        end_all(self._folder)


class StarlingxPmonStage:
    """The adapter of StarlingX's process monitor, with a stand-in for it."""

    ending = ""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        starlingx.pmon(folder)
        for name in ("first", "second"):
            starlingx.process(folder, name)
        self.manager: HostManager = StarlingxPmon(folder)

    def close(self) -> None:
        starlingx.end_all(self._folder)


class StarlingxSmStage:
    """The adapter of StarlingX's service manager, with a stand-in for it."""

    ending = ""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        starlingx.sm(folder)
        for name in ("first", "second"):
            starlingx.service(folder, name)
        self.manager: HostManager = StarlingxSm(folder)

    def close(self) -> None:
        starlingx.end_all(self._folder)


@pytest.fixture(
    params=[
        FakeStage,
        SystemdStage,
        SupervisordStage,
        InitScriptsStage,
        PacemakerStage,
        StarlingxPmonStage,
        StarlingxSmStage,
    ]
)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    made: Stage = request.param(tmp_path)
    yield made
    made.close()


def names(stage: Stage, *asked: str) -> set[str]:
    """What it tells of, asked about these or, without any, about all."""
    told = stage.manager.look([one + stage.ending for one in asked] or None)
    return {row.name.removesuffix(stage.ending) for row in told.rows}


def test_it_tells_of_every_service_it_has(stage: Stage) -> None:
    assert {"first", "second"} <= names(stage)


def test_it_tells_of_those_alone_that_were_asked_for(stage: Stage) -> None:
    assert names(stage, "second", "no-such") == {"second"}


def test_every_row_names_the_manager_that_speaks(stage: Stage) -> None:
    assert {row.manager for row in stage.manager.look().rows} == {stage.manager.kind}


def test_a_restarted_service_has_another_main_process(stage: Stage) -> None:
    first = "first" + stage.ending
    (before,) = stage.manager.look([first]).rows
    told = stage.manager.restart(Order(service=first))
    (after,) = stage.manager.look([first]).rows
    assert told.done
    assert after.state is InstanceState.RUNNING
    assert after.pid not in {None, before.pid}


def test_a_service_it_does_not_have_is_refused_by_name(stage: Stage) -> None:
    absent = "no-such" + stage.ending
    with pytest.raises(UnknownName) as refused:
        stage.manager.restart(Order(service=absent))
    assert refused.value.subject == absent


def test_what_is_up_is_told_by_name(stage: Stage) -> None:
    first = "first" + stage.ending
    stage.manager.restart(Order(service=first))
    assert first in stage.manager.running()


def test_a_service_that_runs_on_does_not_end_in_time(stage: Stage) -> None:
    assert not stage.manager.wait_for_end("first" + stage.ending, 0.0)


def test_the_end_of_a_service_it_does_not_have_is_not_waited_for(stage: Stage) -> None:
    with pytest.raises(UnknownName):
        stage.manager.wait_for_end("no-such" + stage.ending, 0.0)
