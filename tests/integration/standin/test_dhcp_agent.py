import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from insvc.cloud.composer import compose
from insvc.standin.dhcp_agent import PROXY
from insvc.standin.web import ask

pytestmark = pytest.mark.integration

NETWORKS = {"net-a": 7201, "net-b": 7202}


@pytest.fixture
def host(site: Any) -> Iterator[Any]:
    """A site with the proxy's program; proxies that are left are ended."""
    arguments = ("proxy", "thing", "usr/lib/insvc/libthing.so")
    site.write(PROXY, compose("metadata_proxy", arguments, {}, title="A proxy."))
    yield site
    # The agent first: it would start the proxies again.
    site.close()
    for pid in pids(site).values():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def pids(site: Any) -> dict[str, int]:
    found = {}
    for network in NETWORKS:
        path = site.root / "run" / f"ns-metadata-{network}.pid"
        if path.exists():
            found[network] = int(path.read_text())
    return found


def start(site: Any) -> Any:
    agent = site.start("dhcp_agent", networks=NETWORKS).ready()
    return agent.wait(lambda: all(serves(site, port) for port in NETWORKS.values()))


def serves(site: Any, port: int) -> bool:
    try:
        return ask(site.address, port, "GET", "/metadata")[0] == 200
    except OSError:
        return False


def test_its_proxies_outlive_it_and_are_found_again(host: Any) -> None:
    agent = start(host)
    first = pids(host)
    assert set(first) == set(NETWORKS)
    assert agent.ask("/stats")[1]["started"] == 2
    assert agent.stop() == 0
    for pid in first.values():
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        assert any(b"ns-metadata" in word for word in words)
    again = start(host)
    assert pids(host) == first
    assert again.ask("/stats")[1]["started"] == 0
    assert again.ask("/anything")[1]["networks"] == ["net-a", "net-b"]


def test_a_proxy_that_ended_is_started_again(host: Any) -> None:
    agent = start(host)
    first = pids(host)
    os.kill(first["net-a"], signal.SIGTERM)
    agent.wait(lambda: pids(host)["net-a"] != first["net-a"])
    agent.wait(lambda: serves(host, NETWORKS["net-a"]))
    assert pids(host)["net-b"] == first["net-b"]


def test_an_orphan_that_ended_is_started_again(host: Any) -> None:
    assert start(host).stop() == 0
    first = pids(host)
    agent = start(host)
    os.kill(first["net-b"], signal.SIGKILL)
    agent.wait(lambda: agent.ask("/stats")[1]["started"] == 1)
    agent.wait(lambda: serves(host, NETWORKS["net-b"]))


def test_a_pidfile_of_another_process_is_no_proxy(host: Any) -> None:
    host.write("run/ns-metadata-net-a.pid", f"{os.getpid()}\n")
    assert start(host).ask("/stats")[1]["started"] == 2
