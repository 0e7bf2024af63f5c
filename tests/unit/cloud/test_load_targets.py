from insvc.cloud.layout import topology
from insvc.cloud.load_targets import PATIENCE_S, LoadTarget, load_targets
from insvc.cloud.services import TABLE
from insvc.model.words import Manager

NETWORK = "127.20.30"
TARGETS = load_targets(topology(NETWORK), NETWORK)


def of(service: str) -> list[LoadTarget]:
    return [one for one in TARGETS if one.service == service]


def test_every_service_that_serves_clients_is_asked() -> None:
    served = {
        row.name for row in TABLE if row.manager is not Manager.CRON and row.behaviour != "role"
    }
    assert {one.service for one in TARGETS} == served


def test_an_api_is_asked_through_the_front() -> None:
    (target,) = of("cinder-api")
    assert target.places == (("127.20.30.100", 8080),)
    assert target.front == "haproxy"
    assert target.path == "/volume/v1/items"


def test_a_service_of_the_active_controller_is_sought_on_both() -> None:
    (target,) = of("cinder-volume")
    assert [address for address, _ in target.places] == ["127.20.30.2", "127.20.30.3"]


def test_what_runs_on_each_host_is_asked_on_each() -> None:
    assert len(of("ceilometer-polling")) == 4
    assert len(of("neutron-dhcp-agent")) == 6


def test_monitors_stand_in_for_one_another_and_are_waited_for() -> None:
    (target,) = of("ceph-mon")
    assert len(target.places) == 3
    assert target.patience_s == PATIENCE_S


def test_the_dashboard_needs_a_session() -> None:
    assert [one.service for one in TARGETS if one.logs_in] == ["horizon"]


def test_it_is_a_few_dozen_requests_a_second() -> None:
    rate = sum(1 / one.period_s for one in TARGETS)
    assert 24 <= rate <= 90
