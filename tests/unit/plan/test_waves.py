"""`insvc.plan.waves`: what stops and starts together does so along its dependencies."""

import pytest

from insvc.catalog.entry import GracefulWindow, Service
from insvc.model.act import DrainRule
from insvc.plan.durations import STOP_S
from insvc.plan.waves import longest_s, outages_s, up_s
from tests.unit.plan.sample import Cloud, entry, fresh

CHAIN = (entry("a"), entry("b", depends_on=("a",)), entry("c", depends_on=("b",)), entry("d"))


def test_each_is_up_once_what_it_needs_is() -> None:
    view = Cloud(*CHAIN).host("compute-0", *map(fresh, "abcd")).view()
    took_s = {"c": 1.0, "b": 2.0, "a": 4.0, "d": 5.0, "stranger": 3.0}
    assert up_s(view, took_s) == {"c": 7.0, "b": 6.0, "a": 4.0, "d": 5.0, "stranger": 3.0}
    assert longest_s(view, took_s) == 7.0
    assert longest_s(view, {}) == 0.0


def test_an_entry_is_up_when_its_slowest_service_is() -> None:
    cloud = Cloud(entry("a", "a1", "a2"), entry("b", depends_on=("a",)))
    view = cloud.host("compute-0", fresh("a1"), fresh("a2"), fresh("b")).view()
    assert up_s(view, {"a1": 1.0, "a2": 3.0, "b": 1.0}) == {"a1": 1.0, "a2": 3.0, "b": 4.0}


def test_who_is_needed_stops_last_and_is_back_first() -> None:
    services = [fresh(name, started_in_s=2.0) for name in "abcd"]
    view = Cloud(*CHAIN).host("compute-0", *services).view()
    found = outages_s(view, services)
    assert found["a"] == pytest.approx(STOP_S + 2.0)
    assert found["b"] == pytest.approx(2 * STOP_S + 4.0)
    assert found["c"] == pytest.approx(3 * STOP_S + 6.0)
    # It stops at once and starts only when all is stopped.
    assert found["d"] == pytest.approx(3 * STOP_S + 2.0)


def test_a_drain_holds_all_of_them_up() -> None:
    graceful = entry("a", special_handling=(GracefulWindow(timeout_s=30.0),))
    own = entry("b", services=(Service(name="b", drain=DrainRule(timeout_s=0.5)),))
    services = [fresh(name, started_in_s=2.0) for name in "ab"]
    view = Cloud(graceful, own).host("compute-0", *services).view()
    found = outages_s(view, services)
    assert found["b"] == pytest.approx(found["a"]) == pytest.approx(STOP_S + 1.0 + 2.0)


def test_starts_that_were_never_measured_are_slower_together() -> None:
    guessed = [fresh(name, started_in_s=None) for name in "ad"]
    view = Cloud(*CHAIN).host("compute-0", *guessed).view()
    assert outages_s(view, guessed)["d"] == pytest.approx(STOP_S + 5.0 + 2 * 0.05)
    assert outages_s(view, [fresh("d")])["d"] == pytest.approx(STOP_S + 1.0)


def test_a_circle_of_dependencies_ends() -> None:
    cloud = Cloud(entry("a", depends_on=("b",)), entry("b", depends_on=("a",)))
    view = cloud.host("compute-0", fresh("a"), fresh("b"), fresh("stranger")).view()
    assert longest_s(view, {"a": 1.0, "b": 1.0, "stranger": 0.5}) == 2.0


def test_nothing_moved_costs_nothing() -> None:
    assert outages_s(Cloud(*CHAIN).host("compute-0").view(), ()) == {}
