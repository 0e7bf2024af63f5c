"""Every process of every row of the page, killed on a running cloud: all come back, none twice."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from insvc.bootstrap import connect
from insvc.cloud.lifecycle import start_cloud, stop_cloud
from insvc.flow import observe_cloud
from insvc.model.observation import ProcessIdentity
from insvc.model.words import InstanceState

pytestmark = [pytest.mark.scenario, pytest.mark.slow]

LIMIT_S = 120.0


def mains(directory: Path) -> dict[tuple[str, str], ProcessIdentity]:
    """The main process of everything that runs, by host and service."""
    world = connect(directory)
    seen = asyncio.run(observe_cloud(world.topology, world.agents))
    return {
        (host.host, one.service): one.processes[0]
        for host in seen.hosts
        for one in host.instances
        if one.state is InstanceState.RUNNING and one.processes
    }


def test_whatever_is_killed_is_started_again(tmp_path: Path) -> None:
    directory = tmp_path / "cloud"
    start_cloud(directory, said=lambda _line: None)
    try:
        before = mains(directory)
        for (_, service), one in before.items():
            if service != "sm":
                os.kill(one.pid, signal.SIGKILL)
        until = time.monotonic() + LIMIT_S
        while True:
            after = mains(directory)
            back = {key for key in before if key in after}
            killed = {key for key in before if key[1] != "sm"}
            if back == set(before) and all(after[key] != before[key] for key in killed):
                break
            assert time.monotonic() < until, sorted(set(before) - back)
            time.sleep(0.5)
        pids = [one.pid for one in after.values()]
        assert len(pids) == len(set(pids))
        assert all(after[key] == before[key] for key in before if key[1] == "sm")
    finally:
        stop_cloud(directory)
