"""Real resource agents of Debian under the embedded cloud's own service manager."""

from collections.abc import Iterator

import pytest

from lab import agents, image
from lab.sysvinit import SysvinitHost

SM = """
import os, sys
sys.path.insert(0, os.environ["INSVC_LIBRARY"])
from insvc.agent.sm_daemon import main
main()
"""


def define(host: SysvinitHost, name: str, agent: str, parameters: dict[str, str]) -> None:
    script = {
        "style": "ocf",
        "name": f"heartbeat:{agent}",
        "parameters": parameters,
        "has_process": False,
    }
    times = {"audit_s": 0.5, "audit_misses": 1, "interval_s": 0.1}
    agents.define(host, name, manager="sm", script=script, **times)


@pytest.fixture(scope="module")
def host() -> Iterator[SysvinitHost]:
    image.build(["sysvinit"])
    with SysvinitHost("agents") as booted:
        booted.run("mkdir -p /run/resource-agents")  # as systemd-tmpfiles does elsewhere
        agents.lay_out(booted)
        root = f"{agents.FOLDER}/root"
        booted.run(f"mkdir -p {root}/usr/lib {root}/usr/bin {root}/run")
        booted.run(f"ln -s /usr/lib/ocf {root}/usr/lib/ocf")
        define(booted, "dummy", "Dummy", {})
        define(booted, "ip", "IPaddr2", {"ip": "127.9.8.6", "nic": "lo", "cidr_netmask": "32"})
        agents.define(booted, "sm", manager="pmon", command=["usr/bin/sm"], pidfile="run/sm.pid")
        booted.put(f"{root}/usr/bin/sm", SM)
        agents.begin(booted)
        yield booted


def until_rows(host: SysvinitHost, **wanted: str) -> None:
    """Until each stands so, after so many restarts."""

    def found() -> dict[str, str]:
        rows = {name: agents.row(host, name) for name in wanted}
        return {name: f"{one['state']} {one['restarts']}" for name, one in rows.items() if one}

    agents.until(lambda: found() == wanted)


def test_real_agents_are_started_watched_and_recovered(host: SysvinitHost) -> None:
    until_rows(host, dummy="running 0", ip="running 0")
    assert "127.9.8.6" in host.run("ip -4 address show dev lo").output
    host.run("ip address del 127.9.8.6/32 dev lo")
    until_rows(host, dummy="running 0", ip="running 1")
    assert "127.9.8.6" in host.run("ip -4 address show dev lo").output


def test_real_agents_are_restarted_as_asked(host: SysvinitHost) -> None:
    facts = agents.restart(host, "dummy")
    assert (facts["manager_done"], facts["said"]) == (True, "enabled-active again")
    host.run("rm -f /run/resource-agents/Dummy-dummy.state /run/Dummy-dummy.state")
    until_rows(host, dummy="running 1", ip="running 1")
