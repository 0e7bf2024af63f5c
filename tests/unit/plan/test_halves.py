"""`insvc.plan.halves`: each need on the right side of a swact."""

from insvc.catalog.entry import AvoidTogether, Before, CarriesTraffic
from insvc.plan.halves import Halves, halve
from insvc.plan.needs import find_needs
from insvc.plan.policy import Policy
from tests.unit.plan.pair import CHAIN, chain, giver, pair, taker
from tests.unit.plan.sample import Cloud, entry, failed, job, stale

REVIVES = Policy(swact="by-estimate", revive_failed=True)
CURED = {f"{name}@controller-0" for name in CHAIN}


def divide(cloud: Cloud, *, carriers: tuple[str, ...] = (), locked: str = "") -> Halves | str:
    view = cloud.view()
    needs, _ = find_needs(view, REVIVES)
    return halve(view, needs, CURED, "controller-0", "controller-1", carriers, {locked})


def sides(cloud: Cloud, **more: str) -> tuple[list[str], list[str]]:
    found = divide(cloud, **more)  # type: ignore[arg-type]
    assert isinstance(found, Halves)
    return [one.id for one in found.first], [one.id for one in found.then]


def test_the_standby_first_and_what_is_left_on_the_other_after() -> None:
    cloud = pair(entry("x"), active=giver(stale("x")), standby=taker(stale("x")))
    assert sides(cloud.host("compute-0", stale("x"))) == (
        ["x@controller-1", "x@compute-0"],
        ["x@controller-0"],
    )


def test_what_is_cured_needs_comes_before_even_on_the_host_that_gives_up() -> None:
    cloud = pair(entry("x"), *chain(depends_on=("b", "x")), active=giver(stale("x")))
    assert sides(cloud) == (["x@controller-0"], [])


def test_a_rule_of_the_active_controller_counts_there_alone() -> None:
    rule = Before(entries=("c",), where="active-controller")
    first = entry("x", special_handling=(rule,))
    cloud = pair(first, active=giver(stale("x"))).host("compute-0", stale("x"))
    assert sides(cloud) == (["x@controller-0", "x@compute-0"], [])
    late = chain(special_handling=(Before(entries=("x",), where="active-controller"),))
    cloud = pair(entry("x"), *late, active=giver(stale("x")), standby=taker(stale("x")))
    assert sides(cloud.host("compute-0", stale("x"))) == (
        ["x@controller-1", "x@compute-0"],
        ["x@controller-0"],
    )


def test_what_needs_the_cured_comes_after_wherever_it_is() -> None:
    cloud = pair(entry("x", depends_on=("c",)), entry("y", depends_on=("x",)))
    cloud.host("compute-0", stale("x"), stale("y"))
    assert sides(cloud) == ([], ["x@compute-0", "y@compute-0"])


def test_what_needs_the_cured_on_the_standby_allows_no_swact() -> None:
    assert divide(pair(entry("x", depends_on=("c",)), standby=taker(stale("x")))) == "x"


def test_what_stands_between_two_cured_allows_no_swact() -> None:
    between = entry("x", depends_on=("a",))
    cloud = pair(between, *chain(depends_on=("b", "x")), active=giver(stale("x")))
    assert divide(cloud) == "x"


def test_what_carries_the_traffic_comes_after() -> None:
    front = entry("front", special_handling=(CarriesTraffic(),))
    cloud = pair(front).host("compute-0", stale("front"))
    assert sides(cloud) == ([], ["front@compute-0"])
    assert divide(pair(front, standby=taker(stale("front")))) == "front"
    named = pair(entry("x")).host("compute-0", stale("x"))
    assert sides(named) == (["x@compute-0"], [])
    by_policy = divide(named, carriers=("x",))
    assert isinstance(by_policy, Halves)
    assert [one.id for one in by_policy.then] == ["x@compute-0"]


def test_a_carrier_that_is_cured_is_no_reason() -> None:
    cloud = pair(*chain(special_handling=(CarriesTraffic(),)))
    assert sides(cloud) == ([], [])


def test_what_has_failed_comes_back_before_the_others() -> None:
    cloud = pair(entry("x"), active=giver(failed("x"))).host("compute-0", stale("x"))
    assert sides(cloud) == (["x@controller-0", "x@compute-0"], [])


def test_what_has_failed_and_needs_the_cured_drags_the_others_along() -> None:
    cloud = pair(entry("x", depends_on=("c",))).host("compute-0", failed("x"))
    cloud.host("compute-1", stale("x"))
    assert sides(cloud) == ([], ["x@compute-0", "x@compute-1"])


def test_what_is_left_drags_what_needs_it_along() -> None:
    cloud = pair(entry("x"), entry("y", depends_on=("x",)), active=giver(stale("x")))
    assert sides(cloud.host("compute-0", stale("y"))) == ([], ["x@controller-0", "y@compute-0"])
    on_standby = pair(
        entry("x"),
        entry("y", depends_on=("x",)),
        active=giver(stale("x")),
        standby=taker(stale("y")),
    )
    assert sides(on_standby) == (["x@controller-0", "y@controller-1"], [])


def test_jobs_come_first_and_locked_hosts_last() -> None:
    cloud = pair(entry("x"), entry("purge"), active=giver(job("purge")))
    cloud.host("compute-0", stale("x"), job("purge")).host("compute-1", stale("x"))
    assert sides(cloud, locked="compute-0") == (
        ["purge@controller-0", "purge@compute-0", "x@compute-1"],
        ["x@compute-0"],
    )


def test_what_avoids_the_cured_goes_on_one_side_of_the_swact() -> None:
    shy = entry("x", special_handling=(AvoidTogether(entries=("c",)),))
    cloud = pair(shy).host("compute-0", stale("x"))
    assert sides(cloud) == (["x@compute-0"], [])
    turned = entry("x", depends_on=("c",), special_handling=(AvoidTogether(entries=("c",)),))
    assert sides(pair(turned).host("compute-0", stale("x"))) == ([], ["x@compute-0"])


def test_a_job_needs_nothing_to_be_up_first() -> None:
    cloud = pair(entry("purge", depends_on=("c",)), standby=taker(job("purge")))
    assert sides(cloud) == (["purge@controller-1"], [])


def test_of_several_that_allow_no_swact_the_first_by_name_is_told() -> None:
    late = (entry("y", depends_on=("c",)), entry("x", depends_on=("c",)))
    early = entry("a0")
    cloud = pair(*late, early, standby=taker(*map(stale, ("y", "x", "a0"))))
    assert divide(cloud) == "x"


def test_what_may_come_back_on_the_active_host_late_holds_its_peers_back() -> None:
    shy = chain(special_handling=(AvoidTogether(entries=("x",)),))
    cloud = pair(*shy, entry("x"), active=giver(stale("x")))
    cloud.host("compute-0", failed("x")).host("compute-1", stale("x"))
    assert sides(cloud) == ([], ["x@controller-0", "x@compute-0", "x@compute-1"])
