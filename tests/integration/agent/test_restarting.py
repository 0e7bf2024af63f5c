"""Restarts that were asked for: done, refused, failed, late."""

import os
import signal
from dataclasses import replace

import pytest

from insvc.agent.alarms import alarms_of
from insvc.agent.restarting import _begin, restart
from insvc.errors import InputError, UnknownName
from insvc.model.act import DrainRule
from insvc.model.restart import Order, Restarted
from insvc.model.words import InstanceState, Manager, Role
from insvc.supervise.unit import Event, retry_pause_s
from tests.fakes.host_folder import PORT, HostFolder, row, supervising, until, wait_for_state
from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration
RUNNING = InstanceState.RUNNING


def test_a_restart_is_done_when_another_process_is_ready(folder: HostFolder) -> None:
    folder.define("x", "serves", port=PORT)
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        account = restart(pmon, Order(service="x"))
        after = row(pmon, "x")
        assert (account.done, account.said, account.drained) == (True, "running again", True)
        assert account.times["stopped"] <= account.times["started"] <= account.times["ready"]
        assert after.pid not in {before.pid, None}
        assert folder.told() == ["up x", "down x", "up x"]


def test_a_restart_uses_up_no_budget(folder: HostFolder) -> None:
    folder.define("x", restarts=1)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        for _ in range(3):
            assert restart(pmon, Order(service="x")).done
        assert pmon.engine.units["x"].failures == 0
        assert row(pmon, "x").restarts == 0


def test_outstanding_work_is_finished_by_the_signal_the_intent_names(folder: HostFolder) -> None:
    folder.define("x", "finishes")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        account = restart(pmon, Order(service="x", drain=DrainRule(signal="USR1")))
        assert (account.done, account.drained) == (True, True)
        assert folder.told() == ["finished x"]


def test_what_does_not_finish_in_its_time_is_killed(folder: HostFolder) -> None:
    folder.define("x", "stubborn", drain={"timeout_s": 0.05})
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        account = restart(pmon, Order(service="x"))
        assert (account.done, account.drained) == (True, False)


def test_what_may_not_be_killed_is_left_running(folder: HostFolder) -> None:
    folder.define("x", "stubborn", drain={"timeout_s": 0.05, "on_timeout": "leave"})
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        account = restart(pmon, Order(service="x"))
        assert (account.done, account.drained) == (False, False)
        assert account.said == "left running: it did not end within its 0.05 s drain time"
        assert row(pmon, "x").pid == before.pid
        assert not restart(pmon, Order(service="x")).done


def test_code_that_cannot_start_is_a_failure_with_its_count(folder: HostFolder) -> None:
    folder.define("x", restarts=2)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        (folder.root / "usr/bin/plain").write_text("raise SystemExit(1)\n")
        account = restart(pmon, Order(service="x"))
        assert (account.done, account.said) == (False, "failed: 2 failures, 2 allowed")


def test_a_restart_whose_process_keeps_failing_is_paced_and_alarmed_as_any_other(
    folder: HostFolder,
) -> None:
    folder.define("x", restarts=1, interval_s=0.05)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        (folder.root / "usr/bin/plain").write_text("raise SystemExit(1)\n")
        assert not restart(pmon, Order(service="x")).done
        until(lambda: [one.alarm.entity for one in alarms_of(folder.path).standing])
        assert alarms_of(folder.path).standing[0].alarm.entity == "host=h.process=x"
        until(lambda: pmon.engine.units["x"].failures >= 3)
        pauses = [retry_pause_s(replace(pmon.engine.units["x"], failures=n)) for n in (1, 2, 3)]
        assert pauses == [0.1, 0.2, 0.4]
        assert pmon.engine.units["x"].is_due(Event.RETRY_DUE) or row(pmon, "x").pid


def test_a_failed_service_can_be_restarted(folder: HostFolder) -> None:
    folder.define("x", "fails", restarts=0)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", InstanceState.FAILED)
        (folder.root / "usr/bin/fails").write_bytes((folder.root / "usr/bin/plain").read_bytes())
        account = restart(pmon, Order(service="x"))
        assert (account.done, account.drained) == (True, None)


