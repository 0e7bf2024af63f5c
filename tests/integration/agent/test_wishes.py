"""What operators ask of single services beside a restart."""

import os
import signal

import pytest

from insvc.agent import supervisor as supervisor_module
from insvc.agent.restarting import restart
from insvc.agent.wishes import carry_out
from insvc.errors import InputError, UnknownName
from insvc.model.restart import Order, Restarted
from insvc.model.words import InstanceState, Manager
from tests.fakes.host_folder import HostFolder, row, supervising, until, wait_for_state
from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration
RUNNING = InstanceState.RUNNING


def test_what_is_stopped_stays_down_until_it_is_started(folder: HostFolder) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        told = carry_out(pmon, "stop", "x", 10.0)
        assert (told.done, told.said) == (True, "stopped for 30 minutes")
        assert row(pmon, "x").desired is InstanceState.STOPPED
        refused = restart(pmon, Order(service="x"))
        assert refused.said == "not running: an operator has stopped it"
        assert carry_out(pmon, "start", "x", 10.0).done
        assert row(pmon, "x").state is RUNNING
        assert pmon.engine.units["x"].failures == 0


def test_what_is_stopped_is_started_by_itself_in_the_end(
    folder: HostFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.define("x")
    monkeypatch.setattr("insvc.agent.wishes.STOPPED_S", 0.3)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        assert carry_out(pmon, "stop", "x", 10.0).done
        wait_for_state(pmon, "x", RUNNING)


def test_a_stop_outlives_the_manager_and_ends_in_time(folder: HostFolder) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        carry_out(pmon, "stop", "x", 10.0)
    with supervising(folder) as pmon:
        assert row(pmon, "x").state is InstanceState.STOPPED
        left_s = pmon.engine.duty.stopped["x"] - pmon.clock()
        assert 0 < left_s <= supervisor_module.STOPPED_S


def test_what_does_not_end_in_time_is_told(folder: HostFolder) -> None:
    folder.define("x", "stubborn", drain={"timeout_s": 30.0})
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        told = carry_out(pmon, "stop", "x", 0.1)
        assert (told.done, told.said) == (False, "did not end in time")


def test_what_is_not_meant_to_run_here_is_not_started(folder: HostFolder) -> None:
    folder.write_host("standby")
    folder.define("x", runs_when="active")
    with supervising(folder) as pmon:
        told = carry_out(pmon, "start", "x", 1.0)
        assert (told.done, told.said) == (False, "is not meant to run here now")


def test_what_is_not_managed_is_left_as_it_is(folder: HostFolder) -> None:
    folder.define("x", manager="sm", restarts=1)
    with supervising(folder, Manager.SM) as sm:
        pid = wait_for_state(sm, "x", RUNNING).pid
        assert carry_out(sm, "unmanage", "x", 1.0).done
        assert "not managed" in restart(sm, Order(service="x")).said
        for wish in ("stop", "start"):
            with pytest.raises(InputError, match="not managed"):
                carry_out(sm, wish, "x", 1.0)
        assert not sm.engine.duty.stopped
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_for_state(sm, "x", InstanceState.STOPPED)
        assert carry_out(sm, "manage", "x", 1.0).done
        wait_for_state(sm, "x", RUNNING)
        assert sm.engine.units["x"].failures == 0


def test_a_job_is_run_once_now(folder: HostFolder) -> None:
    (folder.path / "run" / "go").touch()
    folder.define("job", "job", manager="cron", schedule="0 4 * * *")
    with supervising(folder, Manager.CRON) as cron:
        until(lambda: row(cron, "job").state is InstanceState.SCHEDULED)
        told = carry_out(cron, "run", "job", 30.0)
        assert (told.done, told.said) == (True, "has run")
        assert row(cron, "job").state is InstanceState.SCHEDULED


def test_a_job_of_the_other_role_is_refused(folder: HostFolder) -> None:
    folder.write_host("standby")
    folder.define("job", "job", manager="cron", schedule="0 4 * * *", runs_when="active")
    with (
        supervising(folder, Manager.CRON) as cron,
        pytest.raises(InputError, match="not scheduled"),
    ):
        carry_out(cron, "run", "job", 1.0)


def test_a_job_that_fails_is_told_by_its_exit_code(folder: HostFolder) -> None:
    folder.define("job", "fails", manager="cron", schedule="0 4 * * *")
    with supervising(folder, Manager.CRON) as cron:
        told = carry_out(cron, "run", "job", 30.0)
        assert (told.done, told.said) == (False, "has run and failed: exit 1")


def test_a_run_under_way_is_waited_for_and_none_is_begun_beside_it(folder: HostFolder) -> None:
    folder.define("job", "job", manager="cron", schedule="0 4 * * *")
    with supervising(folder, Manager.CRON) as cron:
        late = carry_out(cron, "run", "job", 0.3)
        assert (late.done, late.said) == (False, "had not ended in time; it goes on")
        told: list[Restarted] = []
        waiter = begin(lambda: told.append(carry_out(cron, "run", "job", 30.0)))
        (folder.path / "run" / "go").touch()
        end(waiter)
        assert told[0].done


def test_what_nobody_can_be_asked_is_refused(folder: HostFolder) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        with pytest.raises(InputError, match="expected one of check, disable, enable, manage"):
            carry_out(pmon, "explode", "x", 1.0)
        for wish in ("stop", "start", "manage", "run"):
            with pytest.raises(UnknownName, match="pmon has no service"):
                carry_out(pmon, wish, "y", 1.0)


def test_sm_takes_a_service_down_by_its_own_words(folder: HostFolder) -> None:
    folder.define("x", manager="sm")
    with supervising(folder, Manager.SM) as sm:
        wait_for_state(sm, "x", RUNNING)
        assert carry_out(sm, "disable", "x", 10.0).done
        assert row(sm, "x").state is InstanceState.STOPPED
        assert carry_out(sm, "enable", "x", 10.0).done
        assert row(sm, "x").state is RUNNING
