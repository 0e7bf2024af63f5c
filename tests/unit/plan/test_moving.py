"""`insvc.plan.moving`: a swact where it costs less, and why not elsewhere."""

from typing import Any

import pytest

from insvc.model.words import Redundancy, Role
from insvc.plan.history import Measured
from insvc.plan.host_durations import swact_cost_s
from insvc.plan.moving import Scales, Weighed, weigh
from insvc.plan.needs import find_needs
from insvc.plan.policy import Policy
from insvc.plan.view import make_view
from insvc.plan.waves import outages_s
from tests.unit.plan.pair import BY_ESTIMATE, giver, pair, taker, turns
from tests.unit.plan.sample import Cloud, entry, failed, fresh, job, stale, stopped


def weighed(cloud: Cloud, policy: Policy = BY_ESTIMATE) -> Weighed:
    view = cloud.view()
    needs, _ = find_needs(view, policy)
    return weigh(view, needs, policy)


def hindrance(cloud: Cloud, policy: Policy = BY_ESTIMATE) -> str:
    found = weighed(cloud, policy)
    assert found.move is None
    scales = found.scales["controller-0"]
    assert scales.in_place_s > scales.swact_s
    return scales.hindrance


def test_where_it_costs_less_a_swact_is_chosen() -> None:
    move = weighed(pair()).move
    assert move is not None
    assert (move.host, move.to_host) == ("controller-0", "controller-1")
    assert [need.service for need in move.cured] == ["a", "b", "c"]
    assert move.in_place_s > move.swact_s
    assert (move.first, move.then) == ((), ())


def test_what_either_way_costs_is_added_up_over_services() -> None:
    view = pair().view()
    move = weighed(pair()).move
    assert move is not None
    assert move.swact_s == pytest.approx(swact_cost_s(view, "controller-0"))
    services = view.seen["controller-0"].instances
    all_three, two = outages_s(view, services), outages_s(view, services[1:])
    along = all_three["b"] + all_three["c"] + two["c"]
    assert move.in_place_s == pytest.approx(3 * 5.3 + along)


def test_a_drain_makes_restarts_in_place_dearer() -> None:
    plain, slow = weighed(pair()).move, weighed(pair(), Policy(swact="by-estimate", drain_s=9)).move
    assert plain is not None
    assert slow is not None
    assert slow.in_place_s == pytest.approx(plain.in_place_s + 3.0)
    assert slow.swact_s == plain.swact_s


def test_where_it_costs_more_it_is_no_swact_and_nothing_hinders() -> None:
    still = tuple(fresh(f"x{number}", started_in_s=9.0) for number in range(3))
    others = [turns(one.service) for one in still]
    rest = taker(*(stopped(one.service) for one in still))
    found = weighed(pair(*others, active=giver(*still), standby=rest))
    assert found.move is None
    scales = found.scales["controller-0"]
    assert scales.hindrance == ""
    assert scales.swact_s > scales.in_place_s


def test_only_what_takes_turns_is_weighed() -> None:
    cloud = pair(entry("poll"), active=((stale("poll"),), {}))
    assert weighed(cloud) == Weighed()


def test_careful_policies_have_it_for_locks_alone() -> None:
    assert hindrance(pair(), Policy()).startswith("the policy has a swact for a lock alone")


@pytest.mark.parametrize(
    "fields", [{"reachable": False}, {"locked": True}, {"role": Role.ACTIVE}, {"role": None}]
)
def test_somebody_must_be_able_to_take_over(fields: dict[str, Any]) -> None:
    found = hindrance(pair(standby=taker(**fields)))
    assert found == "no unlocked standby controller in reach can take over"


@pytest.mark.parametrize("fields", [{"locked": True}, {"role": None}])
def test_who_is_locked_or_has_no_activity_gives_none(fields: dict[str, Any]) -> None:
    found = hindrance(pair(active=giver(**fields)))
    assert found == "no unlocked standby controller in reach can take over"


def test_other_code_on_the_standby_hinders() -> None:
    old = taker(packages={"a": "2", "b": "1", "c": "2"})
    assert hindrance(pair(standby=old)) == "controller-1 has b 1 and controller-0 has 2"


def test_a_lock_of_either_controller_decides_about_the_swact() -> None:
    barred = entry("x", in_service_patchable=False)
    policy = Policy(swact="by-estimate", allow_lock=True)
    found = hindrance(pair(barred, standby=taker(stale("x"))), policy)
    assert found == "x@controller-1 wants its host locked, and that decides about the swact"
    elsewhere = pair(barred).host("compute-0", stale("x"))
    move = weighed(elsewhere, policy).move
    assert move is not None
    assert [need.id for need in move.then] == ["x@compute-0"]


def test_a_member_that_is_down_elsewhere_hinders() -> None:
    cloud = pair().host("compute-0", failed("a"))
    assert "a@compute-0 is failed" in hindrance(cloud)
    far = pair().host("compute-0", failed("a"), failure_domain="east")
    policy = Policy(swact="by-estimate", max_unavailable=2, max_unavailable_per_domain=1)
    assert weighed(far, policy).move is not None


def test_a_full_failure_domain_hinders() -> None:
    here, of_here = giver()
    cloud = pair(active=(here, {**of_here, "failure_domain": "east"}))
    cloud.host("compute-0", failed("a"), failure_domain="east")
    policy = Policy(swact="by-estimate", max_unavailable=2, max_unavailable_per_domain=1)
    assert "max_unavailable_per_domain 1 in east" in hindrance(cloud, policy)


def test_an_order_that_allows_none_hinders() -> None:
    after = entry("x", depends_on=("c",))
    cloud = pair(after, standby=taker(stale("x")))
    assert hindrance(cloud) == "x has to be restarted before it and after it"


def test_what_is_left_comes_after_and_the_rest_before() -> None:
    cloud = pair(
        entry("poll"),
        entry("purge"),
        active=giver(stale("poll"), job("purge")),
        standby=taker(stale("poll")),
    ).host("compute-0", stale("poll"))
    move = weighed(cloud).move
    assert move is not None
    assert [need.id for need in move.first] == [
        "purge@controller-0",
        "poll@controller-1",
        "poll@compute-0",
    ]
    assert [need.id for need in move.then] == ["poll@controller-0"]


def test_an_instance_that_is_revived_is_not_cured_by_it() -> None:
    cloud = pair(turns("d"), active=giver(failed("d")), standby=taker(stopped("d")))
    found = hindrance(cloud, Policy(swact="by-estimate", revive_failed=True))
    assert found.startswith("d@controller-0 is failed")


def test_at_equal_cost_it_is_done_in_place() -> None:
    here = (stale("a", package="a"),)
    cloud = pair(active=(here, {"packages": {"a": "2"}}))
    equal = Measured(outage_s=5.0, took_s=6.0, runs=1)
    history = {"a": equal, "swact": equal}
    view = make_view(cloud.observation, cloud.catalog, cloud.topology, history)
    needs, _ = find_needs(view, BY_ESTIMATE)
    found = weigh(view, needs, BY_ESTIMATE)
    assert found == Weighed(scales={"controller-0": Scales(swact_s=5.0, in_place_s=5.0)})


def test_what_takes_nothing_along_costs_its_own_outage() -> None:
    quiet = entry("quiet", redundancy=Redundancy.ACTIVE_STANDBY)
    plain = weighed(pair()).move
    more = pair(quiet, active=giver(stale("quiet", package="a")), standby=taker(stopped("quiet")))
    found = weighed(more).move
    assert plain is not None
    assert found is not None
    assert found.in_place_s == pytest.approx(plain.in_place_s + 1.3)
