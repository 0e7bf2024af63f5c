"""Services that should be down and answer all the same."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from insvc.adapters.launcher import Launcher
from insvc.agent.alarms import alarms_of
from insvc.agent.disabled_audits import DisabledAudits
from insvc.agent.loop import Loop
from insvc.agent.readiness import answers
from insvc.agent.supervisor import Supervisor
from insvc.model.words import InstanceState, Manager, Role
from tests.fakes.host_folder import PORT, HostFolder, looping, row, until, wait_for_state
from tests.fakes.service_scripts import define_script

pytestmark = pytest.mark.integration
KEY = "host=h.service=x"


@contextmanager
def standing_by(folder: HostFolder) -> Iterator[tuple[Supervisor, DisabledAudits]]:
    folder.write_host("standby")
    loop = Loop()
    sm = Supervisor(Manager.SM, folder.path, loop, Launcher(folder.path, folder.host))
    audits = DisabledAudits(sm, loop)
    sm.more_alarms = audits.refresh
    with looping(loop):
        loop.call(lambda: sm.begin(folder.host.initial_role))
        yield sm, audits
        sm.end_all(20.0)


def start_by_hand(folder: HostFolder, sm: Supervisor) -> subprocess.Popen[bytes]:
    """The service's program, started by somebody else than its manager."""
    definition = sm.engine.units["x"].definition
    return subprocess.Popen(
        sm.launcher.command(definition),
        cwd=folder.root,
        env=sm.launcher.environment(definition),
        start_new_session=True,
    )


def raised(folder: HostFolder) -> list[str]:
    return [
        one.alarm.text
        for one in alarms_of(folder.path).changes
        if one.alarm.entity == KEY and one.what == "raised"
    ]


def test_one_that_was_started_by_hand_is_told_and_ended(folder: HostFolder) -> None:
    folder.define("x", "serves", manager="sm", runs_when="active", port=PORT, audit_s=0.05)
    with standing_by(folder) as (sm, audits):
        with start_by_hand(folder, sm) as by_hand:
            assert by_hand.wait(30.0) == -9
        until(
            lambda: raised(folder) == ["x answers although it is disabled; it is taken down again"]
        )
        until(lambda: not audits.found)
        until(lambda: not alarms_of(folder.path).standing)
        assert row(sm, "x").state is InstanceState.STOPPED
        assert sm.take_role(Role.ACTIVE, 20.0) == ()
        assert row(sm, "x").restarts == 0


def test_one_that_its_script_finds_up_is_stopped_by_its_script(folder: HostFolder) -> None:
    define_script(folder, "x", manager=Manager.SM, runs_when="active", audit_s=0.1)
    with standing_by(folder) as (sm, _):
        script = folder.root / sm.engine.units["x"].definition.script.name  # type: ignore[union-attr]
        definition = sm.engine.units["x"].definition
        subprocess.run(
            [script, "start"],
            cwd=folder.root,
            env=sm.launcher.environment(definition),
            check=True,
            timeout=30.0,
        )
        until(lambda: folder.told()[-1:] == ["down x"])
        until(lambda: len(raised(folder)) == 1)
        wait_for_state(sm, "x", InstanceState.STOPPED)
        assert folder.told()[:4] == ["start x", "up x", "stop x", "down x"]


def test_what_its_active_twin_answers_on_the_floating_address_is_no_concern(
    folder: HostFolder,
) -> None:
    folder.define(
        "x", "serves", manager="sm", runs_when="active", port=PORT, audit_s=0.02, on_oam=True
    )
    with standing_by(folder) as (sm, audits):
        with start_by_hand(folder, sm) as by_hand:
            until(lambda: answers(f"{folder.address}:{PORT}", None))
            assert sm.loop.call(audits.wait_s) is None
            by_hand.kill()
        assert raised(folder) == []


def test_one_that_can_be_asked_by_nothing_is_not_asked(folder: HostFolder) -> None:
    folder.define("x", manager="sm", runs_when="active", audit_s=0.02)
    with standing_by(folder) as (sm, audits):
        assert sm.loop.call(audits.wait_s) is None
        told: list[bool] = []
        sm.loop.call(lambda: sm.engine.looks.answers(sm.engine.units["x"], told.append))
        until(lambda: told == [False])
