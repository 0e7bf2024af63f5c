import json
from pathlib import Path

import pytest

from insvc.standin.ceph_client import monitors, wait_for_quorum
from insvc.standin.web import Reply, Request, Server

pytestmark = pytest.mark.integration


def write_map(root: Path, *ports: int) -> None:
    (root / "etc/ceph").mkdir(parents=True)
    rows = [{"host": "h", "address": "127.0.0.1", "port": port} for port in ports]
    (root / "etc/ceph/monmap.json").write_text(json.dumps(rows))


def test_monitors_come_by_rank(tmp_path: Path) -> None:
    write_map(tmp_path, 7002, 7001)
    assert monitors(str(tmp_path)) == [("127.0.0.1", 7002), ("127.0.0.1", 7001)]


def test_one_monitor_in_a_quorum_is_enough_and_it_is_waited_for(tmp_path: Path) -> None:
    statuses = [503, 503, 200]

    def answer(_request: Request) -> Reply:
        return Reply(statuses.pop(0), {})

    server = Server("127.0.0.1", 0, answer)
    gone = Server("127.0.0.1", 0, answer)
    gone.stop_accepting()
    write_map(tmp_path, gone.port, server.port)
    assert wait_for_quorum(str(tmp_path))
    assert statuses == []
    server.stop_accepting()


def test_without_a_quorum_the_client_gives_up(tmp_path: Path) -> None:
    server = Server("127.0.0.1", 0, lambda _request: Reply(503, {}))
    write_map(tmp_path, server.port)
    assert not wait_for_quorum(str(tmp_path), patience_s=0.0)
    server.stop_accepting()
