"""`insvc.agent.pmon`: flags and files of a host, on a clock that the test turns."""

import resource
from collections.abc import Iterator

import pytest

from insvc.adapters.launcher import Launcher
from insvc.agent.loop import Loop
from insvc.agent.pmon import LOOK_S, PmonPart
from insvc.errors import InputError
from insvc.model.words import Personality
from insvc.supervise import pmon
from insvc.supervise.unit import Duty, Event, Unit
from tests.fakes import pmon_host
from tests.fakes.host_folder import HostFolder

pytestmark = pytest.mark.integration
CONFIGURED, ENABLED = "etc/platform/.initial_config_complete", "var/run/.goenabled"


class World:
    """The part of pmon, the units it knows, and how often they were settled."""

    def __init__(self, folder: HostFolder) -> None:
        self.folder = folder
        self.now = 100.0
        self.epoch = 1e9
        self.loop = Loop()
        self.units: dict[str, Unit] = {}
        self.started: list[str] = []
        self.part = PmonPart(
            Launcher(folder.path, folder.host),
            self.loop,
            self.settle,
            lambda *_: None,
            lambda _: None,
            lambda: self.now,
            lambda: self.epoch,
        )
        self.part.begin()

    def read(self) -> None:
        """Read the files, and let begin what may."""
        for name, definition in self.part.read(()).items():
            self.units[name] = Unit(definition=definition, state=pmon.State.STOPPED)
        self.settle()

    def settle(self) -> None:
        for name, event in self.part.decide(Duty(), self.units):
            assert event is Event.START
            self.started.append(name)
            del self.units[name]

    def after(self, seconds: float) -> list[str]:
        """What has been started so far, that much later."""
        self.now += seconds
        self.loop.post(lambda: None)
        self.loop.run_once()
        return self.started


@pytest.fixture
def world(folder: HostFolder) -> Iterator[World]:
    made = World(folder)
    yield made
    made.part.close()
    made.loop.close()


def settings(folder: HostFolder, text: str = "start_delay = 10\n") -> None:
    """The settings of pmon itself."""
    pmon_host.write(folder.root / "etc/mtc/pmond.conf", text)


def test_without_settings_a_host_has_no_flags_of_its_own(world: World) -> None:
    pmon_host.passive(world.folder, "x")
    world.read()
    assert world.started == ["x"]
    assert world.part.wait_s() is None


def test_the_start_delay_counts_from_the_flag_that_the_host_is_enabled(world: World) -> None:
    settings(world.folder)
    pmon_host.passive(world.folder, "x")
    world.read()
    assert world.part.why_waiting(world.units["x"].definition) == CONFIGURED
    pmon_host.mark(world.folder, CONFIGURED)
    assert world.after(LOOK_S) == []
    flag = pmon_host.mark(world.folder, ENABLED)
    world.epoch = flag.stat().st_mtime + 4.0
    assert world.after(LOOK_S) == []
    assert world.part.wait_s() == 5.0
    assert "start delay" in (world.part.why_waiting(world.units["x"].definition) or "")
    assert world.after(5.0) == []
    assert world.after(1.0) == ["x"]


def test_a_flag_that_comes_is_heard_of_before_the_next_look(world: World) -> None:
    pmon_host.passive(world.folder, "x", subfunction="storage")
    (world.folder.root / "etc/platform").mkdir(parents=True)
    world.read()
    assert world.started == []
    pmon_host.mark(world.folder, "var/run/unrelated")
    assert world.after(0.0) == []
    pmon_host.mark(world.folder, "var/run/.storage_config_complete")
    assert world.after(0.0) == ["x"]
    assert world.part.wait_s() is None


def test_without_the_kernel_s_help_a_look_finds_a_flag(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    pmon_host.passive(world.folder, "x", subfunction="worker")
    world.part.read(())
    definition = world.part.learnt.definitions["x"]
    world.units["x"] = Unit(definition=definition, state=pmon.State.STOPPED)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        world.settle()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "flags are looked at every" in capsys.readouterr().err
    pmon_host.mark(world.folder, "var/run/.worker_config_complete")
    assert world.after(LOOK_S) == ["x"]


def test_a_worker_beside_a_controller_is_configured_last(folder: HostFolder) -> None:
    text = (folder.path / "host.json").read_text()
    word = Personality.WORKER.value
    (folder.path / "host.json").write_text(
        text.replace('"subfunctions": []', f'"subfunctions": ["{word}"]')
    )
    world = World(folder)
    pmon_host.passive(folder, "x", subfunction="last-config")
    pmon_host.mark(folder, "var/run/.worker_config_complete")
    world.read()
    assert world.started == ["x"]
    world.part.close()
    world.loop.close()


def test_faulty_settings_and_files_are_told_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(world.folder, "start_delay = 0\n")
    pmon_host.passive(world.folder, "x", restarts=None)
    pmon_host.passive(world.folder, "y", colour="red")
    world.part.read(())
    world.part.read(())
    assert world.part.faults == (
        "etc/mtc/pmond.conf: line 1: found '0' as start_delay, expected a whole number from 1 to "
        "120; 30 is used",
        "etc/pmon.d/x.conf: misconfigured: lacks restarts",
    )
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3
    assert told[2].endswith("nobody knows the key colour")
    with pytest.raises(InputError, match="misconfigured: lacks restarts"):
        world.part.refuse_misconfigured("x.conf")
    world.part.refuse_misconfigured("y")
    assert (world.part.keeps("x"), world.part.keeps("y")) == (True, False)
