"""`insvc.plan.moved_plan`: one plan of two halves, with the swact between them."""

from typing import Any

import pytest

from insvc.catalog.entry import CarriesTraffic
from insvc.check.plan_check import check_plan
from insvc.model.words import InstanceState
from insvc.plan.plan import Plan, Step
from insvc.plan.policy import MaxStarts, Policy, Window
from tests.unit.plan.pair import BY_ESTIMATE, CHAIN, giver, pair, taker, turns
from tests.unit.plan.sample import (
    Cloud,
    entry,
    failed,
    fresh,
    ids,
    job,
    omitted,
    precedes,
    stale,
    stopped,
)


def planned(cloud: Cloud, **policy: Any) -> Plan:
    plan = cloud.plan(BY_ESTIMATE, **policy)
    assert check_plan(plan, cloud.observation, cloud.catalog, cloud.topology) == ()
    return plan


def swact_of(plan: Plan) -> Step:
    return plan.step("swact@controller-0")


def polled() -> Cloud:
    """The poller is stale on both controllers and on a compute."""
    cloud = pair(entry("poll"), active=giver(stale("poll")), standby=taker(stale("poll")))
    return cloud.host("compute-0", stale("poll"))


def test_one_step_cures_many() -> None:
    plan = planned(pair())
    assert ids(plan) == ["swact@controller-0"]
    swact = swact_of(plan)
    assert (swact.to_host, swact.cures, swact.after) == ("controller-1", CHAIN, ())
    assert swact.cost_s < swact.instead_s
    assert "starts the 3 stale services of controller-0 afresh on controller-1" in swact.reason
    assert "finished before" not in swact.reason
    told = omitted(plan)
    for name in CHAIN:
        assert told[f"{name}@controller-0"].startswith("cured by swact@controller-0: controller-1 ")
        assert "next start uses the installed code" in told[f"{name}@controller-1"]


def test_one_stale_service_is_told_as_one() -> None:
    here = giver()[0]
    only = (here[0], *(fresh(one.service, started_in_s=0.1) for one in here[1:]))
    plan = planned(pair(active=(only, giver()[1])), drain_s=30.0)
    swact = [one for one in plan.steps if one.cures]
    assert swact == [] or "starts the stale service" in swact[0].reason


def test_the_standby_comes_before_and_what_is_left_after() -> None:
    plan = planned(polled())
    assert ids(plan) == [
        "poll@controller-1",
        "poll@compute-0",
        "swact@controller-0",
        "poll@controller-0",
    ]
    assert precedes(plan, "poll@controller-1", "swact@controller-0")
    assert plan.step("poll@controller-0").after == ("swact@controller-0",)
    assert swact_of(plan).reason.endswith("is finished before it becomes active (law 4)")
    assert plan.makespan_s == plan.steps[-1].end_s
    assert 0 < plan.lower_bound_s < plan.makespan_s


def test_what_carries_the_traffic_is_last() -> None:
    front = entry("front", special_handling=(CarriesTraffic(),))
    cloud = pair(front, entry("poll"), active=giver(stale("poll")))
    plan = planned(cloud.host("compute-0", stale("front")))
    assert ids(plan) == ["swact@controller-0", "poll@controller-0", "front@compute-0"]
    assert plan.step("front@compute-0").after == ("poll@controller-0",)


def test_what_depends_on_it_and_was_moved_does_not_stop_with_what_is_left() -> None:
    base = entry("base", restart=turns("base").restart)
    first = turns("a", "base")
    plan = planned(pair(base, first, active=giver(stale("base")), standby=taker(fresh("base"))))
    assert ids(plan) == ["base@controller-0", "swact@controller-0"]
    late = entry("late", restart=turns("late").restart)
    plan = planned(
        pair(
            late,
            turns("d", "late"),
            active=giver(stale("late"), fresh("d")),
            standby=taker(stopped("d")),
        )
    )
    assert ids(plan) == ["swact@controller-0", "late@controller-0"]
    (told,) = [one for one in plan.forecast if one.entry == "late"]
    assert told.is_interrupted


