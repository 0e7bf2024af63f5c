"""The end of the way up and down, by a clock that is set by hand."""

from pathlib import Path

from insvc.adapters.launcher import Launcher
from insvc.agent.loop import Loop
from insvc.agent.supervisor import Supervisor
from insvc.agent.way_limits import WayLimits
from insvc.model.words import Manager
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.sm import WAY_LIMIT_S, State
from insvc.supervise.unit import Unit
from tests.fakes.host_folder import HostFolder

DEFINITION = ServiceDefinition(
    name="x", manager=Manager.SM, package="x", command=("usr/bin/none",), pidfile="run/x.pid"
)


class Stage:
    """A manager without a process, at a moment of our own."""

    def __init__(self, folder: HostFolder) -> None:
        self.now = 1000.0
        self.loop = Loop()
        sm = Supervisor(Manager.SM, folder.path, self.loop, Launcher(folder.path, folder.host))
        self.engine = sm.engine
        self.engine.clock = lambda: self.now
        self.limits = WayLimits(sm, self.loop)

    def put(self, state: State) -> None:
        unit = Unit(definition=DEFINITION, state=state, ready_at=1.0)
        self.engine.units["x"] = unit

    def after(self, seconds: float) -> str:
        """The state once so many seconds more have gone by and the loop came round."""
        self.now += seconds
        self.limits.tick()
        return self.engine.units["x"].state


def test_a_way_up_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    stage = Stage(HostFolder(tmp_path / "h", role=None))
    stage.put(State.ENABLING)
    assert stage.after(0.0) == State.ENABLING
    assert stage.after(WAY_LIMIT_S - 1.0) == State.ENABLING
    assert stage.after(5.0) == State.ENDING
    stage.loop.close()


def test_every_state_of_the_way_has_its_own_time(tmp_path: Path) -> None:
    stage = Stage(HostFolder(tmp_path / "h", role=None))
    stage.put(State.ENABLING)
    stage.after(0.0)
    stage.now += WAY_LIMIT_S - 10.0
    stage.put(State.DISABLING)
    assert stage.after(5.0) == State.DISABLING
    assert stage.engine.units["x"].spent.condition == "none"
    assert stage.after(WAY_LIMIT_S) == State.DISABLING
    assert stage.engine.units["x"].spent.condition == "action-failure"
    stage.loop.close()


def test_what_has_arrived_is_on_no_way(tmp_path: Path) -> None:
    stage = Stage(HostFolder(tmp_path / "h", role=None))
    stage.put(State.ENABLED_ACTIVE)
    stage.after(0.0)
    assert stage.after(WAY_LIMIT_S * 10) == State.ENABLED_ACTIVE
    assert stage.limits.wait_s() is None
    stage.loop.close()


def test_it_looks_now_and_then_alone(tmp_path: Path) -> None:
    stage = Stage(HostFolder(tmp_path / "h", role=None))
    stage.put(State.ENABLING)
    stage.after(0.0)
    stage.now += WAY_LIMIT_S + 1.0
    stage.limits.tick()
    assert stage.engine.units["x"].state == State.ENDING
    stage.put(State.ENABLING)
    assert stage.after(1.0) == State.ENABLING
    stage.loop.close()
