"""`insvc.check.cures`: a swact that cures, by leave, with the installed code, for less."""

from dataclasses import replace
from typing import Any

import pytest

from insvc.catalog.entry import Before, ClearSessions, ReapOrphans
from insvc.check.violation import Violation
from insvc.model.observation import Instance
from insvc.model.words import InstanceState
from insvc.plan.plan import Plan
from tests.unit.check.sample import change, codes, found, only, without
from tests.unit.plan.pair import BY_ESTIMATE, NEW, chain, giver, pair, taker
from tests.unit.plan.sample import Cloud, entry, fresh, stale, stopped

SWACT = "swact@controller-0"


def planned(cloud: Cloud) -> Plan:
    plan = cloud.plan(BY_ESTIMATE)
    assert plan.step(SWACT).cures
    assert codes(cloud, plan) == set()
    return plan


def judged(**fields: Any) -> str:
    """What is wrong once the swact of an honest plan is otherwise."""
    cloud = pair()
    return str(only(cloud, change(planned(cloud), SWACT, **fields)))


def seen_otherwise(cloud: Cloud) -> str:
    """What is wrong with an honest plan where that was seen instead."""
    return str(only(cloud, planned(pair())))


def test_it_costs_less_than_restarts_in_place() -> None:
    cost_s = planned(pair()).step(SWACT).cost_s
    told = judged(instead_s=cost_s)
    assert told.startswith(f"law.4 {SWACT}: costs {cost_s} s and restarts in place {cost_s} s")


@pytest.mark.parametrize("cost_s", [1.0, 60.0])
def test_what_it_costs_fits_what_it_moves(cost_s: float) -> None:
    assert "moves 3 services, each out for" in judged(cost_s=cost_s, instead_s=99.0)


def test_the_limits_of_what_it_can_cost_belong_to_it() -> None:
    cloud = pair()
    plan = planned(cloud)
    longest_s = plan.step(SWACT).expected_outage_s
    for cost_s in (longest_s, 3 * longest_s):
        assert codes(cloud, change(plan, SWACT, cost_s=cost_s, instead_s=99.0)) == set()


def test_it_needs_leave() -> None:
    cloud = pair()
    plan = planned(cloud)
    careful = replace(plan, policy=replace(plan.policy, swact="for-locks"))
    assert "has a swact for a lock alone (law 4)" in str(only(cloud, careful))


@pytest.mark.parametrize(
    ("packages", "words"),
    [
        ({**NEW, "b": "1"}, "with version 1 of its package, but 2 is installed on controller-0"),
        ({"a": "2", "c": "2"}, "with version unknown of its package, but 2 is installed"),
    ],
)
def test_the_standby_has_the_installed_code(packages: dict[str, str], words: str) -> None:
    told = seen_otherwise(pair(standby=taker(packages=packages)))
    assert told.startswith("law.9")
    assert words in told


def test_what_is_installed_on_the_active_host_is_known() -> None:
    cloud = pair(active=giver(packages={"a": "2", "c": "2"}))
    assert "but an unknown one is installed on controller-0" in seen_otherwise(cloud)


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (Instance(service="c", state=InstanceState.FAILED), "c@controller-1 is failed"),
        (None, "c@controller-1 is not there"),
    ],
)
def test_the_standby_has_it_at_rest(there: Instance | None, words: str) -> None:
    instances = (stopped("a"), stopped("b"), *([there] if there else []))
    told = {str(one) for one in found_in(pair(standby=(instances, {"packages": NEW})))}
    assert f"law.4 {SWACT}: {words}, so controller-1 cannot take it over (law 4)" in told


def found_in(cloud: Cloud) -> list[Violation]:
    return found(cloud, planned(pair()))


def test_what_it_cures_is_moved_by_it() -> None:
    cloud = pair(entry("poll"), active=giver(fresh("poll")))
    plan = planned(cloud)
    for name in ("poll", "stranger"):
        mutant = change(plan, SWACT, cures=(*plan.step(SWACT).cures, name))
        assert "law.9" in codes(cloud, mutant)


def test_what_is_not_patchable_in_service_is_not_cured_by_a_swact_alone() -> None:
    barred = pair(*chain(in_service_patchable=False))
    assert "law.1" in codes(barred, planned(pair()))


@pytest.mark.parametrize("rule", [ClearSessions(path="/x"), ReapOrphans(match="x", of="c")])
def test_what_wants_more_than_a_start_is_not_cured(rule: ClearSessions | ReapOrphans) -> None:
    told = seen_otherwise(pair(*chain(special_handling=(rule,))))
    assert told.startswith("law.8")


def test_orphans_of_others_do_not_matter() -> None:
    cloud = pair(*chain(special_handling=(ReapOrphans(match="x", of="other"),)))
    assert codes(cloud, planned(pair())) == set()


def test_what_it_cures_is_stale() -> None:
    here = (*giver()[0][:2], fresh("c", package="c", started_in_s=5.0))
    cloud = pair(active=(here, {"packages": NEW}))
    told = {str(one) for one in found_in(cloud)}
    assert f"law.9 {SWACT}: is to cure c, which is running and current (law 9)" in told


def test_a_swact_that_cures_less_leaves_something_stale() -> None:
    cloud = pair()
    plan = planned(cloud)
    mutant = change(plan, SWACT, cures=plan.step(SWACT).cures[:2])
    told = str(only(cloud, mutant))
    assert told.startswith("law.9 c@controller-0: runs replaced code and no step cures it")
    assert "law.9" in codes(cloud, without(plan, SWACT))


def test_what_goes_before_the_cured_goes_before_the_swact() -> None:
    first = entry("x", special_handling=(Before(entries=("c",)),))
    cloud = pair(first, active=giver(stale("x")))
    plan = planned(cloud)
    turned = change(change(plan, "x@controller-0", after=(SWACT,)), SWACT, after=())
    told = str(only(cloud, turned))
    assert told == (
        f"law.3 {SWACT}: may start before x@controller-0 has ended, but x goes before c (law 3)"
    )


def test_what_needs_the_cured_waits_for_the_swact() -> None:
    cloud = pair(entry("x", depends_on=("c",))).host("compute-0", stale("x"))
    mutant = change(planned(cloud), "x@compute-0", after=())
    assert codes(cloud, mutant) == {"law.3"}
