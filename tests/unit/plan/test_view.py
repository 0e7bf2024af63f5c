"""`insvc.plan.view`: who has what, who is active, and what cannot be planned from."""

import pytest

from insvc.catalog.entry import Service
from insvc.errors import InputError, UnknownName
from insvc.model.observation import HostObservation
from insvc.model.words import Personality, Redundancy
from tests.unit.plan.sample import Cloud, entry, failed, fresh


def test_a_host_that_the_topology_lacks_is_named() -> None:
    cloud = Cloud().host("compute-0")
    cloud.seen.append(HostObservation(host="compute-9"))
    with pytest.raises(UnknownName) as fault:
        cloud.view()
    assert fault.value.subject == "compute-9"


def test_every_host_that_was_not_observed_is_named() -> None:
    cloud = Cloud().host("compute-0").host("compute-1").host("compute-2")
    del cloud.seen[1:]
    with pytest.raises(InputError) as fault:
        cloud.view()
    assert fault.value.subject == "compute-1, compute-2"


def test_a_host_observed_twice_is_refused() -> None:
    cloud = Cloud().host("compute-0")
    cloud.seen *= 2
    with pytest.raises(InputError, match="observed twice"):
        cloud.view()


def test_an_instance_observed_twice_is_refused() -> None:
    with pytest.raises(InputError) as fault:
        Cloud().host("compute-0", fresh("a"), fresh("b"), fresh("a")).view()
    assert fault.value.subject == "a@compute-0"


def test_an_unreachable_host_has_what_belongs_on_its_personality() -> None:
    elsewhere = Service(name="b2", runs_on=(Personality.STORAGE,))
    cloud = Cloud(
        entry("a", runs_on=(Personality.WORKER,)),
        entry("b", runs_on=(Personality.WORKER,), services=(Service(name="b"), elsewhere)),
    ).host("compute-0", reachable=False)
    view = cloud.view()
    assert sorted(view.members) == ["a", "b"]
    (member,) = view.members["a"]
    assert not member.is_up
    assert member.state == "unreachable"


def test_members_come_in_the_order_of_the_topology() -> None:
    cloud = Cloud(entry("a")).host("compute-1", fresh("a")).host("compute-0", failed("a"))
    cloud.seen.reverse()
    members = cloud.view().members["a"]
    assert [(one.host, one.is_up, one.state) for one in members] == [
        ("compute-1", True, "running"),
        ("compute-0", False, "failed"),
    ]


def test_the_observed_role_says_who_is_active() -> None:
    view = Cloud().host("controller-0").host("controller-1").host("compute-0").view()
    assert view.active == {"controller-0"}
    assert view.is_standby("controller-1")
    assert not view.is_standby("compute-0")


def test_controllers_without_roles_are_all_active() -> None:
    view = Cloud().host("controller-0", role=None).host("compute-0").view()
    assert view.active == {"controller-0"}


def test_of_a_service_that_no_catalog_knows_each_host_counts() -> None:
    view = Cloud().host("compute-0", fresh("stranger")).view()
    assert view.redundancy("stranger") is Redundancy.PER_HOST
    assert view.entries == {}


def test_the_first_entry_owns_a_service_that_two_claim() -> None:
    view = Cloud(entry("a", "x"), entry("b", "x")).host("compute-0", fresh("x")).view()
    assert view.entries["x"].name == "a"


def test_the_order_of_the_reports_does_not_matter() -> None:
    cloud = Cloud(entry("b", "b1", "b2"), entry("a"))
    cloud.host("compute-0", fresh("z"), fresh("a"), fresh("b2"), fresh("y"), fresh("b1"))
    cloud.host("compute-1", fresh("b1"), fresh("a"), fresh("z"))
    cloud.seen.reverse()
    view = cloud.view()
    assert list(view.seen) == ["compute-0", "compute-1"]
    services = [one.service for one in view.seen["compute-0"].instances]
    assert services == ["b1", "b2", "a", "y", "z"]
    assert view.seen["compute-1"] is cloud.seen[0]


def test_two_instances_in_another_order_are_put_into_the_catalogs() -> None:
    view = Cloud(entry("a"), entry("b")).host("compute-0", fresh("b"), fresh("a")).view()
    assert [one.service for one in view.seen["compute-0"].instances] == ["a", "b"]
