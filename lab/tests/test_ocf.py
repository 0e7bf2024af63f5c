"""Real resource agents of Debian, without a cluster."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab import image
from lab.sysvinit import SysvinitHost

ASK = """
import json, sys
sys.path[:0] = ["/opt/insvc/src"]
from insvc.adapters.ocf_agent import OcfAgent
kind, parameters, actions = json.loads(sys.stdin.read())
agent = OcfAgent(provider="heartbeat", kind=kind, instance="lab", parameters=parameters)
manual = agent.manual()
answers = [agent.run(one, 30.0) for one in actions]
words = [[one.answer for one in answers], [one.told for one in answers]]
print(json.dumps([manual.timeouts_s, *words]))
"""


@pytest.fixture(scope="module")
def host() -> Iterator[SysvinitHost]:
    image.build(["sysvinit"])
    with SysvinitHost("ocf") as booted:
        booted.put("/root/ask.py", ASK)
        booted.run("mkdir -p /run/resource-agents")  # as systemd-tmpfiles does elsewhere
        yield booted


def ask(host: SysvinitHost, kind: str, parameters: dict[str, str], *actions: str) -> list[Any]:
    feed = json.dumps([kind, parameters, actions])
    told: list[Any] = json.loads(host.run("python3 /root/ask.py", feed=feed).output)
    return told


def test_dummy_walks_through_its_life(host: SysvinitHost) -> None:
    actions = ("monitor", "start", "start", "monitor", "validate-all", "stop", "stop", "monitor")
    timeouts, answers, _ = ask(host, "Dummy", {}, *actions)
    assert timeouts["start"] == 20.0
    assert answers == [
        "not-running",
        "done",
        "done",
        "running",
        "done",
        "done",
        "done",
        "not-running",
    ]
    assert ask(host, "Dummy", {}, "dance")[1] == ["unimplemented"]


def test_an_address_comes_and_goes(host: SysvinitHost) -> None:
    parameters = {"ip": "127.9.8.7", "nic": "lo", "cidr_netmask": "32"}
    _, answers, told = ask(host, "IPaddr2", parameters, "monitor", "start", "monitor")
    assert answers == ["not-running", "done", "running"], told
    assert "127.9.8.7/32" in host.run("ip address show dev lo").output
    _, answers, told = ask(host, "IPaddr2", parameters, "stop", "monitor")
    assert answers == ["done", "not-running"], told
    assert "127.9.8.7" not in host.run("ip address show dev lo").output
    assert ask(host, "IPaddr2", {}, "validate-all")[1] == ["not-configured"]


def test_a_web_server_that_died_is_seen_to_be_down(host: SysvinitHost) -> None:
    host.run("/etc/init.d/apache2 stop; ! pgrep -x apache2 || sleep 1", check=False)
    parameters = {"configfile": "/etc/apache2/apache2.conf", "port": "80"}
    _, answers, told = ask(host, "apache", parameters, "monitor", "start", "monitor")
    assert answers == ["not-running", "done", "running"], told
    host.run("pkill -9 -x apache2")
    host.until("! pgrep -x apache2")
    _, answers, told = ask(host, "apache", parameters, "monitor", "start", "stop", "monitor")
    assert answers == ["not-running", "done", "done", "not-running"], told


def test_an_agent_whose_program_is_not_installed_says_so(host: SysvinitHost) -> None:
    assert ask(host, "nginx", {}, "monitor")[1][0] in {"not-installed", "not-running"}
    assert ask(host, "nginx", {}, "start")[1] == ["not-installed"]
