import json
from typing import Any

import pytest

pytestmark = pytest.mark.integration


def leader(monitor: Any) -> int:
    """Who leads as this monitor sees it, -1 where it is in no quorum."""
    try:
        status, view = monitor.ask("/v1/status")
    except OSError:
        return -1
    return int(view["leader"]) if status == 200 else -1


def test_three_monitors_elect_the_lowest_rank_and_survive_its_end(site: Any) -> None:
    ports = (7001, 7002, 7003)
    site.monitors(*ports)
    first, second, third = (site.start("ceph_mon", port=port) for port in ports)
    for monitor in (first, second, third):
        monitor.wait(lambda one=monitor: leader(one) == 0 and len(quorum(one)) == 3)
    assert first.stop() == 0
    second.wait(lambda: leader(second) == 1)
    third.wait(lambda: leader(third) == 1)
    assert quorum(third) == [1, 2]
    again = site.start("ceph_mon", port=7001)
    third.wait(lambda: leader(third) == 0 and len(quorum(third)) == 3)
    assert again.stop() == 0


def quorum(monitor: Any) -> list[int]:
    members: list[int] = monitor.ask("/v1/status")[1]["quorum"]
    return members


def test_one_monitor_of_three_refuses_service(site: Any) -> None:
    site.monitors(7001, 7002, 7003)
    alone = site.start("ceph_mon", port=7003).listening()
    alone.wait(lambda: alone.ask("/stats")[1]["elections"] > 2)
    assert alone.ask("/v1/status")[0] == 503
    assert alone.status("/healthz") == 503


def test_a_single_monitor_is_its_own_quorum(site: Any) -> None:
    site.monitors(7001)
    monitor = site.start("ceph_mon", port=7001).ready()
    assert leader(monitor) == 0


@pytest.mark.parametrize(
    ("path", "fields"),
    [("/mon/propose", {}), ("/mon/nothing", {"epoch": 1}), ("/mon/lease", {"epoch": "soon"})],
)
def test_what_is_not_understood_is_refused(site: Any, path: str, fields: dict[str, Any]) -> None:
    site.monitors(7001)
    monitor = site.start("ceph_mon", port=7001).ready()
    assert monitor.ask(path, "POST", json.dumps(fields).encode())[0] == 404


def test_clients_wait_while_it_starts(site: Any) -> None:
    site.monitors(7001)
    monitor = site.start("ceph_mon", port=7001, warm_s=30.0).listening()
    assert monitor.ask("/v1/status")[0] == 503
    assert monitor.ask("/mon/lease", "POST", b'{"epoch": 1, "leader": 0}')[0] == 200
