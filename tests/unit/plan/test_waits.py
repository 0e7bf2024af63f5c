"""`insvc.plan.waits`: every reason once, and no pause lost."""

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


def kept(step: str, peer: str, *waits: Wait) -> list[str]:
    """What `step` waits for when it waits for this peer, and the peer for each of these."""
    first = [wait.step for wait in waits]
    found = Waits()
    for wait in (*waits, Wait(step=peer, end_s=2.0, why="law")):
        found.add(wait)
    known = {one: placed(NEEDS[one]) for one in first} | {peer: placed(NEEDS[peer], *first)}
    found.leave_out_implied(NEEDS[step], {}, known)
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
    for by_host in (False, True):
        waits = Waits()
        for soak_s in (0.25, 0.5, 0.25):
            waits.add(Wait(step="a", end_s=1.0, why="one", soak_s=soak_s, by_host=by_host))
        assert waits.soak_s() == 0.5


def test_a_pause_of_a_service_and_one_of_a_host_are_two() -> None:
    waits = Waits()
    waits.add(Wait(step="a", end_s=1.0, why="one", soak_s=2.0))
    waits.add(Wait(step="a", end_s=1.0, why="two", soak_s=3.0, by_host=True))
    assert waits.soak_s() == 3.0


def test_what_another_wait_implies_is_left_out_where_there_is_no_pause() -> None:
    first = Wait(step="a@compute-0", end_s=1.0, why="law")
    assert kept("b@compute-0", "c@compute-1", first) == ["c@compute-1"]


def test_only_a_peer_of_the_service_implies_the_pause_of_the_service() -> None:
    first = Wait(step="a@compute-0", end_s=1.0, why="law", soak_s=5.0)
    assert kept("a@compute-1", "a@compute-1", first) == ["a@compute-1"]
    assert kept("a@compute-1", "b@compute-1", first) == ["a@compute-0", "b@compute-1"]


def test_only_a_peer_on_the_host_implies_the_pause_of_the_host() -> None:
    first = Wait(step="a@compute-0", end_s=1.0, why="law", soak_s=5.0, by_host=True)
    assert kept("b@compute-1", "c@compute-1", first) == ["c@compute-1"]
    assert kept("b@compute-1", "b@compute-0", first) == ["a@compute-0", "b@compute-0"]


def test_both_pauses_must_be_implied() -> None:
    service = Wait(step="a@compute-0", end_s=1.0, why="law", soak_s=5.0)
    host = Wait(step="a@compute-0", end_s=1.0, why="turn", soak_s=5.0, by_host=True)
    assert kept("b@compute-1", "c@compute-1", service, host) == ["a@compute-0", "c@compute-1"]
    assert kept("b@compute-1", "b@compute-0", service, host) == ["a@compute-0", "b@compute-0"]
    assert kept("b@compute-1", "b@compute-1", service, host) == ["b@compute-1"]


def test_a_pause_after_one_step_says_nothing_about_another() -> None:
    paused = Wait(step="a@compute-0", end_s=1.0, why="law", soak_s=5.0)
    plain = Wait(step="b@compute-0", end_s=1.0, why="law")
    turned = Wait(step="c@compute-0", end_s=1.0, why="turn", soak_s=5.0, by_host=True)
    found = kept("b@compute-1", "a@compute-1", paused, plain, turned)
    assert found == ["a@compute-0", "a@compute-1"]


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
