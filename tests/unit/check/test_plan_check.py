import dataclasses

import pytest

from insvc.check.plan_check import OUR_DEFECT, check_plan, check_safety, refuse_unsafe
from insvc.check.violation import broken, undecided
from insvc.errors import UnsafePlan
from insvc.plan.plan import Plan
from insvc.plan.policy import Policy
from tests.unit.check.sample import add, change
from tests.unit.plan.sample import Cloud, entry, fresh, stale


def cloud() -> Cloud:
    return (
        Cloud(entry("db"), entry("api", depends_on=("db",)))
        .host("compute-0", stale("db"), stale("api"))
        .host("compute-1", stale("db"), fresh("api"))
    )


def test_an_honest_plan_is_sound_and_so_is_none() -> None:
    one = cloud()
    inputs = (one.observation, one.catalog, one.topology)
    assert check_plan(one.plan(), *inputs) == ()
    assert check_safety(one.plan(), *inputs) == ()
    assert check_safety(Plan(), *inputs) == ()


def test_another_policy_may_be_the_measure() -> None:
    one = cloud()
    plan = one.plan(max_unavailable=2)
    inputs = (one.observation, one.catalog, one.topology)
    assert check_plan(plan, *inputs) == ()
    assert {told.code for told in check_plan(plan, *inputs, Policy())} == {"law.5"}


def test_what_is_safe_may_still_be_more_or_less_than_was_called_for() -> None:
    one = cloud()
    plan = dataclasses.replace(add(Plan(), "api@compute-1", reason=""), makespan_s=99.0)
    inputs = (one.observation, one.catalog, one.topology)
    assert check_safety(plan, *inputs) == ()
    told = {fault.code for fault in check_plan(plan, *inputs)}
    assert told == {"law.9", "law.10", "plan.timeline", "plan.forecast"}


def test_a_plan_that_contradicts_itself_is_judged_no_further() -> None:
    one = cloud()
    plan = change(one.plan(), "db@compute-0", after=("db@compute-0",))
    for judge in (check_plan, check_safety):
        told = judge(plan, one.observation, one.catalog, one.topology)
        assert {fault.code for fault in told} == {"plan.structure"}


def test_a_refusal_holds_the_first_counter_examples() -> None:
    refuse_unsafe((), OUR_DEFECT)
    with pytest.raises(UnsafePlan) as fault:
        refuse_unsafe(tuple(broken(2, f"s{at}", "too many") for at in range(7)), OUR_DEFECT)
    assert "law.2 s0: too many; law.2 s1" in fault.value.reason
    assert "and 2 more" in fault.value.reason
    assert (fault.value.code, fault.value.exit_code) == ("plan.unsafe", 4)


def test_what_could_not_be_decided_is_refused_too_but_not_called_broken() -> None:
    doubt = undecided(5, "worker", "the policy allows 2 at once (law 5)")
    with pytest.raises(UnsafePlan) as fault:
        refuse_unsafe((doubt,), OUR_DEFECT)
    assert fault.value.reason.startswith("is not known to keep the laws: check.undecided worker")
    with pytest.raises(UnsafePlan) as fault:
        refuse_unsafe((doubt, broken(2, "db", "too many")), OUR_DEFECT)
    assert fault.value.reason.startswith("breaks the laws: ")
