"""Every process of every row of the page, killed on a running cloud: all come back, none twice."""

import asyncio
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from insvc.agent.strays import arguments, environment, of_host
from insvc.bootstrap import connect
from insvc.cloud.layout import host_folder
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


def twins(directory: Path, running: dict[tuple[str, str], ProcessIdentity]) -> list[str]:
    """Services of which a second main process lives, wherever it came from."""
    main_of = {key: (key[1], arguments(one.pid)) for key, one in running.items()}
    found: Counter[tuple[str, str]] = Counter()
    for host in {host for host, _ in running}:
        for one in of_host(host_folder(directory, host) / "root"):
            key = (host, environment(one.pid).get("INSVC_SERVICE", ""))
            if (key[1], arguments(one.pid)) == main_of.get(key):
                found[key] += 1
    return [f"{service} of {host}" for (host, service), many in found.items() if many > 1]


@pytest.mark.parametrize("leaves_sm", [True, False], ids=["but sm", "sm, too"])
def test_whatever_is_killed_is_started_again(tmp_path: Path, *, leaves_sm: bool) -> None:
    directory = tmp_path / "cloud"
    start_cloud(directory, said=lambda _line: None)
    try:
        before = mains(directory)
        killed = {key for key in before if not (leaves_sm and key[1] == "sm")}
        for key in killed:
            os.kill(before[key].pid, signal.SIGKILL)
        until = time.monotonic() + LIMIT_S
        while True:
            after = mains(directory)
            back = {key for key in before if key in after}
            if back == set(before) and all(after[key] != before[key] for key in killed):
                break
            assert time.monotonic() < until, sorted(set(before) - back)
            time.sleep(0.5)
        assert twins(directory, after) == []
        assert all(after[key] == before[key] for key in set(before) - killed)
    finally:
        stop_cloud(directory)
