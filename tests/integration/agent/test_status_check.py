"""`insvc.agent.status_check`: real scripts that judge, and their three kinds of end."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from insvc.adapters.launcher import Launcher
from insvc.agent.loop import Loop
from insvc.agent.status_check import StatusScripts
from insvc.model.pmon_conf import read_pmon_conf
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.pmon_conf import definition_of
from insvc.supervise.unit import Event
from tests.fakes import pmon_host
from tests.fakes.host_folder import HostFolder, until

pytestmark = pytest.mark.integration


class World:
    """The scripts of one service, and what they have led to."""

    def __init__(self, folder: HostFolder) -> None:
        self.folder = folder
        self.loop = Loop()
        self.events: list[Event] = []
        self.scripts = StatusScripts(
            Launcher(folder.path, folder.host),
            self.loop,
            lambda _, event: self.events.append(event),
        )
        path = pmon_host.status(folder, "ceph")
        conf = read_pmon_conf(path.read_text()).conf
        assert conf is not None
        self.definition: ServiceDefinition = definition_of(conf)

    def look(self) -> Event:
        """The verdict of a look."""
        self.events.clear()
        self.scripts.look(self.definition)
        until(self.has_event)
        return self.events[0]

    def has_event(self) -> bool:
        """Let the loop turn; whether a verdict has come."""
        self.loop.post(lambda: None)
        self.loop.run_once()
        return bool(self.events)


@pytest.fixture
def world(folder: HostFolder) -> Iterator[World]:
    made = World(folder)
    yield made
    made.loop.close()


def test_a_look_is_up_down_or_without_a_verdict(world: World) -> None:
    assert world.look() is Event.READY
    down = pmon_host.flag(world.folder, "down")
    assert world.look() is Event.NOT_READY
    assert world.scripts.texts == {"ceph": "osd.3 is down\n"}
    down.unlink()
    assert world.look() is Event.READY
    assert world.scripts.texts == {}
    pmon_host.flag(world.folder, "unset")
    assert world.look() is Event.SILENT
    log = (world.folder.path / "log/ceph.log").read_text()
    assert "status: ended with status 1" in log
    assert "status: ended with status 125" in log


def test_a_script_that_does_not_end_is_ended_and_gives_no_verdict(world: World) -> None:
    pmon_host.flag(world.folder, "hang")
    assert world.look() is Event.SILENT
    assert "did not end in time" in (world.folder.path / "log/ceph.log").read_text()


def test_a_script_that_is_not_there_gives_no_verdict(world: World) -> None:
    (world.folder.root / "etc/init.d/ceph").unlink()
    assert world.look() is Event.SILENT
    assert "its script is not run" in (world.folder.path / "log/ceph.log").read_text()


def test_one_script_of_a_service_runs_at_a_time(world: World) -> None:
    world.scripts.start(world.definition)
    world.scripts.look(world.definition)
    until(lambda: world.folder.told() == ["mend ceph"])

    def is_judged() -> bool:
        world.scripts.look(world.definition)
        return world.has_event()

    until(is_judged)
    assert world.folder.told()[0] == "mend ceph"


def test_what_has_no_script_or_text_is_left(world: World) -> None:
    world.scripts.look(replace(world.definition, script=None))
    world.loop.post(lambda: None)
    world.loop.run_once()
    assert world.events == []
    pmon_host.flag(world.folder, "down")
    check = world.definition.status_check
    assert check is not None
    world.definition = replace(
        world.definition, status_check=replace(check, failure_text="var/run/other")
    )
    assert world.look() is Event.NOT_READY
    world.definition = replace(world.definition, status_check=replace(check, failure_text=None))
    assert world.look() is Event.NOT_READY
    assert world.scripts.texts == {"ceph": ""}


def test_a_log_that_cannot_be_written_costs_no_verdict(world: World) -> None:
    (world.folder.path / "log/ceph.log").mkdir(parents=True)
    pmon_host.flag(world.folder, "down")
    assert world.look() is Event.NOT_READY
    assert world.look() is Event.NOT_READY
