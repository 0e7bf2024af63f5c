"""`insvc.plan.leaving`: what is left alone, and what no word of a person changes."""

from typing import Any

import pytest

from insvc.catalog.caution import while_words
from insvc.catalog.entry import Note, NotWhile, Rule
from insvc.model.observation import Evidence
from insvc.model.words import Action, Condition, EvidenceKind, RestartClass
from insvc.plan.leaving import needs_lock
from insvc.plan.policy import LEFT_ALONE, Policy
from tests.unit.plan.sample import REPLACED, Cloud, entry, failed, ids, job, omitted, stale

WISH = Evidence(kind=EvidenceKind.REQUESTED, subject="a", found="asked for by name")
REASON = Note(text="It holds what everybody needs.")
ALONE = Policy(leave=LEFT_ALONE)


def one(host: str = "host-0", *, named: bool = False, seen: object = (), **fields: Any) -> Cloud:
    signs = (REPLACED, WISH) if named else (REPLACED,)
    return Cloud(entry("a", **fields)).host(host, stale("a", evidence=signs), conditions=seen)


@pytest.mark.parametrize("kind", LEFT_ALONE)
def test_a_class_that_the_policy_leaves_is_omitted_with_the_catalogs_reason(
    kind: RestartClass,
) -> None:
    plan = one(restart_class=kind, special_handling=(REASON,)).plan(ALONE)
    assert plan.steps == ()
    assert "It holds what everybody needs; " in omitted(plan)["a@host-0"]


@pytest.mark.parametrize(
    "kind", [RestartClass.AUTO, RestartClass.HANDLER, RestartClass.CONDITIONAL]
)
def test_other_classes_are_restarted(kind: RestartClass) -> None:
    assert ids(one(restart_class=kind).plan(ALONE)) == ["a@host-0"]


def test_a_policy_that_leaves_nothing_restarts_every_class_that_can_be() -> None:
    assert ids(one(restart_class=RestartClass.SESSION_KILLING).plan()) == ["a@host-0"]


def test_what_was_asked_for_by_name_is_not_left_for_its_class() -> None:
    plan = one(named=True, restart_class=RestartClass.DEFERRED).plan(ALONE)
    assert ids(plan) == ["a@host-0"]
    assert "runs replaced code" in plan.steps[0].reason


@pytest.mark.parametrize(
    "fields",
    [
        {"restart_class": RestartClass.REBOOT_ONLY},
        {"in_service_patchable": False},
        {"action": Action.LOCK},
    ],
)
def test_nobodys_word_makes_a_reboot_superfluous_on_a_plain_host(fields: dict[str, Any]) -> None:
    cloud = one(named=True, **fields)
    plan = cloud.plan(allow_lock=True)
    assert plan.steps == ()
    assert "only a reboot cures it on a plain host (law 1)" in omitted(plan)["a@host-0"]


def test_in_a_cloud_a_lock_still_cures_what_a_reboot_would() -> None:
    plan = one("compute-0", restart_class=RestartClass.REBOOT_ONLY).plan(allow_lock=True)
    assert ids(plan) == ["lock@compute-0", "unlock@compute-0"]


@pytest.mark.parametrize("condition", Condition)
def test_a_condition_that_holds_forbids_the_restart_even_by_name(condition: Condition) -> None:
    rule = NotWhile(condition=condition.value)
    held = one(named=True, seen=(condition.value,), special_handling=(REASON, rule)).plan()
    assert held.steps == ()
    reason = omitted(held)["a@host-0"]
    assert reason.startswith(f"is never restarted {while_words(condition)} (law 8), and that is")
    assert ids(one(special_handling=(REASON, rule)).plan()) == ["a@host-0"]


def test_a_condition_that_nobody_knows_cannot_be_ruled_out() -> None:
    plan = one(special_handling=(NotWhile(condition="full-moon"),)).plan()
    assert plan.steps == ()
    assert "nobody can tell: correct the rule" in omitted(plan)["a@host-0"]


def test_what_has_failed_is_not_started_while_a_condition_forbids_it() -> None:
    rules: tuple[Rule, ...] = (NotWhile(condition="package-transaction"),)
    cloud = Cloud(entry("a", special_handling=rules))
    cloud.host("host-0", failed("a"), conditions=("package-transaction",))
    plan = cloud.plan(revive_failed=True)
    assert plan.steps == ()
    assert omitted(plan)["a@host-0"].startswith("has failed and is never restarted while")


def test_a_job_is_left_to_its_next_run_whatever_its_class() -> None:
    rule = NotWhile(condition="package-transaction")
    known = entry("a", restart_class=RestartClass.DEFERRED, special_handling=(rule,))
    cloud = Cloud(known).host("host-0", job("a"), conditions=("package-transaction",))
    (step,) = cloud.plan(ALONE).steps
    assert step.action is Action.NEXT_RUN


def test_what_no_action_cures_is_told_with_its_class() -> None:
    plan = one(
        named=True,
        action=Action.NONE,
        restart_class=RestartClass.SESSION_KILLING,
        special_handling=(REASON,),
    ).plan()
    assert omitted(plan)["a@host-0"].startswith(
        "nothing restarts it in place: It holds what everybody needs"
    )


def test_a_lock_is_needed_by_class_by_the_page_or_by_action() -> None:
    assert needs_lock(entry("a", restart_class=RestartClass.REBOOT_ONLY))
    assert not needs_lock(entry("a"))
