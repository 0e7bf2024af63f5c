"""`insvc.plan.locking`: whose turn it is to leave service, and what a turn cures."""

import pytest

from insvc.errors import NeedsLock, PlanRefused
from insvc.model.words import Redundancy
from insvc.plan.locking import Locking, obstacles, plan_locking
from insvc.plan.needs import find_needs
from insvc.plan.policy import Policy
from tests.unit.plan.sample import Cloud, entry, failed, fresh, job, stale, stopped

ALLOWED = Policy(allow_lock=True, revive_failed=True)
BARRED = entry("x", in_service_patchable=False)


def locking(cloud: Cloud, policy: Policy = ALLOWED) -> Locking:
    view = cloud.view()
    needs, _ = find_needs(view, policy)
    return plan_locking(view, needs, policy)


def test_without_such_needs_nobody_leaves_service() -> None:
    found = locking(Cloud(entry("a")).host("compute-0", stale("a")), Policy())
    assert found.turns == ()
    assert [need.id for need in found.in_service] == ["a@compute-0"]


def test_workers_then_storage_in_their_order_then_standby_then_active() -> None:
    cloud = Cloud(BARRED)
    for name in ("controller-0", "controller-1", "storage-0", "compute-0"):
        cloud.host(name, stale("x"))
    found = locking(cloud)
    assert [turn.host for turn in found.turns] == [
        "storage-0",
        "compute-0",
        "controller-1",
        "controller-0",
    ]
    assert [turn.swact_to for turn in found.turns] == [None, None, None, "controller-1"]


def test_only_the_service_manager_outlives_a_lock() -> None:
    cloud = Cloud(BARRED, entry("sm", in_service_patchable=False))
    found = locking(cloud.host("controller-1", stale("x"), stale("sm")))
    (turn,) = found.turns
    assert [need.service for need in turn.because] == ["x", "sm"]
    assert [need.service for need in turn.restarts] == ["sm"]
    assert [one.service for one in found.cured] == ["x"]


def test_a_patchable_service_manager_is_restarted_within_the_turn_of_another() -> None:
    cloud = Cloud(BARRED, entry("sm"))
    (turn,) = locking(cloud.host("controller-1", stale("x"), stale("sm"))).turns
    assert [need.service for need in turn.restarts] == ["sm"]


def test_jobs_do_not_wait_for_a_turn_and_failures_are_cured_by_it() -> None:
    cloud = Cloud(BARRED, entry("purge"), entry("a"))
    found = locking(cloud.host("compute-0", stale("x"), job("purge"), failed("a")))
    assert [need.service for need in found.in_service] == ["purge"]
    assert [one.service for one in found.cured] == ["x", "a"]


def test_starting_what_has_failed_needs_no_lock() -> None:
    found = locking(Cloud(BARRED).host("compute-0", failed("x")), Policy(revive_failed=True))
    assert found.turns == ()


def test_every_need_that_bars_the_plan_is_named() -> None:
    cloud = Cloud(BARRED).host("compute-0", stale("x")).host("compute-1", stale("x"))
    with pytest.raises(NeedsLock) as fault:
        locking(cloud, Policy())
    assert fault.value.subject == "x@compute-0, x@compute-1"


def test_an_unreachable_standby_cannot_take_over() -> None:
    cloud = Cloud(BARRED).host("controller-0", stale("x"))
    with pytest.raises(PlanRefused, match="no unlocked standby"):
        locking(cloud.host("controller-1", reachable=False))


def test_a_lock_takes_everything_down_but_what_moves_or_rests() -> None:
    web = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)
    cloud = Cloud(BARRED, web, entry("a"), entry("b"))
    cloud.host("controller-0", stale("x"), fresh("web"), fresh("a"), failed("b"))
    cloud.host("controller-1", fresh("x"), failed("web"), failed("a"), fresh("b"))
    policy = Policy(allow_lock=True)
    found = obstacles(cloud.view(), locking(cloud, policy).turns, policy)
    assert [one.subject for one in found] == ["a@controller-0"]
    assert found[0].why.startswith("lock@controller-0 stops it, but taking a@controller-0 down")


@pytest.mark.parametrize(("count", "more"), [(4, False), (5, True)])
def test_four_that_need_a_lock_are_told_and_further_ones_counted(count: int, more: bool) -> None:
    cloud = Cloud(BARRED)
    for number in range(count):
        cloud.host(f"compute-{number}", stale("x"))
    with pytest.raises(NeedsLock) as fault:
        locking(cloud, Policy())
    told = fault.value.reason.partition("; these cannot hold together")[0]
    assert told.count(" runs replaced code") == 4
    assert told.endswith("; and 1 more") is more
    assert ("; and " in told) is more
    assert f"x@compute-{count - 1}" in fault.value.subject


def test_what_is_down_already_or_moves_away_is_not_stopped_by_a_lock() -> None:
    web = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)
    cloud = Cloud(BARRED, web, entry("b")).host(
        "controller-0", stale("x"), fresh("web"), failed("b")
    )
    cloud.host("controller-1", fresh("x"), stopped("web")).host("compute-0", failed("b"))
    policy = Policy(allow_lock=True)
    assert obstacles(cloud.view(), locking(cloud, policy).turns, policy) == []


def test_what_a_swact_moves_is_down_for_a_moment() -> None:
    web = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)
    cloud = Cloud(BARRED, web).host("controller-0", stale("x"), fresh("web"))
    cloud.host("controller-1", fresh("x"), stopped("web")).host("compute-0", failed("web"))
    policy = Policy(allow_lock=True)
    (one,) = obstacles(cloud.view(), locking(cloud, policy).turns, policy)
    assert one.why.startswith("swact@controller-0 moves it, but taking web@controller-0 down")


def test_a_lock_keeps_the_budget_of_a_failure_domain() -> None:
    cloud = Cloud(BARRED, entry("b"))
    cloud.host("compute-0", stale("x"), fresh("b"), failure_domain="east")
    cloud.host("compute-1", fresh("x"), failed("b"), failure_domain="east")
    cloud.host("compute-2", fresh("x"), fresh("b"))
    policy = Policy(allow_lock=True, max_unavailable=2, max_unavailable_per_domain=1)
    (one,) = obstacles(cloud.view(), locking(cloud, policy).turns, policy)
    assert "max_unavailable_per_domain 1 in east" in one.why


def test_without_a_peer_the_first_need_is_named() -> None:
    cloud = Cloud(BARRED, entry("y", in_service_patchable=False))
    with pytest.raises(PlanRefused) as fault:
        locking(cloud.host("controller-0", stale("x"), stale("y")))
    assert fault.value.subject == "x@controller-0"


def test_the_manager_is_revived_before_it_carries_out_a_lock() -> None:
    cloud = Cloud(BARRED, entry("sm")).host("compute-0", stale("x"), failed("sm"))
    chosen = locking(cloud, Policy(allow_lock=True, revive_failed=True))
    assert [need.id for need in chosen.in_service] == ["sm@compute-0"]
