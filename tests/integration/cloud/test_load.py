import signal
from pathlib import Path

import pytest

from insvc.cloud.load import start_load, stop_load
from insvc.cloud.processes import end, lives
from insvc.errors import WorldError

pytestmark = pytest.mark.integration


def test_a_load_asks_until_it_is_stopped(running_cloud: Path) -> None:
    load = start_load(running_cloud)
    assert lives(load.process)
    requests = stop_load(load)
    assert not lives(load.process)
    assert requests.failed == 0
    assert requests.total == sum(one.total for one in requests.by_service)


def test_a_load_that_was_killed_leaves_no_result(running_cloud: Path) -> None:
    load = start_load(running_cloud)
    assert end(load.process, by=signal.SIGKILL, patience_s=30.0)
    with pytest.raises(WorldError, match="left no result"):
        stop_load(load)


def test_a_load_without_a_cloud_does_not_begin(tmp_path: Path) -> None:
    (tmp_path / "controller").mkdir()
    with pytest.raises(WorldError) as caught:
        start_load(tmp_path)
    assert "load.log" in caught.value.next_act
    assert "topology.json" in (tmp_path / "load.log").read_text("utf-8")
