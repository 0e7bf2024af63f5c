"""Real resource agents of Debian under the embedded cloud's own service manager."""

import json
from collections.abc import Iterator

import pytest

from lab import image
from lab.sysvinit import SysvinitHost

FOLDER = "/root/cloud/hosts/h"
SERVE = """
import sys
sys.path[:0] = ["/opt/insvc/src"]
sys.argv = ["agent", "/root/cloud/hosts/h"]
from insvc.agent.__main__ import main
sys.exit(main())
"""
SM = """
import os, sys
sys.path.insert(0, os.environ["INSVC_LIBRARY"])
from insvc.agent.sm_daemon import main
main()
"""
ASK = """
import json, sys
from pathlib import Path
sys.path[:0] = ["/opt/insvc/src"]
from insvc.adapters.ask import ask
socket = Path("/root/cloud/hosts/h/run/agent.sock")
print(json.dumps(ask(socket, json.loads(sys.stdin.read()), 60.0, patience_s=20.0)))
"""


def definition(name: str, agent: str, parameters: dict[str, str], **more: object) -> str:
    script = {
        "style": "ocf",
        "name": f"heartbeat:{agent}",
        "parameters": parameters,
        "has_process": False,
    }
    fields = {"name": name, "manager": "sm", "package": name, "script": script, **more}
    return json.dumps({"audit_s": 0.5, "audit_misses": 1, "interval_s": 0.1, **fields})


@pytest.fixture(scope="module")
def host() -> Iterator[SysvinitHost]:
    image.build(["sysvinit"])
    with SysvinitHost("agents") as booted:
        booted.run("mkdir -p /run/resource-agents")  # as systemd-tmpfiles does elsewhere
        services = f"{FOLDER}/root/etc/insvc/services.d"
        booted.run(f"mkdir -p {FOLDER}/run {services} {FOLDER}/root/usr/lib")
        booted.run(f"ln -s /usr/lib/ocf {FOLDER}/root/usr/lib/ocf")
        described = {
            "host": "h",
            "personality": "controller",
            "address": "127.0.0.1",
            "oam_address": "127.0.0.1",
            "initial_role": "active",
            "python": "/usr/bin/python3",
        }
        booted.put(f"{FOLDER}/host.json", json.dumps(described))
        address = {"ip": "127.9.8.6", "nic": "lo", "cidr_netmask": "32"}
        booted.put(f"{services}/dummy.json", definition("dummy", "Dummy", {}))
        booted.put(f"{services}/ip.json", definition("ip", "IPaddr2", address))
        daemon = {
            "name": "sm",
            "manager": "pmon",
            "package": "sm",
            "command": ["usr/bin/sm"],
            "pidfile": "run/sm.pid",
        }
        booted.put(f"{services}/sm.json", json.dumps(daemon))
        booted.run(f"mkdir -p {FOLDER}/root/usr/bin {FOLDER}/root/run")
        booted.put(f"{FOLDER}/root/usr/bin/sm", SM)
        booted.put("/root/serve.py", SERVE)
        booted.put("/root/ask.py", ASK)
        booted.run("setsid python3 /root/serve.py > /root/agent.log 2>&1 < /dev/null &")
        yield booted


def rows(host: SysvinitHost) -> dict[str, str]:
    told = host.run("python3 /root/ask.py", feed=json.dumps({"ask": "managers"})).output
    found = {row["name"]: f"{row['state']} {row['restarts']}" for row in json.loads(told)}
    return {name: found[name] for name in ("dummy", "ip") if name in found}


def until_rows(host: SysvinitHost, wanted: dict[str, str]) -> None:
    for _ in range(60):
        if rows(host) == wanted:
            return
    raise AssertionError(f"{rows(host)}, expected {wanted}")


def test_real_agents_are_started_watched_and_recovered(host: SysvinitHost) -> None:
    until_rows(host, {"dummy": "running 0", "ip": "running 0"})
    assert "127.9.8.6" in host.run("ip -4 address show dev lo").output
    host.run("ip address del 127.9.8.6/32 dev lo")
    until_rows(host, {"dummy": "running 0", "ip": "running 1"})
    assert "127.9.8.6" in host.run("ip -4 address show dev lo").output


def test_real_agents_are_restarted_as_asked(host: SysvinitHost) -> None:
    intent = {
        "run": "r", "step": "dummy@h", "attempt": 1, "epoch": 1, "service": "dummy",
        "action": "restart", "timeout_s": 30.0, "dwell_s": 0.0,
    }  # fmt: skip
    told = host.run("python3 /root/ask.py", feed=json.dumps({"ask": "perform", "intent": intent}))
    facts = json.loads(told.output)
    assert (facts["manager_done"], facts["said"]) == (True, "enabled-active again")
    host.run("rm -f /run/resource-agents/Dummy-dummy.state /run/Dummy-dummy.state")
    until_rows(host, {"dummy": "running 1", "ip": "running 1"})
