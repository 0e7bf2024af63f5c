"""insvc's own agent on a lab host, which it serves as if the host belonged to an embedded cloud."""

import json
from collections.abc import Callable
from typing import Any

from lab.host import Host
from lab.sysvinit import SysvinitHost

FOLDER = "/root/cloud/hosts/h"
_SERVE = f"""
import sys
sys.path[:0] = ["/opt/insvc/src"]
sys.argv = ["agent", "{FOLDER}"]
from insvc.agent.__main__ import main
sys.exit(main())
"""
_ASK = f"""
import json, sys
from pathlib import Path
sys.path[:0] = ["/opt/insvc/src"]
from insvc.adapters.ask import ask
socket = Path("{FOLDER}/run/agent.sock")
print(json.dumps(ask(socket, json.loads(sys.stdin.read()), 60.0, patience_s=20.0)))
"""
_HOST = {
    "host": "h",
    "personality": "controller",
    "address": "127.0.0.1",
    "oam_address": "127.0.0.1",
    "initial_role": "active",
    "python": "/usr/bin/python3",
}


LabHost = Host | SysvinitHost


def lay_out(host: LabHost, *, first: str = "") -> None:
    """Make the agent's folder; what is to be below its `root` is the caller's to say.

    Args:
        host: where.
        first: Python that the agent's process runs before anything else.
    """
    host.run(f"mkdir -p {FOLDER}/run")
    host.put(f"{FOLDER}/host.json", json.dumps(_HOST))
    host.put("/root/serve.py", first + _SERVE)
    host.put("/root/ask.py", _ASK)


def define(host: LabHost, name: str, **fields: object) -> None:
    """Write the definition of one service of a manager."""
    folder = f"{FOLDER}/root/etc/insvc/services.d"
    host.run(f"mkdir -p {folder}")
    host.put(f"{folder}/{name}.json", json.dumps({"name": name, "package": name, **fields}))


def begin(host: LabHost, *, environment: str = "") -> None:
    """Start the agent, beside everything else, with so much more in its environment."""
    host.run(f"{environment} setsid python3 /root/serve.py > /root/agent.log 2>&1 < /dev/null &")


def ask(host: LabHost, what: str, **more: object) -> Any:  # noqa: ANN401 - JSON
    """What the agent answers."""
    told = host.run("python3 /root/ask.py", feed=json.dumps({"ask": what, **more}))
    return json.loads(told.output)


def restart(host: LabHost, service: str) -> dict[str, Any]:
    """Let the agent restart one service, as a run's step asks for it."""
    intent = {
        "run": "r", "step": f"{service}@h", "attempt": 1, "epoch": 1, "service": service,
        "action": "restart", "timeout_s": 30.0, "dwell_s": 0.0,
    }  # fmt: skip
    return dict(ask(host, "perform", intent=intent))


def row(host: LabHost, name: str) -> dict[str, Any]:
    """How its manager says that the service stands; empty where it does not know it."""
    rows = ask(host, "managers")
    return dict(next((one for one in rows if one["name"] == name), {}))


def until(is_true: Callable[[], object], looks: int = 60) -> None:
    """Return once it is true; each look takes its time."""
    for _ in range(looks):
        if is_true():
            return
    raise AssertionError("it did not become true")
