"""Which alarms stand, and what changes."""

from dataclasses import replace

import pytest

from insvc.model.alarm import PROCESS_FAILED, SERVICE_FAILED, AlarmChange
from insvc.model.words import Manager
from insvc.supervise.alarms import merge, of_certificate, of_groups, of_stalls, of_units, reconcile
from insvc.supervise.budget import Condition, Spent
from insvc.supervise.definition import ServiceDefinition, StatusCheck
from insvc.supervise.groups import GroupView, Status
from insvc.supervise.sm_tables import Group
from insvc.supervise.stalls import Stall, ThreadKey, ThreadLook
from insvc.supervise.unit import Unit


def unit(failures: int, manager: Manager = Manager.PMON, restarts: int = 2) -> Unit:
    """A service that has failed so often in a row."""
    definition = ServiceDefinition(
        name="x",
        manager=manager,
        package="x",
        command=("usr/bin/x",),
        pidfile="run/x.pid",
        restarts=restarts,
        severity="critical",
    )
    return Unit(definition=definition, state="waiting", failures=failures)


def test_an_alarm_is_raised_when_the_budget_is_used_up_and_not_before() -> None:
    assert of_units("h", [unit(1)]) == ()
    (found,) = of_units("h", [unit(2)])
    assert (found.alarm, found.entity, found.severity) == (
        PROCESS_FAILED,
        "host=h.process=x",
        "critical",
    )
    assert "at most every 32 s" in found.text


def test_what_no_name_restarts_is_told_to_be_cured_by_its_script() -> None:
    (found,) = of_units("h", [unit(2)])
    assert found.next_act.endswith("then `pmon-start x`")
    sm = replace(unit(2, Manager.SM), spent=Spent(condition=Condition.FATAL_FAILURE))
    (found,) = of_units("h", [sm])
    assert found.next_act.endswith("then `sm-unmanage service x` and `sm-manage service x`")
    judged = replace(unit(2).definition, status_check=StatusCheck(period_s=1.0, timeout_s=1.0))
    (found,) = of_units("h", [replace(unit(2), definition=judged)])
    assert found.next_act.endswith("then run its script")


def test_what_was_stopped_on_purpose_has_no_alarm() -> None:
    assert of_units("h", [replace(unit(2), state="stopped")]) == ()


def test_its_text_does_not_change_with_every_failure() -> None:
    assert of_units("h", [unit(2)]) == of_units("h", [unit(9)])


@pytest.mark.parametrize(("restarts", "said"), [(0, "is not tried again"), (1, "is tried again")])
def test_whether_it_is_tried_again_is_said(restarts: int, said: str) -> None:
    (found,) = of_units("h", [unit(1, restarts=restarts)])
    assert said in found.text


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Condition.RECOVERY_FAILURE, "x died 2 times or more, of which time forgives 1 in 90 s"),
        (Condition.ACTION_FAILURE, "x failed to start 4 times in a row; it is tried again"),
        (Condition.FATAL_FAILURE, "16 times; it is given up until an operator has it managed anew"),
    ],
)
def test_a_service_of_sm_has_a_number_of_its_own_and_says_why(
    condition: Condition, said: str
) -> None:
    failed = replace(unit(9, Manager.SM), spent=Spent(condition=condition))
    (found,) = of_units("h", [failed])
    assert (found.alarm, found.entity) == (SERVICE_FAILED, "host=h.service=x")
    assert said in found.text
    assert of_units("h", [replace(failed, spent=Spent(deaths=9))]) == ()


@pytest.mark.parametrize(
    ("status", "severity"),
    [(Status.FAILED, "critical"), (Status.DEGRADED, "major"), (Status.WARN, "warning")],
)
def test_a_group_that_is_not_well_calls_for_somebody(status: Status, severity: str) -> None:
    group = GroupView(name="g", status=status, blamed=("x", "y"))
    (found,) = of_groups("h", [group, GroupView(name="well")], {})
    assert (found.alarm, found.entity) == (SERVICE_FAILED, "host=h.service_group=g")
    assert (found.severity, found.text) == (severity, f"g is {status}: x, y")
    (after,) = of_groups("h", [replace(group, blamed=())], {})
    assert after.key == found.key
    assert after.text == f"g is {status}, and is not proven well since"


@pytest.mark.parametrize("calls_for_reboot", [True, False])
def test_a_fatal_failure_of_some_groups_makes_the_host_unfit(calls_for_reboot: bool) -> None:
    group = GroupView(
        name="g", status=Status.FAILED, condition=Condition.FATAL_FAILURE, blamed=("x",)
    )
    known = {"g": Group(name="g", calls_for_reboot=calls_for_reboot)}
    (found,) = of_groups("h", [group], known)
    assert ("h is unfit to serve it" in found.text) is calls_for_reboot


def test_what_is_not_managed_calls_for_nobody() -> None:
    assert of_units("h", [replace(unit(2), managed=False)]) == ()


def test_exactly_what_facts_support_stands() -> None:
    (old,) = of_units("h", [unit(2)])
    (other,) = of_units("g", [unit(2)])
    worse = replace(old, severity="minor")
    assert reconcile({}, [old], 5.0) == (AlarmChange(at=5.0, what="raised", alarm=old),)
    assert reconcile({old.key: old}, [old], 5.0) == ()
    assert reconcile({old.key: old}, [worse], 5.0) == (
        AlarmChange(at=5.0, what="changed", alarm=worse),
    )
    assert [(one.what, one.alarm) for one in reconcile({old.key: old}, [other], 5.0)] == [
        ("cleared", old),
        ("raised", other),
    ]


def test_a_developer_s_certificate_is_an_alarm_of_its_host() -> None:
    (one,) = of_certificate("h", "etc/x")
    assert (one.alarm, one.entity, one.severity) == ("500.101", "host=h", "critical")
    assert "etc/x is there" in one.text


@pytest.mark.parametrize("reboots", [True, False])
def test_stalled_threads_are_one_alarm_a_program(reboots: bool) -> None:
    stalls = [
        Stall(look=ThreadLook(key=ThreadKey(1, tid, 1), program=name, state="D"), since=0.0)
        for tid, name in ((9, "nfsd"), (3, "sm"), (4, "nfsd"))
    ]
    found = of_stalls("h", stalls, reboots=reboots)
    assert [one.entity for one in found] == ["host=h.program=nfsd", "host=h.program=sm"]
    assert ": 4, 9;" in found[0].text
    assert ("is not rebooted" in found[0].text) is not reboots


def test_two_alarms_of_one_key_are_one_with_the_worst_severity_and_both_texts() -> None:
    (old,) = of_units("h", [unit(2)])
    minor = replace(old, severity="minor", text="misconfigured")
    (merged,) = merge([minor, old])
    assert (merged.severity, merged.text) == ("critical", f"misconfigured; {old.text}")
    assert merge([old]) == (old,)
