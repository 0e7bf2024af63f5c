import dataclasses
from typing import Any

import pytest

from insvc.check.plan_check import check_plan
from insvc.model.act import DrainRule
from insvc.plan.plan import Omission, Plan
from tests.unit.check.sample import add, change, codes, only
from tests.unit.plan.sample import MAIN, REPLACED, Cloud, entry, fresh, stale


@pytest.fixture
def cloud() -> Cloud:
    return (
        Cloud(entry("db"), entry("api", depends_on=("db",)))
        .host("compute-0", stale("db"), stale("api"))
        .host("compute-1", stale("db"), fresh("api"))
    )


def timeline(cloud: Cloud, plan: Plan) -> list[str]:
    told = check_plan(plan, cloud.observation, cloud.catalog, cloud.topology)
    assert {one.code for one in told} <= {"plan.timeline", "plan.forecast", "law.8"}
    return [f"{one.subject}: {one.reason}" for one in told]


def test_an_honest_plan_is_sound(cloud: Cloud) -> None:
    assert timeline(cloud, cloud.plan()) == []


def test_a_step_that_occurs_twice_is_found(cloud: Cloud) -> None:
    plan = cloud.plan()
    twice = dataclasses.replace(plan, steps=(*plan.steps, plan.steps[0]))
    assert "occurs 2 times" in only(cloud, twice).reason


def test_a_wait_for_what_is_not_planned_is_found(cloud: Cloud) -> None:
    plan = change(cloud.plan(), "api@compute-0", after=("nobody@compute-9",))
    assert "waits for nobody@compute-9" in only(cloud, plan).reason


def test_steps_that_wait_for_one_another_are_found(cloud: Cloud) -> None:
    plan = change(cloud.plan(), "db@compute-0", after=("api@compute-0",))
    fault = only(cloud, plan)
    assert fault.code == "plan.structure"
    assert {"db@compute-0", "api@compute-0"} <= set(fault.at)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"service": "api"}, "which its id denies"),
        ({"service": ""}, "restart of nothing"),
        ({"entry": "api"}, "db belongs to db, the step names api"),
    ],
)
def test_a_step_that_is_not_what_its_id_says_is_found(
    cloud: Cloud, fields: dict[str, str], words: str
) -> None:
    plan = change(cloud.plan(), "db@compute-0", **fields)
    told = check_plan(plan, cloud.observation, cloud.catalog, cloud.topology)
    assert any(words in one.reason for one in told)


def test_a_host_that_does_not_exist_is_found(cloud: Cloud) -> None:
    assert "no host compute-7" in only(cloud, add(cloud.plan(), "db@compute-7")).reason


def test_a_service_that_nobody_knows_is_found(cloud: Cloud) -> None:
    assert "in no entry" in only(cloud, add(cloud.plan(), "web@compute-0")).reason


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"start_s": -1.0}, "starts at -1.0 s"),
        ({"end_s": 0.0}, "and ends at 0.0 s"),
        ({"start_s": 0.0}, "and comes first"),
        ({"timeout_s": 0.0}, "must be positive"),
        ({"soak_s": 100.0}, "100.0 s later"),
    ],
)
def test_a_timeline_that_contradicts_itself_is_found(
    cloud: Cloud, fields: dict[str, float], words: str
) -> None:
    told = timeline(cloud, change(cloud.plan(), "api@compute-0", **fields))
    assert any(words in one for one in told)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"makespan_s": 1.0}, "its makespan is 1.0 s"),
        ({"lower_bound_s": 1e6}, "its lower bound is 1000000.0 s"),
    ],
)
def test_sums_that_are_wrong_are_found(cloud: Cloud, fields: dict[str, Any], words: str) -> None:
    told = timeline(cloud, dataclasses.replace(cloud.plan(), **fields))
    assert any(words in one for one in told)


def test_steps_out_of_their_order_are_found(cloud: Cloud) -> None:
    plan = cloud.plan()
    told = timeline(cloud, dataclasses.replace(plan, steps=tuple(reversed(plan.steps))))
    assert told == ["the plan: its steps are not in the order of their starts"]


def test_a_step_without_a_reason_is_found(cloud: Cloud) -> None:
    assert only(cloud, change(cloud.plan(), "db@compute-0", reason=" ")).code == "law.10"


def test_an_omission_without_a_reason_is_found(cloud: Cloud) -> None:
    plan = dataclasses.replace(
        cloud.plan(),
        omitted=(
            Omission(host="compute-1", service="api", entry="api"),
            Omission(host="compute-1", service=""),
        ),
    )
    told = check_plan(plan, cloud.observation, cloud.catalog, cloud.topology)
    assert [one.subject for one in told] == ["api@compute-1", "compute-1"]
    assert {one.code for one in told} == {"law.10"}


@pytest.mark.parametrize(
    ("reason", "grounded"),
    [
        ("because", False),
        ("somebody said so (law 12)", False),
        ("runs replaced code (law 9)", True),
        ("activity goes first (laws 1 and 4)", True),
        ("kept within its budget (law 11)", True),
        ("the policy wants it", True),
        ("was asked for by name", True),
        (f"maps the old {REPLACED.subject}", True),
    ],
)
def test_a_reason_names_a_law_a_wish_or_evidence(cloud: Cloud, reason: str, grounded: bool) -> None:
    found = codes(cloud, change(cloud.plan(), "db@compute-0", reason=reason))
    assert found == (set() if grounded else {"law.10"})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"dwell_s": 0.5}, "dwells for 0.5 s, but the policy wants 1.0 s"),
        ({"end_s": 0.9}, "is planned to end after 0.9 s, before its dwell is over"),
        ({"timeout_s": 1.0}, "is waited for 1.0 s, its drain and dwell alone may take 1.0 s"),
        (
            {"drain": DrainRule(timeout_s=100.0)},
            "its drain and dwell alone may take 101.0 s",
        ),
    ],
)
def test_every_act_has_the_time_to_prove_itself(
    cloud: Cloud, fields: dict[str, Any], words: str
) -> None:
    told = timeline(cloud, change(cloud.plan(), "db@compute-0", **fields))
    assert any(words in one for one in told), told


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reap": "x"}, "is a lock of a whole host and names what is done to one service"),
        ({"entry": "db"}, "is a lock of a whole host and names what is done to one service"),
        ({"expects": (MAIN,)}, "is a lock of a whole host and names"),
        ({"clear_sessions": True}, "is a lock of a whole host and names"),
        ({"with_dependants": True}, "is a lock of a whole host and names"),
        ({"to_host": "compute-1"}, "hands no activity over, but names compute-1"),
        ({"cures": ("db",)}, "hands no activity over, but names cures"),
    ],
)
def test_a_step_names_nothing_that_has_no_meaning_for_it(
    fields: dict[str, Any], words: str
) -> None:
    cloud = Cloud(entry("x", in_service_patchable=False)).host("compute-0", stale("x"))
    plan = change(cloud.plan(allow_lock=True), "lock@compute-0", **fields)
    assert words in only(cloud, plan).reason
