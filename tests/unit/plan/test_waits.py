"""`insvc.plan.waits`: every reason once, and no pause lost."""

import dataclasses

from insvc.check.plan_check import check_plan
from insvc.plan.durations import Estimate
from insvc.plan.needs import Need, find_needs
from insvc.plan.plan import Plan
from insvc.plan.policy import Policy
from insvc.plan.task import Placed, Task
from insvc.plan.waits import Wait, Waits
from tests.unit.plan.sample import Cloud, entry, stale

NEEDS = {
    need.id: need
    for need in find_needs(
        Cloud(*map(entry, "abc"))
        .host("compute-0", *map(stale, "abc"))
        .host("compute-1", *map(stale, "abc"))
        .view(),
        Policy(),
    )[0]
}


def placed(need: Need, *after: str) -> Placed:
    estimate = Estimate(duration_s=1.0, outage_s=1.0, timeout_s=9.0)
    return Placed(
        task=Task(need=need, estimate=estimate),
        start_s=0.0,
        end_s=1.0,
        least_start_s=0.0,
        least_end_s=1.0,
        after=dict.fromkeys(after, "why"),
    )


def kept(peer_soak_s: float, *waits: Wait) -> list[str]:
    """What a step waits for when it waits for a peer, and the peer for each of these."""
    peer = "c@compute-1"
    first = [wait.step for wait in waits]
    found = Waits()
    for wait in (*waits, Wait(step=peer, end_s=2.0, why="law")):
        found.add(wait)
    behind = dataclasses.replace(placed(NEEDS[peer], *first), soak_s=peer_soak_s)
    found.leave_out_implied({}, {one: placed(NEEDS[one]) for one in first} | {peer: behind})
    return list(found.why)


def pauses(plan: Plan) -> dict[str, float]:
    return {step.id: step.soak_s for step in plan.steps}


def test_two_reasons_for_one_wait_are_told_together() -> None:
    waits = Waits()
    waits.add(Wait(step="a", end_s=1.0, why="one"))
    waits.add(Wait(step="a", end_s=1.0, why="two", soak_s=3.0))
    assert waits.why == {"a": "one, two"}
    assert waits.soak_s() == 3.0


def test_of_several_pauses_after_one_step_the_longest_counts() -> None:
    waits = Waits()
    for soak_s in (0.25, 0.5, 0.25):
        waits.add(Wait(step="a", end_s=1.0, why="one", soak_s=soak_s))
    assert waits.soak_s() == 0.5


def test_what_another_wait_implies_is_left_out_where_there_is_no_pause() -> None:
    first = Wait(step="a@compute-0", end_s=1.0, why="law")
    assert kept(0.0, first) == ["c@compute-1"]


def test_a_pause_is_implied_by_one_that_is_as_long() -> None:
    first = Wait(step="a@compute-0", end_s=1.0, why="law", soak_s=5.0)
    assert kept(5.0, first) == kept(6.0, first) == ["c@compute-1"]
    assert kept(4.0, first) == ["a@compute-0", "c@compute-1"]


def test_a_pause_after_one_step_says_nothing_about_another() -> None:
    paused = Wait(step="a@compute-0", end_s=1.0, why="law", soak_s=5.0)
    plain = Wait(step="b@compute-0", end_s=1.0, why="law")
    longer = Wait(step="c@compute-0", end_s=1.0, why="turn", soak_s=6.0)
    assert kept(5.0, paused, plain, longer) == ["c@compute-0", "c@compute-1"]


def test_without_waits_there_is_no_pause() -> None:
    assert Waits().soak_s() == 0.0


def test_a_pause_lies_between_the_steps_of_one_service() -> None:
    cloud = Cloud(entry("a"), entry("b"))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("a"), stale("b"))
    plan = cloud.plan(soak_s_of={"a": 30.0})
    assert pauses(plan)["a@compute-0"] == 0.0
    assert pauses(plan)["a@compute-1"] == pauses(plan)["a@compute-2"] == 30.0
    assert {time_s for name, time_s in pauses(plan).items() if name.startswith("b")} == {0.0}
    first, second, _ = (step for step in plan.steps if step.service == "a")
    assert second.start_s == first.end_s + 30.0


def test_a_pause_between_hosts_is_taken_once_a_host() -> None:
    cloud = Cloud(*map(entry, "abc"))
    for number in range(2):
        cloud.host(f"compute-{number}", *map(stale, "abc"))
    plan = cloud.plan(parallel_services=1, parallel_hosts={"worker": 1}, soak_s_of={"worker": 60.0})
    later = [step for step in plan.steps if step.host == "compute-1"]
    assert [step.soak_s for step in later] == [60.0, 0.0, 0.0]
    ended_s = max(step.end_s for step in plan.steps if step.host == "compute-0")
    assert later[0].start_s == ended_s + 60.0


def test_a_pause_is_not_lost_behind_another_service() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)), entry("c"))
    cloud.host("compute-0", stale("a"), stale("b")).host("compute-1", stale("b"), stale("c"))
    plan = cloud.plan(soak_s=20.0, parallel_services=1)
    steps = {step.id: step for step in plan.steps}
    assert steps["b@compute-1"].start_s >= steps["b@compute-0"].end_s + 20.0


def test_the_next_locked_host_of_a_personality_waits_too() -> None:
    cloud = Cloud(entry("x", in_service_patchable=False))
    for name in ("compute-0", "compute-1", "storage-0"):
        cloud.host(name, stale("x"))
    plan = cloud.plan(allow_lock=True, soak_s_of={"worker": 15.0})
    locks = {step.host: step.soak_s for step in plan.steps if step.id.startswith("lock@")}
    assert locks == {"compute-0": 0.0, "compute-1": 15.0, "storage-0": 0.0}


def test_a_pause_is_not_lost_where_one_at_a_time_is_stricter_than_the_budget() -> None:
    cloud = Cloud(entry("a"), entry("b"))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("a"))
    plan = cloud.plan(soak_s=30.0, max_unavailable=2, carries_traffic=("a",))
    assert pauses(plan) == {"a@compute-0": 0.0, "a@compute-1": 0.0, "a@compute-2": 30.0}
    assert check_plan(plan, cloud.observation, cloud.catalog, cloud.topology) == ()
