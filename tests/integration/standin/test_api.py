from typing import Any

import pytest

pytestmark = pytest.mark.integration


def test_it_counts_its_requests_and_its_beats(site: Any) -> None:
    running = site.start("api").ready()
    assert running.ask("/v1/items")[1]["number"] == 1
    assert running.ask("/v1/items")[1]["number"] == 2
    running.wait(lambda: running.ask("/stats")[1]["beats"] > 0)
    assert running.ask("/stats")[1]["requests"] == 2


def test_a_request_that_needs_storage_waits_for_a_quorum(site: Any) -> None:
    site.monitors(7001)
    running = site.start("api", uses_ceph=True).ready()
    monitor = site.start("ceph_mon", port=7001)
    assert running.ask("/v1/items")[0] == 200
    assert monitor.stop() == 0
