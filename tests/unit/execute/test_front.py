"""`insvc.execute.front`: which services show what a host act costs, and when they are out."""

import pytest

from insvc.catalog.entry import CarriesTraffic, Catalog, Entry, Probe, Service
from insvc.execute.front import MOST, Interval, find_fronts, together
from insvc.model.observation import HostObservation
from insvc.model.words import Redundancy, Role
from tests.unit.plan.sample import Cloud, entry, fresh, stopped

ALONE = Redundancy.ACTIVE_STANDBY


def alone(name: str, **more: object) -> Entry:
    return entry(name, redundancy=ALONE, **more)


def pair(*entries: Entry) -> tuple[tuple[HostObservation, ...], Catalog]:
    """Two controllers: the first active, and everything ready to move to the second."""
    names = [one.name for one in entries]
    cloud = Cloud(*entries)
    cloud.host("controller-0", *(fresh(one, endpoint=f"10.0.0.1:{one}") for one in names))
    cloud.host("controller-1", *(stopped(one, endpoint=f"10.0.0.2:{one}") for one in names))
    return tuple(cloud.seen), cloud.catalog


def test_a_service_is_asked_where_it_is_and_where_it_may_move_to() -> None:
    hosts, catalog = pair(alone("a"))
    (front,) = find_fronts(hosts, catalog)
    assert (front.service, front.endpoints) == ("a", ("10.0.0.1:a", "10.0.0.2:a"))


def test_the_place_on_the_active_host_comes_first_wherever_that_host_is_listed() -> None:
    hosts, catalog = pair(alone("a"))
    (front,) = find_fronts(hosts[::-1], catalog)
    assert front.endpoints == ("10.0.0.1:a", "10.0.0.2:a")


def test_what_carries_traffic_comes_first_then_what_most_depend_on() -> None:
    carries = alone("z", special_handling=(CarriesTraffic(),))
    hosts, catalog = pair(
        *(alone(name, depends_on=("base",)) for name in ("a", "b", "c")), alone("base"), carries
    )
    found = [one.service for one in find_fronts(hosts, catalog)]
    assert found == ["z", "base", "a", "b"]
    assert len(found) == MOST


def test_what_stays_or_cannot_be_asked_is_left_out() -> None:
    cloud = Cloud(alone("a"), alone("b"), entry("c"))
    cloud.host(
        "controller-0",
        fresh("a"),
        stopped("b", endpoint="x:1"),
        fresh("c", endpoint="x:2"),
        fresh("stranger", endpoint="x:3"),
    )
    assert find_fronts(cloud.seen, cloud.catalog) == ()


def test_without_an_active_host_nobody_is_asked() -> None:
    hosts, catalog = pair(alone("a"))
    silent = HostObservation(host="controller-0", reachable=False)
    assert find_fronts((silent, hosts[1]), catalog) == ()
    assert hosts[1].role is Role.STANDBY


def test_one_address_that_moves_along_is_asked_once() -> None:
    cloud = Cloud(alone("a")).host("controller-0", fresh("a", endpoint="10.0.0.9:80"))
    cloud.host("controller-1", stopped("a", endpoint="10.0.0.9:80"))
    (front,) = find_fronts(cloud.seen, cloud.catalog)
    assert front.endpoints == ("10.0.0.9:80",)


def test_a_peer_that_does_not_know_the_service_is_no_place() -> None:
    cloud = Cloud(alone("a")).host("controller-0", fresh("a", endpoint="x:1"))
    (front,) = find_fronts(cloud.host("controller-1").seen, cloud.catalog)
    assert front.endpoints == ("x:1",)


@pytest.mark.parametrize(
    ("service", "path"),
    [
        (Service(name="a", readiness=Probe(path="/r")), "/r"),
        (Service(name="a", readiness=Probe(path="/r"), outage_probe=Probe(path="/o")), "/o"),
        (Service(name="a", readiness=Probe(kind="tcp")), None),
        (Service(name="a"), None),
    ],
)
def test_it_is_asked_as_the_catalog_says(service: Service, path: str | None) -> None:
    hosts, catalog = pair(alone("a", services=(service,)))
    assert [one.path for one in find_fronts(hosts, catalog)] == [path]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([], ()),
        ([[]], ()),
        ([[(1.0, 2.0)]], ((1.0, 2.0),)),
        ([[(1.0, 9.0)], [(0.0, 3.0)]], ((1.0, 3.0),)),
        ([[(1.0, 2.0)], [(2.0, 3.0)]], ()),
        ([[(1.0, 2.0)], []], ()),
        ([[(5.0, 9.0), (1.0, 3.0)], [(0.0, 2.0), (6.0, 7.0)]], ((1.0, 2.0), (6.0, 7.0))),
    ],
)
def test_a_service_is_out_while_it_answers_nowhere(
    places: list[list[Interval]], expected: tuple[Interval, ...]
) -> None:
    assert together(places) == expected