def test_a_restart_that_is_not_over_in_time_says_where_it_is(folder: HostFolder) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        (folder.root / "usr/bin/plain").write_text("import signal\nsignal.pause()\n")
        account = restart(pmon, Order(service="x", timeout_s=0.3))
        assert not account.done
        assert account.said.startswith("not over in time: st")
        assert "ready" not in account.times


def test_a_locked_host_restarts_nothing(folder: HostFolder) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        pmon.set_locked(locked=True, timeout_s=20.0)
        assert restart(pmon, Order(service="x")).said == "not running: the host is locked"


def test_the_standby_restarts_nothing_of_the_active_role(folder: HostFolder) -> None:
    folder.define("x", runs_when="active")
    folder.write_host("standby")
    with supervising(folder) as pmon:
        account = restart(pmon, Order(service="x"))
        assert (account.done, account.said) == (
            False,
            "not running: it belongs to the active role",
        )


def test_an_unknown_service_is_answered_with_the_known_ones(folder: HostFolder) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        with pytest.raises(UnknownName) as refusal:
            restart(pmon, Order(service="y"))
        assert refusal.value.next_act == "use one of: x"


def test_a_signal_that_does_not_exist_is_refused_before_anything_is_done(
    folder: HostFolder,
) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        with pytest.raises(InputError, match="found signal 'NONE'"):
            restart(pmon, Order(service="x", drain=DrainRule(signal="NONE")))
        assert row(pmon, "x") == before


def test_sessions_are_deleted_while_it_is_down(folder: HostFolder) -> None:
    folder.define("x")
    store = folder.root / "var/lib/x/sessions"
    store.mkdir(parents=True)
    (store / "alice").write_text("logged in")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        assert restart(pmon, Order(service="x")).done
        assert (store / "alice").exists()
        assert restart(pmon, Order(service="x", clears_sessions=True)).done
        assert not (store / "alice").exists()


def test_a_restart_joins_one_that_is_under_way(folder: HostFolder) -> None:
    folder.define("db", "serves", manager="sm", port=PORT)
    folder.define("api", "stubborn", manager="sm", depends_on=["db"], drain={"timeout_s": 60.0})
    with supervising(folder, Manager.SM) as sm:
        pid = wait_for_state(sm, "api", RUNNING).pid
        assert pid is not None
        order = Order(service="db", with_dependants=True)
        first = begin(lambda: restart(sm, order))
        until(lambda: "api" in sm.engine.duty.held)
        begun = sm.loop.call(lambda: _begin(sm, Order(service="api")))
        assert begun is sm.engine.units["api"]
        os.kill(pid, signal.SIGKILL)
        end(first)
        wait_for_state(sm, "api", RUNNING)
        assert sm.engine.units["api"].starts == 2


def test_dependants_go_down_and_up_with_what_they_need(folder: HostFolder) -> None:
    folder.define("db", "serves", manager="sm", port=PORT)
    folder.define("api", "serves", manager="sm", port=PORT + 1, depends_on=["db"])
    with supervising(folder, Manager.SM) as sm:
        wait_for_state(sm, "api", RUNNING)
        assert restart(sm, Order(service="db", with_dependants=True)).said == "enabled-active again"
        wait_for_state(sm, "api", RUNNING)
        assert folder.told() == [
            "up db", "up api", "down api", "down db", "up db", "up api",
        ]  # fmt: skip
        assert restart(sm, Order(service="db")).done
        assert folder.told()[6:] == ["down db", "up db"]


def test_a_restart_ends_where_its_host_stands_by_meanwhile(folder: HostFolder) -> None:
    folder.define("x", "stubborn", manager="sm", runs_when="active", drain={"timeout_s": 60.0})
    with supervising(folder, Manager.SM) as sm:
        pid = wait_for_state(sm, "x", RUNNING).pid
        assert pid is not None
        told: list[Restarted] = []
        under_way = begin(lambda: told.append(restart(sm, Order(service="x", timeout_s=600.0))))
        wait_for_state(sm, "x", InstanceState.STOPPING)
        sm.loop.call(lambda: sm.follow(Role.STANDBY))
        os.kill(pid, signal.SIGKILL)
        end(under_way)
        (account,) = told
        assert not account.done
        assert account.said == "not over: not running: it belongs to the active role"
