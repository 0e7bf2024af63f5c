import dataclasses
from typing import Any

import pytest

from insvc.check.run_check import check_run
from insvc.execute.run import Record, RecordKind
from insvc.plan.plan import Plan
from insvc.plan.policy import MaxStarts, Policy, Window
from tests.unit.check.sample import add
from tests.unit.check.test_record_order import CREATED
from tests.unit.plan.sample import Cloud, entry, fresh, stale

KINDS = RecordKind


def at(kind: RecordKind, time_s: float, step: str = "", attempt: int = 1, **body: Any) -> Record:
    return Record(kind=kind, at=time_s, step=step, attempt=attempt if step else 0, body=body)


CARRIED = at(KINDS.CONTROLLER_STARTED, 100.0, epoch=1)


def begun(step: str, time_s: float, attempt: int = 1, because: str = "planned") -> Record:
    return at(KINDS.STEP_STARTED, time_s, step, attempt, because=because)


def lost(step: str, time_s: float) -> Record:
    return at(KINDS.STEP_LOST, time_s, step)


def over(step: str, time_s: float, attempt: int = 1) -> Record:
    return at(KINDS.STEP_ENDED, time_s, step, attempt, outcome="restarted")


def computes(count: int) -> Cloud:
    cloud = Cloud(*map(entry, "abc"))
    for number in range(count):
        cloud.host(f"compute-{number}", *map(fresh, "abc"))
    return cloud


def told(cloud: Cloud, plan: Plan, *records: Record, **policy: Any) -> list[str]:
    plan = dataclasses.replace(plan, policy=dataclasses.replace(plan.policy, **policy))
    created = dataclasses.replace(CREATED, at=100.0)
    every = (created, CARRIED, *records)
    found = check_run(plan, every, cloud.catalog, cloud.topology, cloud.observation)
    assert {one.code for one in found} <= {"law.11"}
    return [f"{one.subject}: {one.reason}" for one in found]


def test_a_step_that_did_not_wait_out_its_pause_is_found() -> None:
    plan = add(add(Plan(), "a@compute-0"), "b@compute-0", "a@compute-0", soak_s=10.0)
    early = (begun("a@compute-0", 100.0), over("a@compute-0", 105.0), begun("b@compute-0", 114.0))
    (why,) = told(computes(1), plan, *early)
    assert why.startswith("b@compute-0: was begun 9 s after a@compute-0 had ended")
    assert "its plan wants a pause of 10 s (law 11)" in why
    assert told(computes(1), plan, *early[:2], begun("b@compute-0", 115.0)) == []


def test_a_pause_before_the_first_step_counts_from_the_begin_of_the_run() -> None:
    plan = add(Plan(), "a@compute-0", soak_s=10.0)
    (why,) = told(computes(1), plan, begun("a@compute-0", 109.0))
    assert "was begun 9 s after the run was created" in why
    assert told(computes(1), plan, begun("a@compute-0", 110.0)) == []


def test_to_try_again_needs_no_pause() -> None:
    plan = add(Plan(), "a@compute-0", soak_s=10.0)
    again = (lost("a@compute-0", 112.0), begun("a@compute-0", 113.0, 2, "down"))
    assert told(computes(1), plan, begun("a@compute-0", 110.0), *again) == []


TWO = {"max_starts": MaxStarts(count=2, within_s=10.0), "parallel_services": 9}
THREE = add(add(add(Plan(), "a@compute-0"), "b@compute-0"), "c@compute-0")
FIRST = (begun("a@compute-0", 100.0), begun("b@compute-0", 103.0))


@pytest.mark.parametrize(("time_s", "sound"), [(109.9, False), (110.0, True)])
def test_one_start_too_many_is_found(time_s: float, sound: bool) -> None:
    found = told(computes(1), THREE, *FIRST, begun("c@compute-0", time_s), **TWO)
    assert (found == []) is sound
    assert all("the policy allows 2 within 10 s on one host" in why for why in found)


