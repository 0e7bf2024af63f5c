import pytest

from insvc.check.pauses import check_pauses, find_resting
from insvc.check.violation import UNDECIDED
from insvc.model.words import Action, Redundancy
from insvc.plan.plan import Plan
from tests.unit.check.riddles import pigeons, rounds
from tests.unit.check.sample import add, case_of, change, codes, found
from tests.unit.plan.sample import Cloud, entry, failed, fresh, stale


def computes(count: int, *services: str) -> Cloud:
    cloud = Cloud(*map(entry, services))
    for number in range(count):
        cloud.host(f"compute-{number}", *map(stale, services))
    return cloud


def hurried(cloud: Cloud, plan: Plan) -> list[str]:
    return [one.reason for one in found(cloud, plan) if one.code == "law.11"]


def test_a_pause_that_is_too_short_is_found() -> None:
    cloud = computes(3, "a")
    plan = cloud.plan(soak_s=30.0)
    assert codes(cloud, plan) == set()
    (why,) = hurried(cloud, change(plan, "a@compute-2", soak_s=29.0))
    assert "a@compute-1 on compute-1 and a@compute-2 on compute-2" in why
    assert "less than 30 s apart" in why
    assert "the policy allows 1 down, and a place rests for 30 s (law 11)" in why


def test_as_many_places_rest_as_there_are() -> None:
    cloud = computes(5, "a")
    plan = cloud.plan(soak_s_of={"a": 30.0}, max_unavailable=2)
    assert codes(cloud, plan) == set()
    assert len(hurried(cloud, change(plan, "a@compute-3", soak_s=0.0))) == 1


def test_the_pause_of_a_service_goes_before_the_pause_of_all() -> None:
    cloud = computes(2, "a", "b")
    plan = cloud.plan(soak_s=30.0, soak_s_of={"a": 0.0})
    assert plan.step("a@compute-1").soak_s == 0.0
    assert codes(cloud, plan) == set()


def chain(*soaks_s: float) -> Plan:
    """a@compute-0, then a chain over b@compute-0 to a@compute-1."""
    plan = add(Plan(), "a@compute-0")
    plan = add(plan, "b@compute-0", "a@compute-0", soak_s=soaks_s[0])
    return add(plan, "a@compute-1", "b@compute-0", soak_s=soaks_s[1])


@pytest.mark.parametrize(
    ("soaks_s", "sound"),
    [((0.0, 30.0), True), ((30.0, 0.0), True), ((15.0, 15.0), True), ((15.0, 14.0), False)],
)
def test_pauses_along_a_chain_of_waits_add_up(soaks_s: tuple[float, float], sound: bool) -> None:
    case = case_of(computes(2, "a", "b"), chain(*soaks_s), soak_s_of={"a": 30.0})
    assert (list(check_pauses(case)) == []) is sound


def test_a_chain_that_is_too_long_to_see_at_a_glance_is_followed() -> None:
    plan = add(Plan(), "a@compute-0")
    plan = add(plan, "b@compute-0", "a@compute-0")
    plan = add(plan, "c@compute-0", "b@compute-0", soak_s=30.0)
    plan = add(plan, "d@compute-0", "c@compute-0")
    plan = add(plan, "a@compute-1", "d@compute-0")
    case = case_of(computes(2, *"abcd"), plan, soak_s_of={"a": 30.0})
    assert list(check_pauses(case)) == []


def test_on_one_host_no_pause_is_needed() -> None:
    cloud = Cloud(entry("a", "a", "a2"), entry("b", depends_on=("a",)))
    cloud.host("compute-0", stale("a"), stale("a2"), fresh("b"))
    plan = add(Plan(), "a@compute-0", with_dependants=True)
    plan = add(plan, "a2@compute-0", "a@compute-0", entry="a", with_dependants=True)
    assert list(check_pauses(case_of(cloud, plan, soak_s=30.0))) == []


def test_hosts_keep_their_slots_for_the_pause_of_their_personality() -> None:
    cloud = computes(3, "a", "b")
    plan = cloud.plan(soak_s_of={"worker": 60.0}, parallel_hosts={"worker": 1}, parallel_services=1)
    assert codes(cloud, plan) == set()
    later = next(step for step in plan.steps if step.host == "compute-1")
    (why,) = hurried(cloud, change(plan, later.id, soak_s=59.0))
    assert "the policy allows 1 worker hosts at once, and a place rests for 60 s" in why


