from typing import Any

import pytest

pytestmark = pytest.mark.integration


def test_it_is_ready_when_the_monitors_are_and_keeps_what_is_written(site: Any) -> None:
    site.monitors(7001)
    storage = site.start("ceph_osd", port=7000).listening()
    assert storage.status("/healthz") == 503
    site.start("ceph_mon", port=7001)
    storage.ready()
    assert storage.ask("/v1/objects/a", "PUT", b"hello") == (201, {"written": 5})
    assert storage.stop() == 0
    again = site.start("ceph_osd", port=7000).ready()
    assert again.ask("/v1/objects/a") == (200, {"object": "hello"})
    assert again.ask("/stats")[1]["reads"] == 1


def test_a_write_waits_for_the_quorum_and_a_read_does_not(site: Any) -> None:
    site.monitors(7001)
    monitor = site.start("ceph_mon", port=7001).ready()
    storage = site.start("ceph_osd", port=7000).ready()
    assert storage.ask("/v1/objects/a", "PUT", b"old")[0] == 201
    assert monitor.stop() == 0
    assert storage.ask("/v1/objects/a") == (200, {"object": "old"})
    site.start("ceph_mon", port=7001)
    assert storage.ask("/v1/objects/a", "PUT", b"new")[0] == 201
    assert storage.ask("/v1/objects/a") == (200, {"object": "new"})


def test_what_is_not_there_is_not_found(site: Any) -> None:
    site.monitors(7001)
    site.start("ceph_mon", port=7001)
    storage = site.start("ceph_osd", port=7000).ready()
    assert storage.ask("/v1/objects/none")[0] == 404
    assert storage.ask("/v1/objects/../../etc/passwd")[0] == 404
