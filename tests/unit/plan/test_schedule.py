"""`insvc.plan.schedule`: as early as the laws allow, and waiting by name."""

from insvc.catalog.entry import CarriesTraffic
from insvc.plan.needs import find_needs
from insvc.plan.pacing import Pace
from insvc.plan.policy import Policy
from insvc.plan.precedence import order_entries
from insvc.plan.schedule import Schedule
from insvc.plan.tasks import make_rooms, make_tasks
from insvc.plan.waits import join
from tests.unit.plan.sample import Cloud, entry, job, stale


def schedule(cloud: Cloud, policy: Policy) -> Schedule:
    view = cloud.view()
    needs, _ = find_needs(view, policy)
    tasks = make_tasks(view, needs, policy)
    rooms, _ = make_rooms(view, tasks, policy)
    found = Schedule(view, Pace(policy), order_entries(view, needs), rooms)
    found.place(tasks, is_last=False)
    return found


def starts(found: Schedule) -> dict[str, float]:
    return {step: placed.start_s for step, placed in found.placed.items()}


def test_what_nothing_holds_back_starts_at_once() -> None:
    cloud = Cloud(entry("a"), entry("b")).host("compute-0", stale("a"), stale("b"))
    found = schedule(cloud, Policy())
    assert set(starts(found).values()) == {0.0}
    assert found.tails() == ("a@compute-0", "b@compute-0")


def test_a_free_host_does_not_wait_for_a_busy_one() -> None:
    cloud = Cloud(entry("a"), entry("b"), entry("c"))
    cloud.host("compute-0", stale("a"), stale("b")).host("compute-1", stale("c"))
    assert starts(schedule(cloud, Policy(parallel_services=1)))["c@compute-1"] == 0.0


def test_nothing_to_place_is_fine() -> None:
    found = schedule(Cloud().host("compute-0"), Policy())
    assert found.placed == {}
    assert found.tails() == ()


def test_an_implied_wait_is_not_written_down() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    cloud.host("compute-0", stale("a"), stale("b"))
    found = schedule(cloud, Policy(parallel_services=1))
    assert list(found.placed["b@compute-0"].after) == ["a@compute-0"]
    assert found.placed["b@compute-0"].after["a@compute-0"] == "b depends on a (law 3)"


def test_only_the_first_of_an_entry_waits_at_its_gate() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("a"), stale("b"))
    found = schedule(cloud, Policy())
    assert list(found.placed["b@compute-0"].after) == ["a@compute-2"]
    assert list(found.placed["b@compute-1"].after) == ["b@compute-0"]


def test_a_job_of_the_same_entry_is_no_way_through_a_gate() -> None:
    cloud = Cloud(entry("a"), entry("b", "b", "purge", depends_on=("a",)))
    cloud.host("compute-0", job("purge"), stale("b"))
    cloud.host("compute-1", stale("a", started_in_s=9.0))
    found = schedule(cloud, Policy(parallel_services=1))
    assert "a@compute-1" in found.placed["b@compute-0"].after


def test_working_on_a_host_goes_on_before_another_is_begun() -> None:
    names = ("a", "b", "c")
    cloud = Cloud(*map(entry, names))
    for number in range(2):
        cloud.host(f"compute-{number}", *map(stale, names))
    policy = Policy(max_unavailable=2, parallel_services=3, parallel_hosts={"worker": 1})
    found = starts(schedule(cloud, policy))
    first = {step for step, start_s in found.items() if start_s == 0.0}
    assert first == {"a@compute-0", "b@compute-0", "c@compute-0"}


def test_other_personalities_are_not_held_up() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("storage-0", stale("a"))
    policy = Policy(max_unavailable=2, parallel_hosts={"worker": 1})
    assert set(starts(schedule(cloud, policy)).values()) == {0.0}


def test_the_last_stage_waits_for_the_ends_of_the_first_and_goes_in_a_row() -> None:
    proxy = entry("proxy", special_handling=(CarriesTraffic(),))
    cloud = Cloud(entry("a"), entry("b"), proxy)
    cloud.host("compute-0", stale("a"), stale("b"), stale("proxy"))
    cloud.host("compute-1", stale("proxy"))
    view, policy = cloud.view(), Policy(max_unavailable=2)
    needs, _ = find_needs(view, policy)
    tasks = make_tasks(view, needs, policy)
    rooms, _ = make_rooms(view, tasks, policy)
    found = Schedule(view, Pace(policy), order_entries(view, needs), rooms)
    found.place((task for task in tasks if task.need.service != "proxy"), is_last=False)
    found.place((task for task in tasks if task.need.service == "proxy"), is_last=True)
    assert sorted(found.placed["proxy@compute-0"].after) == ["a@compute-0", "b@compute-0"]
    assert list(found.placed["proxy@compute-1"].after) == ["proxy@compute-0"]
    assert found.tails() == ("proxy@compute-1",)


def test_two_reasons_for_one_wait_are_both_told() -> None:
    cloud = Cloud(entry("a")).host("controller-0", stale("a")).host("controller-1", stale("a"))
    (why,) = schedule(cloud, Policy()).placed["a@controller-0"].after.values()
    assert "law 4" in why
    assert "law 5" in why
    assert join("one", "one") == "one"


def test_an_order_says_who_is_given_a_place_first() -> None:
    cloud = Cloud(*map(entry, "abc")).host("compute-0", *map(stale, "abc"))
    order = ("nothing@compute-0", "c@compute-0", "b@compute-0")
    found = schedule(cloud, Policy(parallel_services=1, order=order))
    assert list(found.placed) == ["c@compute-0", "b@compute-0", "a@compute-0"]


def test_an_order_does_not_override_what_must_come_first() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    cloud.host("compute-0", stale("a"), stale("b"))
    found = schedule(cloud, Policy(order=("b@compute-0", "a@compute-0")))
    assert found.placed["b@compute-0"].start_s == found.placed["a@compute-0"].end_s
