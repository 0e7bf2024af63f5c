"""Schedules after somebody has set the clock."""

from pathlib import Path

from insvc.adapters.launcher import Launcher
from insvc.agent.engine import Engine
from insvc.agent.loop import Loop
from insvc.agent.schedules import EACH_S, Schedules
from insvc.agent.supervisor import RULES
from insvc.model.words import Manager, Role
from insvc.supervise.unit import Duty, Event
from tests.fakes.clock import FakeClock
from tests.fakes.host_folder import HostFolder
from tests.unit.supervise.test_cron import HALF_PAST, job


def test_once_a_minute_each_job_is_reckoned_by_the_clock_as_it_is_then(tmp_path: Path) -> None:
    folder = HostFolder(tmp_path / "h", "active", "h")
    wall, steady = FakeClock(HALF_PAST), FakeClock(5.0)
    loop = Loop()
    launcher = Launcher(folder.path, folder.host)
    engine = Engine(RULES[Manager.CRON], loop, launcher, wall.now)
    engine.units["purge"] = job()
    engine.change_duty(Duty(role=Role.ACTIVE))
    schedules = Schedules(engine, loop, steady.now)
    assert schedules.wait_s() == EACH_S
    wall.advance(-86_400.0)
    schedules.tick()
    assert engine.units["purge"].due == ((Event.RUN_DUE, HALF_PAST + 600.0),)
    saved = []
    engine.on_change = lambda: saved.append(engine.units["purge"].due)
    steady.advance(EACH_S)
    schedules.tick()
    assert schedules.wait_s() == EACH_S
    assert saved[-1] == ((Event.RUN_DUE, HALF_PAST - 86_400.0 + 600.0),)
    assert engine.wait_s() == 600.0
    loop.close()