def test_to_try_again_is_a_start_that_is_never_too_early() -> None:
    again = (lost("b@compute-0", 104.0), begun("b@compute-0", 105.0, 2, "down"))
    assert told(computes(1), THREE, *FIRST, *again, **TWO) == []
    (why,) = told(computes(1), THREE, *FIRST, *again, begun("c@compute-0", 112.0), **TWO)
    assert "b@compute-0, b@compute-0, c@compute-0 start within 9 s" in why


def test_what_its_agent_never_saw_was_no_start() -> None:
    unseen = (lost("b@compute-0", 103.5), begun("b@compute-0", 108.0, 1, "never-begun"))
    assert told(computes(1), THREE, *FIRST, *unseen, begun("c@compute-0", 111.0), **TWO) == []
    strange = begun("b@compute-0", 101.0, 1, "never-begun")
    assert told(computes(1), THREE, strange, **TWO) == []


def test_starts_on_other_hosts_are_not_counted() -> None:
    plan = add(add(Plan(), "a@compute-0"), "a@compute-1")
    records = (begun("a@compute-0", 100.0), begun("a@compute-1", 100.0))
    one = {"max_starts": MaxStarts(count=1, within_s=10.0), "max_unavailable": 2}
    assert told(computes(2), plan, *records, **one) == []


WINDOW = {"windows": (Window(opens=100.0, closes=120.0),)}


@pytest.mark.parametrize(
    ("begins", "ends", "sound"),
    [(100.0, 120.0, True), (99.0, 110.0, False), (110.0, 121.0, False)],
)
def test_what_was_under_way_outside_the_windows_is_found(
    begins: float, ends: float, sound: bool
) -> None:
    plan = add(Plan(), "a@compute-0")
    records = (begun("a@compute-0", begins), over("a@compute-0", ends))
    found = told(computes(1), plan, *records, **WINDOW)
    assert (found == []) is sound
    assert all("a@compute-0: is under way from" in why for why in found)


def test_what_has_not_ended_is_under_way_until_the_last_record() -> None:
    plan = add(add(Plan(), "a@compute-0"), "b@compute-0")
    first = begun("a@compute-0", 101.0)
    assert told(computes(1), plan, first, begun("b@compute-0", 119.0), **WINDOW) == []
    assert len(told(computes(1), plan, first, lost("a@compute-0", 121.0), **WINDOW)) == 1


def test_a_turn_is_over_before_its_window_closes() -> None:
    cloud = Cloud(entry("x", in_service_patchable=False)).host("compute-0", stale("x"))
    plan = cloud.plan(Policy(allow_lock=True))
    turn = (
        begun("lock@compute-0", 101.0),
        over("lock@compute-0", 102.0),
        begun("unlock@compute-0", 121.0),
        over("unlock@compute-0", 122.0),
    )
    (why,) = told(cloud, plan, *turn, **WINDOW)
    assert why.startswith("lock@compute-0: and what belongs to its turn are under way from 101.000")


def test_places_rest_between_what_really_happened() -> None:
    plan = add(add(Plan(), "a@compute-0"), "a@compute-1", "a@compute-0", soak_s=0.0)
    first = (begun("a@compute-0", 100.0), over("a@compute-0", 105.0))
    (why,) = told(computes(2), plan, *first, begun("a@compute-1", 114.0), soak_s=10.0)
    assert "a@compute-0 on compute-0 and a@compute-1 on compute-1 may be less than 10 s" in why
    assert told(computes(2), plan, *first, begun("a@compute-1", 115.0), soak_s=10.0) == []


def test_hosts_keep_their_slots_in_a_run_too() -> None:
    plan = add(add(Plan(), "a@compute-0"), "b@compute-1", "a@compute-0")
    policy = {"parallel_hosts": {"worker": 1}, "soak_s_of": {"worker": 10.0}}
    first = (begun("a@compute-0", 100.0), over("a@compute-0", 105.0))
    assert len(told(computes(2), plan, *first, begun("b@compute-1", 114.0), **policy)) == 1
    assert told(computes(2), plan, *first, begun("b@compute-1", 115.0), **policy) == []
