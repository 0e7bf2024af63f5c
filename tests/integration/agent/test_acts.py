"""The facts of every act: what was there before and after, and what went wrong meanwhile."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from insvc.adapters import sm_client
from insvc.adapters.dpkg import DpkgPackages
from insvc.adapters.observer import HostObserver
from insvc.adapters.pidfd import read_identity
from insvc.adapters.procfs import ProcfsTable
from insvc.agent.acts import Acts
from insvc.agent.loop import Loop
from insvc.agent.managers import Managers
from insvc.agent.strays import command_line, of_host
from insvc.model.act import ActFacts, DrainRule, Intent
from insvc.model.words import Action, InstanceState, Role
from insvc.supervise.unit import Event
from tests.fakes.host_folder import PORT, HostFolder, looping, until
from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration


class Host:
    """Acts on one host, and its managers."""

    def __init__(self, folder: HostFolder, managers: Managers) -> None:
        self.managers = managers
        observer = HostObserver(
            host="h",
            root=folder.root,
            processes=ProcfsTable(),
            packages=DpkgPackages(folder.root),
        )
        self.in_first_pause: Callable[[], None] | None = None
        self._acts = Acts(managers, observer, folder.root, self._pause)

    def _pause(self, seconds: float) -> None:
        act, self.in_first_pause = self.in_first_pause, None
        if act is not None:
            act()
        time.sleep(seconds)

    def perform(self, action: Action, service: str = "x", **fields: Any) -> ActFacts:
        given = {"dwell_s": 0.05, "timeout_s": 20.0, **fields}
        return self._acts.perform(
            Intent(run="r", step="s", action=action, service=service, **given)
        )

    def pid(self, service: str) -> int:
        pid = self.managers.row(service).pid
        assert pid is not None
        return pid

    def wait_until_up(self) -> None:
        up = {InstanceState.RUNNING, InstanceState.SCHEDULED}
        until(lambda: all(row.state in up for row in self.managers.status().rows))


@contextmanager
def host(folder: HostFolder) -> Iterator[Host]:
    loop = Loop()
    managers = Managers(folder.path, folder.host, loop)
    with looping(loop):
        loop.call(managers.begin)
        made = Host(folder, managers)
        made.wait_until_up()
        yield made


def kill(made: Host, service: str) -> None:
    """Kill the service and return once its manager has seen its death."""
    before = made.managers.row(service).restarts
    os.kill(made.pid(service), signal.SIGKILL)
    until(lambda: made.managers.row(service).restarts > before)


def test_a_restart_tells_both_identities_and_its_times(folder: HostFolder) -> None:
    folder.define("x", "serves", port=PORT)
    folder.define("y")
    with host(folder) as made:
        before = made.pid("x")
        facts = made.perform(Action.RESTART)
        assert facts.accepted
        assert facts.manager_done
        assert [one.pid for one in facts.before] == [before]
        assert [one.pid for one in facts.after] == [made.pid("x")]
        assert facts.before != facts.after
        assert (facts.state, facts.is_ready) == (InstanceState.RUNNING, True)
        assert (facts.lost, facts.reaped, facts.stale_evidence) == ((), (), ())
        assert (facts.drained, facts.restarts_in_dwell) == (True, 0)
        assert facts.dwelled_s >= 0.05
        order = [facts.times[one] for one in ("asked", "stopped", "started", "ready", "ended")]
        assert order == sorted(order)


def test_a_service_without_a_port_has_no_readiness_to_tell(folder: HostFolder) -> None:
    folder.define("x")
    with host(folder) as made:
        assert made.perform(Action.RESTART).is_ready is None


def test_a_death_while_it_dwells_is_told(folder: HostFolder) -> None:
    folder.define("x")
    with host(folder) as made:
        made.in_first_pause = lambda: kill(made, "x")
        facts = made.perform(Action.RESTART)
        assert facts.restarts_in_dwell == 1
        assert facts.after[0].pid == made.pid("x")


def test_services_that_stay_away_are_told_as_lost(
    folder: HostFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insvc.agent.acts._BACK_S", 0.1)
    folder.define("x")
    folder.define("y", restarts=0)
    with host(folder) as made:
        made.in_first_pause = lambda: kill(made, "y")
        assert made.perform(Action.RESTART).lost == ("y",)


def test_services_that_come_back_are_not_lost(folder: HostFolder) -> None:
    folder.define("x")
    folder.define("y")
    with host(folder) as made:
        made.in_first_pause = lambda: kill(made, "y")
        facts = made.perform(Action.RESTART)
        assert (facts.lost, made.managers.row("y").restarts) == ((), 1)


def test_orphaned_helpers_are_ended_and_the_new_ones_are_not(folder: HostFolder) -> None:
    folder.define("x", "family", helpers="metadata-helper")
    with host(folder) as made:
        (orphan,) = (one for one in of_host(folder.root) if one.pid != made.pid("x"))
        facts = made.perform(Action.RESTART, reap="metadata-helper")
        assert facts.reaped == (orphan.pid,)
        until(lambda: read_identity(orphan.pid) != orphan)
        helpers = [
            one for one in of_host(folder.root) if "metadata-helper" in command_line(one.pid)
        ]
        assert len(helpers) == 1


def test_a_pattern_that_is_none_is_refused(folder: HostFolder) -> None:
    folder.define("x")
    with host(folder) as made:
        before = made.pid("x")
        facts = made.perform(Action.RESTART, reap="(")
        assert not facts.accepted
        assert "found '(' as pattern of helpers" in facts.said
        assert made.pid("x") == before


def test_code_that_cannot_start_is_told_with_its_state(folder: HostFolder) -> None:
    folder.define("x", restarts=1)
    with host(folder) as made:
        (folder.root / "usr/bin/plain").write_text("raise SystemExit(1)\n")
        facts = made.perform(Action.RESTART)
        assert (facts.accepted, facts.manager_done) == (True, False)
        assert (facts.state, facts.after) == (InstanceState.FAILED, ())
        assert facts.said == "failed: 1 failures, 1 allowed"


def test_what_outlives_its_drain_time_and_may_is_told(folder: HostFolder) -> None:
    folder.define("x", "stubborn")
    with host(folder) as made:
        rule = DrainRule(timeout_s=0.05, on_timeout="leave")
        facts = made.perform(Action.RESTART, drain=rule)
        assert (facts.manager_done, facts.drained) == (False, False)
        assert facts.before == facts.after
        assert made.perform(Action.RESTART, drain=DrainRule(timeout_s=0.05)).drained is False


@pytest.mark.parametrize("action", [Action.RELOAD, Action.HANDOFF, Action.HANDLER])
def test_what_no_definition_knows_is_refused(folder: HostFolder, action: Action) -> None:
    folder.define("x")
    with host(folder) as made:
        facts = made.perform(action)
        assert not facts.accepted
        assert facts.said == f"x: its definition knows no {action}; next: restart it instead"


def test_what_is_no_act_is_refused(folder: HostFolder) -> None:
    folder.define("x")
    with host(folder) as made:
        facts = made.perform(Action.NONE)
        assert not facts.accepted
        assert facts.said == "x: an agent knows no act none; restart it instead"


def test_an_unknown_service_is_refused_with_the_known_ones(folder: HostFolder) -> None:
    folder.define("y")
    with host(folder) as made:
        facts = made.perform(Action.RESTART)
        assert not facts.accepted
        assert facts.said == "x: no manager of h knows it; next: use one of: y"


def test_the_service_manager_is_restarted_on_a_locked_host_alone(folder: HostFolder) -> None:
    folder.define("sm", "sm", port=PORT)
    folder.define("x", manager="sm")
    with host(folder) as made:
        before = made.pid("sm")
        facts = made.perform(Action.RESTART, "sm")
        assert not facts.accepted
        assert facts.said.endswith("lock the host first")
        assert made.pid("sm") == before
        assert made.perform(Action.LOCK, "").manager_done
        facts = made.perform(Action.RESTART, "sm")
        assert facts.manager_done
        assert facts.is_ready
        assert made.perform(Action.UNLOCK, "").manager_done
        assert made.managers.row("x").state is InstanceState.RUNNING
        made.managers.end_all(20.0)


def test_a_restart_in_which_the_service_manager_dies_is_unknown_and_ends_all_the_same(
    folder: HostFolder,
) -> None:
    folder.define("sm", "sm", port=PORT)
    folder.define("x", "stubborn", manager="sm", drain={"timeout_s": 60.0})
    with host(folder) as made:
        before = made.pid("x")
        facts: list[ActFacts] = []
        act = begin(lambda: facts.append(made.perform(Action.RESTART)))
        until(lambda: made.managers.row("x").state is InstanceState.STOPPING)
        kill(made, "sm")
        end(act)
        assert facts[0].accepted
        assert (facts[0].manager_done, facts[0].said) == (False, "unknown")
        os.kill(before, signal.SIGKILL)
        until(lambda: made.managers.row("x").pid not in {before, None})
        made.wait_until_up()


def test_a_silent_service_manager_restarts_nothing(
    folder: HostFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sm_client, "RETURN_S", 0.0)
    folder.define("sm")
    folder.define("x", manager="sm")
    loop = Loop()
    managers = Managers(folder.path, folder.host, loop)
    with looping(loop):
        loop.call(managers.begin)
        facts = Host(folder, managers).perform(Action.RESTART)
        assert not facts.accepted
        assert "cannot connect" in facts.said or "cannot be opened" in facts.said


def test_a_job_is_not_restarted_and_a_service_has_no_next_run(folder: HostFolder) -> None:
    folder.define("x")
    folder.define("job", "job", manager="cron", schedule="0 4 * * *")
    with host(folder) as made:
        assert not made.perform(Action.RESTART, "job").accepted
        assert not made.perform(Action.NEXT_RUN, "x").accepted


def test_a_job_between_two_runs_uses_new_code_at_its_next(folder: HostFolder) -> None:
    folder.define("job", "job", manager="cron", schedule="0 4 * * *")
    with host(folder) as made:
        facts = made.perform(Action.NEXT_RUN, "job")
        assert facts.manager_done
        assert facts.said == "its next run, at 04:00:00Z, starts afresh"
        assert facts.state is InstanceState.SCHEDULED


def test_a_run_under_way_is_waited_for_and_never_ended(folder: HostFolder) -> None:
    folder.define("job", "job", manager="cron", schedule="0 4 * * *")
    with host(folder) as made:
        cron = made.managers.cron
        cron.loop.call(lambda: cron.engine.feed("job", Event.RUN_DUE))
        until(lambda: folder.told() == ["run job"])
        running = made.pid("job")
        facts = made.perform(Action.NEXT_RUN, "job", timeout_s=0.1)
        assert (facts.manager_done, facts.state) == (False, InstanceState.RUNNING)
        assert facts.said == f"its run (pid {running}) had not ended in time"
        assert made.pid("job") == running
        (folder.path / "run" / "go").touch()
        facts = made.perform(Action.NEXT_RUN, "job")
        assert facts.manager_done
        assert folder.told() == ["run job"]


def test_a_job_of_the_other_controller_has_no_next_run_here(folder: HostFolder) -> None:
    folder.define("job", "job", manager="cron", schedule="0 4 * * *", runs_when="active")
    with host(folder) as made:
        made.managers.take_role(Role.STANDBY, 5.0)
        facts = made.perform(Action.NEXT_RUN, "job")
        assert facts.manager_done
        assert facts.said.startswith("it runs on the active controller alone")


def test_a_swact_moves_the_role(folder: HostFolder) -> None:
    folder.define("x", runs_when="active")
    with host(folder) as made:
        facts = made.perform(Action.SWACT, "", role="standby")
        assert (facts.manager_done, facts.said) == (True, "standby now")
        assert made.managers.role is Role.STANDBY
        assert not made.perform(Action.SWACT, "", role="boss").accepted
        assert made.perform(Action.SWACT, "", role="active").manager_done
        assert made.managers.row("x").state is InstanceState.RUNNING


def test_a_host_is_locked_and_unlocked(folder: HostFolder) -> None:
    folder.define("x")
    with host(folder) as made:
        assert made.perform(Action.LOCK, "").said == "locked"
        assert made.managers.is_locked
        facts = made.perform(Action.RESTART)
        assert (facts.manager_done, facts.state) == (False, InstanceState.STOPPED)
        assert facts.said == "not running: the host is locked"
        assert made.perform(Action.UNLOCK, "").manager_done
        assert made.managers.row("x").state is InstanceState.RUNNING


def test_what_does_not_follow_a_lock_is_named(folder: HostFolder) -> None:
    folder.define("x", "stubborn", drain={"timeout_s": 0.05, "on_timeout": "leave"})
    with host(folder) as made:
        facts = made.perform(Action.LOCK, "", timeout_s=0.3)
        assert (facts.manager_done, facts.lost) == (False, ("x",))
        assert facts.said == "locked, but not in time: x"
