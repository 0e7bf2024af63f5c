"""`insvc.check.forbidden`: acts that no plan may hold, planted in plans that are right."""

import dataclasses

import pytest

from insvc.catalog.entry import NotWhile
from insvc.model.observation import Evidence
from insvc.model.words import Action, EvidenceKind, RestartClass
from insvc.plan.plan import Omission, Plan
from insvc.plan.policy import LEFT_ALONE, Policy
from tests.unit.check.sample import add, case_of, codes, found, only, without
from tests.unit.plan.sample import MAIN, REPLACED, Cloud, entry, failed, stale

WISH = Evidence(kind=EvidenceKind.REQUESTED, subject="a", found="asked for by name")
RULE = NotWhile(condition="package-transaction")


def planted(plan: Plan) -> Plan:
    """The plan that restarts `a` after all."""
    plan = dataclasses.replace(plan, omitted=())
    return add(plan, "a@host-0", expects=(MAIN,))


def test_a_restart_of_a_class_that_is_left_alone_is_found() -> None:
    cloud = Cloud(entry("a", restart_class=RestartClass.DEFERRED)).host("host-0", stale("a"))
    plan = cloud.plan(leave=LEFT_ALONE)
    assert codes(cloud, plan) == set()
    fault = only(cloud, planted(plan))
    assert (fault.code, fault.reason) == (
        "law.8",
        "a is deferred, which the policy leaves alone, and nobody asked for it (law 8)",
    )


def test_by_name_it_must_be_restarted() -> None:
    cloud = Cloud(entry("a", restart_class=RestartClass.DEFERRED))
    cloud.host("host-0", stale("a", evidence=(REPLACED, WISH)))
    plan = cloud.plan(leave=LEFT_ALONE)
    assert codes(cloud, plan) == set()
    fault = only(cloud, without(plan, "a@host-0"))
    assert fault.code == "law.9"


def test_leaving_out_what_is_left_alone_must_be_told() -> None:
    cloud = Cloud(entry("a", restart_class=RestartClass.DEFERRED)).host("host-0", stale("a"))
    plan = dataclasses.replace(cloud.plan(leave=LEFT_ALONE), omitted=())
    assert only(cloud, plan).code == "law.10"


@pytest.mark.parametrize("condition", ["package-transaction", "full-moon"])
def test_a_restart_while_a_condition_may_hold_is_found(condition: str) -> None:
    rule = NotWhile(condition=condition)
    cloud = Cloud(entry("a", special_handling=(rule,)))
    cloud.host("host-0", stale("a"), conditions=("package-transaction",))
    plan = cloud.plan()
    assert codes(cloud, plan) == set()
    assert only(cloud, planted(plan)).reason == (
        f"a is never restarted during a {condition}, which cannot be ruled out now (law 8)"
    )


def test_once_no_condition_holds_it_must_be_restarted() -> None:
    cloud = Cloud(entry("a", special_handling=(RULE,))).host("host-0", stale("a"))
    plan = cloud.plan()
    assert codes(cloud, plan) == set()
    excuse = Omission(host="host-0", service="a", entry="a", reason="a transaction, surely")
    plan = dataclasses.replace(without(plan, "a@host-0"), omitted=(excuse,))
    assert only(cloud, plan).code == "law.9"


def test_a_restart_that_only_a_reboot_replaces_is_found() -> None:
    cloud = Cloud(entry("a", restart_class=RestartClass.REBOOT_ONLY)).host("host-0", stale("a"))
    plan = cloud.plan()
    assert codes(cloud, plan) == set()
    faults = found(cloud, planted(plan))
    assert {one.code for one in faults} == {"law.1"}
    assert "a is cured by a reboot only on a plain host (law 1)" in [one.reason for one in faults]


def test_a_plain_host_is_not_locked() -> None:
    cloud = Cloud(entry("a", restart_class=RestartClass.REBOOT_ONLY)).host("host-0", stale("a"))
    plan = cloud.plan(allow_lock=True)
    plan = add(plan, "lock@host-0", action=Action.LOCK)
    plan = add(plan, "unlock@host-0", "lock@host-0", action=Action.UNLOCK)
    assert "nothing stale on host-0 needs a lock" in " ".join(map(str, found(cloud, plan)))


def test_starting_what_has_failed_on_a_plain_host_is_no_restart() -> None:
    fields = {"restart_class": RestartClass.REBOOT_ONLY}
    cloud = Cloud(entry("a", **fields)).host("host-0", failed("a"))
    plan = cloud.plan(Policy(revive_failed=True, leave=LEFT_ALONE))
    assert [one.action for one in plan.steps] == [Action.RESTART]
    assert codes(cloud, plan) == set()
    deferred = Cloud(entry("a", restart_class=RestartClass.DEFERRED)).host("host-0", failed("a"))
    plan = deferred.plan(Policy(revive_failed=True, leave=LEFT_ALONE))
    assert codes(deferred, plan) == set()
    assert [one.service for one in case_of(deferred, plan).steps] == ["a"]


def test_what_nothing_restarts_is_no_matter_of_its_class() -> None:
    fields = {"restart_class": RestartClass.DEFERRED, "action": Action.NONE}
    cloud = Cloud(entry("a", **fields)).host("host-0", stale("a"))
    plan = cloud.plan(leave=LEFT_ALONE)
    assert codes(cloud, plan) == set()
    assert "law.9" in codes(cloud, planted(plan))
