"""`insvc.plan.schedule`: as early as the laws allow, and waiting by name."""

from insvc.catalog.entry import Before, CarriesTraffic
from insvc.plan.needs import find_needs
from insvc.plan.pacing import Pace
from insvc.plan.policy import MaxStarts, Policy
from insvc.plan.precedence import order_entries
from insvc.plan.schedule import Schedule
from insvc.plan.shares import make_shares
from insvc.plan.tasks import make_rooms, make_tasks
from insvc.plan.waits import join
from tests.unit.plan.sample import Cloud, entry, failed, job, stale


def schedule(cloud: Cloud, policy: Policy) -> Schedule:
    """Everything that the cloud needs, in one stage."""
    view = cloud.view()
    needs, _ = find_needs(view, policy)
    tasks = make_tasks(view, needs, policy)
    rooms, _ = make_rooms(view, tasks, policy)
    found = Schedule(
        view, Pace(policy), order_entries(view, needs), make_shares(view, tasks, rooms, policy)
    )
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


def test_a_schedule_without_a_stage_ends_at_once() -> None:
    view = Cloud().host("compute-0").view()
    shares = make_shares(view, (), {}, Policy())
    assert Schedule(view, Pace(Policy()), order_entries(view, ()), shares).least_end_s == 0.0


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
    found = Schedule(
        view, Pace(policy), order_entries(view, needs), make_shares(view, tasks, rooms, policy)
    )
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


def test_a_pause_before_a_start_counts_from_the_end_of_what_it_waits_for() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    cloud.host("compute-0", stale("a"), stale("b", restarts=9))
    policy = Policy(max_starts=MaxStarts(count=3, within_s=60.0), parallel_services=1)
    found = schedule(cloud, policy).placed
    assert found["b@compute-0"].start_s == found["a@compute-0"].end_s + 60.0
    assert found["b@compute-0"].soak_s == 60.0


def test_of_two_pauses_after_the_same_step_only_the_longer_is_kept() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"))
    cloud.host("compute-1", stale("a", restarts=9))
    policy = Policy(max_starts=MaxStarts(count=3, within_s=60.0), soak_s=45.0)
    found = schedule(cloud, policy).placed
    assert found["a@compute-1"].start_s == found["a@compute-0"].end_s + 60.0


def test_the_pause_is_kept_after_the_last_of_all_that_it_waits_for() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    cloud.host("compute-0", stale("a", started_in_s=30.0), stale("b"))
    cloud.host("compute-1", stale("b", started_in_s=20.0))
    policy = Policy(max_unavailable=1, soak_s_of={"b": 7.0})
    found = schedule(cloud, policy).placed
    for one in found.values():
        ends_s = max((found[step].end_s for step in one.after), default=0.0)
        assert one.start_s == ends_s + one.soak_s


def test_what_comes_back_on_the_active_host_keeps_its_gates() -> None:
    before = Before(entries=("b",), where="active-controller")
    cloud = Cloud(entry("a", special_handling=(before,)), entry("b"))
    cloud.host("controller-0", stale("a", restarts=9), failed("b"))
    cloud.host("controller-1", stale("b"))
    limit = MaxStarts(count=3, within_s=60.0)
    found = schedule(cloud, Policy(revive_failed=True, max_starts=limit)).placed
    assert list(found) == ["a@controller-0", "b@controller-0", "b@controller-1"]
    assert found["b@controller-0"].start_s == found["a@controller-0"].end_s


def test_a_host_without_a_limit_is_never_out_of_turn() -> None:
    cloud = Cloud(entry("z"), entry("a"))
    cloud.host("compute-0", stale("a")).host("storage-0", stale("z"))
    found = schedule(cloud, Policy(parallel_hosts={"worker": 1}))
    assert list(found.placed) == ["z@storage-0", "a@compute-0"]


def test_a_job_takes_its_turn_in_the_order_of_the_catalog() -> None:
    cloud = Cloud(entry("a"), entry("purge")).host("compute-0", stale("a"), job("purge"))
    view, policy = cloud.view(), Policy(parallel_services=1)
    needs, _ = find_needs(view, policy)
    tasks = make_tasks(view, needs, policy)
    rooms, _ = make_rooms(view, tasks, policy)
    found = Schedule(
        view, Pace(policy), order_entries(view, needs[:1]), make_shares(view, tasks, rooms, policy)
    )
    found.place(tasks, is_last=False)
    assert list(found.placed) == ["a@compute-0", "purge@compute-0"]