def test_without_a_limit_for_hosts_they_have_no_slots_to_keep() -> None:
    cloud = computes(2, "a")
    plan = cloud.plan(soak_s_of={"worker": 60.0})
    assert list(find_resting(case_of(cloud, plan))) == []


def test_what_comes_back_rests_before_another_goes_down() -> None:
    cloud = Cloud(entry("a")).host("compute-0", failed("a")).host("compute-1", stale("a"))
    plan = cloud.plan(soak_s=30.0, revive_failed=True)
    assert codes(cloud, plan) == set()
    assert len(hurried(cloud, change(plan, "a@compute-1", soak_s=0.0))) == 1


def turns() -> tuple[Cloud, Plan]:
    cloud = Cloud(entry("x", in_service_patchable=False), entry("y", in_service_patchable=False))
    cloud.host("compute-0", stale("x")).host("storage-0", stale("x"))
    cloud.host("compute-1", stale("y"))
    return cloud, cloud.plan(allow_lock=True, soak_s_of={"worker": 15.0})


def test_between_two_locked_hosts_of_a_personality_lies_its_pause() -> None:
    cloud, plan = turns()
    assert plan.step("lock@compute-1").soak_s == 15.0
    assert codes(cloud, plan) == set()
    (why,) = hurried(cloud, change(plan, "lock@compute-1", soak_s=14.0))
    assert "may start 14 s after compute-0 is unlocked" in why
    assert "between two locked worker hosts the policy wants 15 s (law 11)" in why


def test_the_pause_of_a_service_holds_for_locks_too() -> None:
    cloud = Cloud(entry("x", in_service_patchable=False), entry("db"))
    cloud.host("compute-0", stale("x"), fresh("db")).host("compute-1", stale("db"))
    plan = cloud.plan(allow_lock=True, soak_s_of={"db": 15.0})
    assert plan.step("lock@compute-0").soak_s == 15.0
    assert codes(cloud, plan) == set()
    assert len(hurried(cloud, change(plan, "lock@compute-0", soak_s=0.0))) == 1


def test_a_lock_that_nothing_ends_keeps_its_places_for_ever() -> None:
    cloud = Cloud(entry("x"), entry("mon", redundancy=Redundancy.QUORUM))
    for number in range(3):
        cloud.host(f"compute-{number}", fresh("mon"))
    plan = add(Plan(), "lock@compute-0", action=Action.LOCK, service="")
    plan = add(plan, "mon@compute-1", "lock@compute-0", soak_s=99.0)
    told = list(check_pauses(case_of(cloud, plan, soak_s=5.0)))
    assert [(one.code, one.subject) for one in told] == [("law.11", "mon")]


def test_many_steps_of_many_hosts_are_judged_in_one_go() -> None:
    cloud = computes(60, *"abcd")
    plan = cloud.plan(soak_s_of={"worker": 60.0}, parallel_hosts={"worker": 10}, max_unavailable=7)
    assert list(check_pauses(case_of(cloud, plan))) == []


@pytest.mark.parametrize(("soak_s", "sound"), [(30.0, True), (29.0, False)])
def test_slots_of_many_hosts_rest_where_a_first_guess_hands_them_on_wrongly(
    soak_s: float, sound: bool
) -> None:
    puzzle = rounds(80, soak_s=soak_s)
    case = case_of(
        puzzle.cloud, puzzle.plan, parallel_hosts={"worker": 2}, soak_s_of={"worker": 30.0}
    )
    assert (list(check_pauses(case)) == []) is sound


def test_pauses_that_are_not_decided_are_told() -> None:
    puzzle, room = pigeons(5, soak_s=30.0)
    case = case_of(
        puzzle.cloud, puzzle.plan, parallel_hosts={"worker": room}, soak_s_of={"worker": 30.0}
    )
    (fault,) = check_pauses(case)
    assert (fault.code, fault.law, fault.subject) == (UNDECIDED, 11, "worker")
    assert "and a place rests for 30 s (law 11)" in fault.reason