def test_pauses_are_kept_over_the_swact() -> None:
    plan = planned(polled(), soak_s=40.0)
    late = plan.step("poll@controller-0")
    assert late.soak_s == 40.0
    assert late.start_s == pytest.approx(swact_of(plan).end_s + 40.0)
    assert swact_of(plan).soak_s == 0.0
    of_kind = planned(polled(), soak_s_of={"controller": 7.0}, parallel_hosts={"controller": 1})
    assert swact_of(of_kind).soak_s == 7.0
    assert swact_of(of_kind).start_s == pytest.approx(of_kind.step("poll@compute-0").end_s + 7.0)
    assert of_kind.step("poll@controller-0").soak_s == 7.0


def test_without_anything_before_it_nothing_rests() -> None:
    cloud = pair(entry("poll"), active=giver(stale("poll")))
    plan = planned(cloud, soak_s=40.0, soak_s_of={"controller": 7.0})
    assert swact_of(plan).start_s == 0.0
    assert plan.step("poll@controller-0").soak_s == 0.0


def test_starts_before_the_swact_count_after_it() -> None:
    cloud = pair(entry("x"), entry("poll"), active=giver(failed("x"), stale("poll")))
    limit = MaxStarts(count=1, within_s=100.0)
    plan = planned(cloud, max_starts=limit, revive_failed=True)
    assert ids(plan) == ["x@controller-0", "swact@controller-0", "poll@controller-0"]
    assert plan.step("poll@controller-0").start_s == pytest.approx(100.0)


def test_every_part_keeps_the_windows() -> None:
    windows = (Window(opens=10.0, closes=40.0), Window(opens=100.0, closes=130.0))
    plan = planned(polled(), windows=windows, starts_at=0.0)
    assert plan.step("poll@controller-1").start_s == 10.0
    for step in plan.steps:
        assert any(one.opens <= step.start_s and step.end_s <= one.closes for one in windows)  # type: ignore[operator]


def test_where_no_window_has_room_for_it_all_is_done_in_place() -> None:
    plan = planned(
        pair(), windows=(Window(opens=0.0, closes=8.0), Window(opens="01:00", closes="01:01"))
    )
    assert swact_of(plan).cures == CHAIN
    short = tuple(Window(opens=at, closes=at + 8.0) for at in (0.0, 100.0, 200.0))
    plan = planned(pair(), windows=short)
    assert ids(plan) == ["a@controller-0", "b@controller-0", "c@controller-0"]
    assert "but no window or budget has room for what comes before it" in plan.steps[0].reason


def test_what_users_notice_of_both_halves_is_one_line() -> None:
    plan = planned(polled())
    by_entry = {one.entry: one for one in plan.forecast}
    assert list(by_entry) == ["poll", "a", "b", "c"]
    poll, moved = by_entry["poll"], by_entry["a"]
    assert (poll.from_s, poll.until_s) == (0.0, plan.makespan_s)
    assert set(poll.hosts) == {"controller-1", "compute-0", "controller-0"}
    assert moved.is_interrupted
    assert (moved.from_s, moved.until_s) == (swact_of(plan).start_s, swact_of(plan).end_s)


def test_hosts_are_locked_at_the_end() -> None:
    cloud = pair(entry("x", in_service_patchable=False)).host("compute-0", stale("x"))
    plan = planned(cloud, allow_lock=True)
    assert ids(plan) == ["swact@controller-0", "lock@compute-0", "unlock@compute-0"]


def test_a_locked_standby_that_is_brought_back_first_takes_over() -> None:
    there = tuple(stopped(name) for name in CHAIN)
    cloud = pair(standby=taker(locked=True))
    plan = planned(cloud, unlock=("controller-1",))
    assert ids(plan) == ["unlock@controller-1", "swact@controller-0"]
    assert swact_of(plan).after == ("unlock@controller-1",)
    assert all(one.state is InstanceState.STOPPED for one in there)


def test_the_default_policy_restarts_in_place() -> None:
    plan = pair().plan(Policy())
    assert "but the policy has a swact for a lock alone (swact: for-locks)" in plan.steps[0].reason


