"""`insvc.plan.precedence`: which entries come before which."""

import pytest

from insvc.catalog.entry import AvoidTogether, Before, CarriesTraffic, Catalog
from insvc.errors import PlanRefused
from insvc.plan.needs import find_needs
from insvc.plan.policy import Policy
from insvc.plan.precedence import (
    Precedence,
    Scope,
    dependants,
    dependencies,
    order_entries,
    resolve,
)
from tests.unit.plan.sample import Cloud, entry, fresh, stale, stopped


def ordered(cloud: Cloud) -> Precedence:
    view = cloud.view()
    needs, _ = find_needs(view, Policy())
    return order_entries(view, needs)


def test_without_rules_the_order_is_the_catalogs() -> None:
    cloud = Cloud(entry("b"), entry("a"), entry("c")).host("compute-0", stale("a"), stale("b"))
    found = ordered(cloud)
    assert found.rank == {"b": 0, "a": 1}
    assert found.gates == ()


def test_dependencies_reach_through_others_and_round_circles() -> None:
    catalog = Catalog(
        entries=(
            entry("a", depends_on=("b", "nobody")),
            entry("b", depends_on=("c", "a")),
            entry("c", depends_on=("b",)),
        )
    )
    assert list(dependencies(catalog.entries[0], catalog)) == ["b", "c"]


def test_dependencies_are_told_nearest_first() -> None:
    catalog = Catalog(
        entries=(
            entry("a", depends_on=("b", "c")),
            entry("b", depends_on=("d",)),
            entry("c", depends_on=("e",)),
            entry("d"),
            entry("e"),
        )
    )
    assert list(dependencies(catalog.entries[0], catalog)) == ["b", "c", "d", "e"]


def test_an_entry_is_found_by_one_of_its_services() -> None:
    catalog = Catalog(entries=(entry("a", "a-api"),))
    assert resolve("a-api", catalog) is catalog.entries[0]
    assert resolve("nobody", catalog) is None


def test_a_rule_about_what_has_no_step_costs_nothing() -> None:
    rules = (Before(entries=("b", "a", "nobody")), AvoidTogether(entries=("b",)))
    cloud = Cloud(entry("a", special_handling=rules), entry("b"))
    assert ordered(cloud.host("controller-0", stale("a"))).gates == ()


def test_before_there_only_needs_both_there() -> None:
    rule = Before(entries=("b",), where="active-controller")
    cloud = Cloud(entry("a", special_handling=(rule,)), entry("b"))
    cloud.host("controller-0", stale("a")).host("controller-1", stale("a"), stale("b"))
    assert ordered(cloud).gates == ()


def test_what_has_no_step_on_an_active_host_need_not_be_avoided_there() -> None:
    cloud = Cloud(entry("b"), entry("a", special_handling=(AvoidTogether(entries=("b",)),)))
    cloud.host("controller-0", stale("a")).host("controller-1", stale("b"))
    found = ordered(cloud)
    assert found.gates == ()
    assert found.rank == {"b": 0, "a": 1}


def test_each_rule_has_its_scope() -> None:
    rules = (
        Before(entries=("b",)),
        Before(entries=("c",), where="active-controller"),
        AvoidTogether(entries=("d",)),
    )
    cloud = Cloud(entry("a", special_handling=rules), *map(entry, "bcd"))
    cloud.host("controller-0", *map(stale, "abcd"))
    assert [(gate.then, gate.scope) for gate in ordered(cloud).gates] == [
        ("b", Scope.EVERYWHERE),
        ("c", Scope.SAME_HOST),
        ("d", Scope.ONTO_ACTIVE),
    ]


def test_avoiding_is_turned_where_another_way_leads_round() -> None:
    cloud = Cloud(
        entry("a", depends_on=("b", "c"), special_handling=(AvoidTogether(entries=("d",)),)),
        entry("b", depends_on=("d",)),
        entry("c", depends_on=("d",)),
        entry("d"),
    ).host("controller-0", *map(stale, "abcd"))
    turned = [gate for gate in ordered(cloud).gates if gate.scope is Scope.FROM_ACTIVE]
    assert [(gate.first, gate.then) for gate in turned] == [("d", "a")]


def test_avoiding_is_not_turned_by_what_leads_to_it_from_elsewhere() -> None:
    cloud = Cloud(
        entry("a", depends_on=("b",), special_handling=(AvoidTogether(entries=("d",)),)),
        entry("b"),
        entry("c", depends_on=("d",)),
        entry("d"),
    ).host("controller-0", *map(stale, "abcd"))
    kept = [gate for gate in ordered(cloud).gates if gate.scope is Scope.ONTO_ACTIVE]
    assert [(gate.first, gate.then) for gate in kept] == [("a", "d")]