def test_a_host_that_gets_its_turn_back_waits_for_the_last_step_of_the_other() -> None:
    cloud = Cloud(
        entry("s1"),
        entry("s2", depends_on=("s1",)),
        entry("q2", depends_on=("s1",)),
        entry("s3", depends_on=("s2", "q2")),
        entry("s4", depends_on=("s2",)),
    )
    cloud.host("compute-0", stale("s2"), stale("q2"), stale("s4", restarts=9))
    cloud.host("compute-1", stale("s1"), stale("s3", started_in_s=900.0))
    policy = Policy(
        parallel_services=2,
        parallel_hosts={"worker": 1},
        max_starts=MaxStarts(count=5, within_s=60.0),
    )
    found = schedule(cloud, policy).placed
    assert found["s4@compute-0"].start_s >= found["s3@compute-1"].end_s
    assert "s3@compute-1" in found["s4@compute-0"].after


def test_the_pause_between_two_hosts_is_told_once_for_the_host() -> None:
    cloud = Cloud(entry("x"), entry("a"), entry("b", depends_on=("a",)))
    cloud.host("compute-0", stale("x")).host("compute-1", stale("a"), stale("b"))
    policy = Policy(parallel_hosts={"worker": 1}, soak_s_of={"worker": 30.0})
    found = schedule(cloud, policy).placed
    assert found["a@compute-1"].start_s == found["x@compute-0"].end_s + 30.0
    assert list(found["b@compute-1"].after) == ["a@compute-1"]


def in_one_lane(cloud: Cloud) -> list[str]:
    """What runs on compute-0, in the order of placing, when it does one thing at a time."""
    limit = MaxStarts(count=3, within_s=60.0)
    found = schedule(cloud, Policy(parallel_services=1, max_starts=limit))
    return [step for step in found.placed if step.endswith("compute-0")]


def test_what_must_pause_first_lets_others_go_before_it() -> None:
    cloud = Cloud(entry("a"), entry("b")).host("compute-0", stale("a", restarts=9), stale("b"))
    assert in_one_lane(cloud) == ["b@compute-0", "a@compute-0"]


def test_what_must_pause_after_a_gate_lets_others_go_before_it() -> None:
    cloud = Cloud(entry("x"), entry("a", depends_on=("x",)), entry("b", depends_on=("x",)))
    cloud.host("compute-0", stale("a", restarts=9), stale("b"))
    cloud.host("compute-1", stale("x", started_in_s=200.0))
    assert in_one_lane(cloud) == ["b@compute-0", "a@compute-0"]


def test_what_must_pause_after_its_turn_lets_others_go_before_it() -> None:
    cloud = Cloud(entry("x"), entry("a"), entry("b", depends_on=("x",)))
    cloud.host("controller-0", stale("a", restarts=9), stale("b"))
    cloud.host("controller-1", stale("a", started_in_s=200.0))
    cloud.host("compute-1", stale("x", started_in_s=230.0))
    limit = MaxStarts(count=3, within_s=60.0)
    found = schedule(cloud, Policy(parallel_services=1, max_unavailable=2, max_starts=limit))
    assert list(found.placed)[2:] == ["b@controller-0", "a@controller-0"]


def test_one_step_at_once_is_no_plural() -> None:
    cloud = Cloud(entry("a"), entry("b")).host("compute-0", stale("a"), stale("b"))
    one = schedule(cloud, Policy(parallel_services=1)).placed["b@compute-0"]
    assert list(one.after.values()) == ["at most 1 step at once on compute-0 (law 11)"]
    more = Cloud(entry("a"), entry("b"), entry("c"))
    more.host("compute-0", *map(stale, "abc"))
    two = schedule(more, Policy(parallel_services=2)).placed["c@compute-0"]
    assert set(two.after.values()) == {"at most 2 steps at once on compute-0 (law 11)"}