def test_times_are_told_to_the_millisecond() -> None:
    old = tuple(stale(name, package=name, started_in_s=5.12345) for name in CHAIN)
    swact = swact_of(planned(pair(active=(old, giver()[1]))))
    # Three stops, three starts, and the stop of the manager's own round.
    assert swact.end_s == round(4 * 0.3 + 3 * 5.12345, 3)
    assert swact.cost_s == round(swact.cost_s, 3) != round(swact.cost_s, 2)
    assert swact.dwell_s == 0.0


def test_the_swact_waits_for_the_last_of_everything_before_it() -> None:
    names = [f"x{number}" for number in range(6)]
    cloud = pair(*map(entry, names), standby=taker(*map(stale, names)))
    plan = planned(cloud, parallel_services=6)
    assert swact_of(plan).after == tuple(f"{name}@controller-1" for name in names)


def test_what_comes_after_keeps_pause_and_window_at_once() -> None:
    windows = (Window(opens=0.0, closes=60.0), Window(opens=100.0, closes=200.0))
    cloud = pair(entry("poll"), active=giver(stale("poll")), standby=taker(stale("poll")))
    plan = planned(cloud, windows=windows, starts_at=0.0, soak_s=40.0)
    assert plan.step("poll@controller-0").start_s == 100.0


def test_of_several_pauses_the_longest_is_kept() -> None:
    base = entry("base", restart=turns("base").restart)
    cloud = pair(base, active=giver(fresh("base")), standby=taker(stale("base")))
    found = planned(cloud, soak_s=3.0, soak_s_of={"controller": 7.0, "worker": 50.0})
    assert swact_of(found).soak_s == 7.0


def test_pauses_of_other_kinds_of_hosts_do_not_count() -> None:
    plan = planned(polled(), soak_s_of={"controller": 7.0, "worker": 50.0})
    assert plan.step("poll@controller-0").soak_s == 7.0


def with_late(**policy: Any) -> Plan:
    """What is left on the old host takes along what it had moved, had that stayed."""
    late = entry("late", restart=turns("late").restart)
    return planned(
        pair(
            late,
            turns("d", "late"),
            active=giver(stale("late"), fresh("d")),
            standby=taker(stopped("d")),
        ),
        **policy,
    )


def test_what_has_moved_does_not_stop_with_what_is_left() -> None:
    plan = with_late()
    (moved,) = [one for one in plan.forecast if one.entry == "d"]
    assert moved.until_s == swact_of(plan).end_s
    assert plan.step("late@controller-0").end_s > moved.until_s


def test_what_takes_others_along_pauses_for_them() -> None:
    assert with_late(soak_s_of={"d": 9.0}).step("late@controller-0").soak_s == 9.0


def test_what_was_revived_before_counts_as_up_after() -> None:
    cloud = pair(entry("x"), active=giver(stale("x"))).host("compute-0", failed("x"))
    plan = planned(cloud, revive_failed=True)
    assert ids(plan) == ["x@compute-0", "swact@controller-0", "x@controller-0"]


def test_a_job_that_was_left_to_its_next_run_is_still_no_service_that_runs() -> None:
    barred = entry("y", in_service_patchable=False)
    cloud = pair(barred, entry("purge"))
    cloud.host("compute-0", stale("y"), job("purge")).host("compute-1", failed("purge"))
    plan = planned(cloud, allow_lock=True)
    assert "swact@controller-0" in ids(plan)
    assert ids(plan)[-2:] == ["lock@compute-0", "unlock@compute-0"]


def test_no_order_ends_before_the_standby_and_the_swact() -> None:
    cloud = pair(
        entry("poll"),
        entry("slow"),
        active=giver(stale("poll")),
        standby=taker(stale("poll"), stale("slow", started_in_s=3.0)),
    ).host("compute-0", stale("poll"))
    plan = planned(cloud, parallel_services=1)
    swact = swact_of(plan)
    work_s = sum(one.end_s - one.start_s for one in plan.steps if one.host == "controller-1")
    swact_s = swact.end_s - swact.start_s
    assert plan.lower_bound_s == pytest.approx(work_s + swact_s)
    two = planned(cloud, parallel_services=2).lower_bound_s
    assert two == pytest.approx(work_s / 2 + swact_s)