def test_a_circle_beside_what_is_to_be_avoided_is_told_all_the_same() -> None:
    cloud = Cloud(
        entry("a", special_handling=(AvoidTogether(entries=("b",)),)),
        entry("b", special_handling=(Before(entries=("c",)),)),
        entry("c", special_handling=(Before(entries=("b",)),)),
    ).host("controller-0", *map(stale, "abc"))
    with pytest.raises(PlanRefused, match="contradict one another"):
        ordered(cloud)


def test_nobody_waits_for_the_restart_of_what_carries_the_traffic() -> None:
    cloud = Cloud(
        entry("proxy", special_handling=(CarriesTraffic(),)), entry("a", depends_on=("proxy",))
    ).host("compute-0", stale("proxy"), stale("a"))
    found = ordered(cloud)
    assert found.gates == ()
    assert found.last == {"proxy"}
    assert found.rank == {"a": 0, "proxy": 1}


def test_a_rule_that_wants_the_traffic_first_contradicts_law_seven() -> None:
    rules = (CarriesTraffic(), Before(entries=("a",)))
    cloud = Cloud(entry("proxy", special_handling=rules), entry("a"))
    with pytest.raises(PlanRefused, match="proxy carries the traffic"):
        ordered(cloud.host("compute-0", stale("proxy"), stale("a")))


def test_a_circle_is_told_without_what_leads_to_it() -> None:
    cloud = Cloud(
        entry("lead", depends_on=("a",)),
        entry("a", depends_on=("b",)),
        entry("b", special_handling=(Before(entries=("b2",)),)),
        entry("b2", special_handling=(Before(entries=("b",)),)),
    ).host("compute-0", *map(stale, ("lead", "a", "b", "b2")))
    with pytest.raises(PlanRefused) as fault:
        ordered(cloud)
    assert "lead" not in fault.value.subject
    assert set(fault.value.subject.split(" -> ")) == {"b", "b2"}


def test_a_circle_is_told_in_the_direction_of_its_rules() -> None:
    names = {"a": "b", "b": "c", "c": "a"}
    cloud = Cloud(
        *(entry(one, special_handling=(Before(entries=(two,)),)) for one, two in names.items())
    ).host("compute-0", *map(stale, names))
    with pytest.raises(PlanRefused) as fault:
        ordered(cloud)
    assert fault.value.subject == "a -> b -> c -> a"
    told = "a before b (law 3); b before c (law 3); c before a (law 3); these cannot hold together"
    assert told in fault.value.reason


def test_avoiding_keeps_its_way_where_no_way_leads_round() -> None:
    cloud = Cloud(
        entry("a", special_handling=(AvoidTogether(entries=("d",)),)),
        entry("b", depends_on=("d",)),
        entry("c", depends_on=("d",)),
        entry("e", depends_on=("b", "c")),
        entry("d"),
    ).host("controller-0", *map(stale, "abcde"))
    kept = [gate for gate in ordered(cloud).gates if gate.scope is Scope.ONTO_ACTIVE]
    assert [(gate.first, gate.then) for gate in kept] == [("a", "d")]


def test_dependants_are_those_that_run_there() -> None:
    a, b, c = entry("a"), entry("b", depends_on=("a",)), entry("c", depends_on=("b",))
    cloud = Cloud(a, b, c).host("compute-0", fresh("a"), fresh("c"), stopped("b"), fresh("x"))
    assert dependants(cloud.view(), "compute-0", a) == ("c",)
    assert dependants(cloud.view(), "compute-0", c) == ()


def test_the_policy_may_name_what_carries_the_traffic_here() -> None:
    cloud = Cloud(entry("bus", "rabbit"), entry("z", depends_on=("bus",)))
    cloud.host("compute-0", stale("rabbit"), stale("z")).host("compute-1", stale("rabbit"))
    plan = cloud.plan(carries_traffic=("rabbit",), max_unavailable=2)
    assert [step.service for step in plan.steps] == ["z", "rabbit", "rabbit"]
    assert "goes last (law 7)" in plan.steps[1].reason


def test_avoiding_is_turned_by_any_one_of_several_ways_round() -> None:
    cloud = Cloud(
        entry("a", depends_on=("b",), special_handling=(AvoidTogether(entries=("d",)),)),
        entry("b", depends_on=("d",)),
        entry("c", depends_on=("d",)),
        entry("d"),
    ).host("controller-0", *map(stale, "abcd"))
    turned = [gate for gate in ordered(cloud).gates if gate.scope is Scope.FROM_ACTIVE]
    assert [(gate.first, gate.then) for gate in turned] == [("d", "a")]


def test_of_several_to_be_avoided_each_is_looked_at() -> None:
    cloud = Cloud(
        entry("a", special_handling=(AvoidTogether(entries=("b", "c")),)), entry("b"), entry("c")
    )
    cloud.host("controller-0", stale("a"), stale("c")).host("controller-1", stale("b"))
    assert [(gate.first, gate.then) for gate in ordered(cloud).gates] == [("a", "c")]
