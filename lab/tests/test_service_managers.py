"""systemd and Pacemaker under the suite that our own managers pass (`tests/contract`)."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from insvc.adapters.wire import from_json
from insvc.model.manager_row import ManagerRow
from lab.clusters import start_pair
from lab.host import Host
from lab.image import build
from lab.network import Network
from tests.harness.service_managers import (
    BEHAVIOURS,
    NAMES,
    PROGRAM,
    Behaviour,
    Seen,
    Told,
    hold_to,
    until,
)

PLACE = "/run/suite"
ENTER = """
import dataclasses, json, sys
sys.path[:0] = ["/opt/insvc/src"]
from insvc.adapters.wire import to_json
from insvc.errors import InsvcError
from insvc.model.restart import Order
from insvc.adapters.{module} import find
manager = find()
"""
LOOK = (
    ENTER
    + """
print(json.dumps([to_json(row) for row in manager.look([sys.argv[1]]).rows]))
"""
)
RESTART = (
    ENTER
    + """
try:
    order = Order(service=sys.argv[1], with_dependants=sys.argv[2] == "all", timeout_s=40.0)
    told = manager.restart(order)
    print(json.dumps([told.done, told.said, False]))
except InsvcError as fault:
    print(json.dumps([False, str(fault), True]))
"""
)
UNIT = """[Unit]
{needs}
StartLimitIntervalSec={limit_s}
StartLimitBurst=5
[Service]
Type=notify
ExecStart=/usr/bin/python3 /opt/lab/suite.py {name} {place} 127.0.0.1 {port}
TimeoutStopSec=2
{more}
"""
LIMIT_S = 4
"""Five starts in this time use up the start limit; each behaviour has them for itself."""
NEEDS = "Requires=suite-db.service\nAfter=suite-db.service"


class HostStage:
    """A manager of a lab host, spoken to through insvc's adapter, in the host."""

    module: str
    patience_s = 60.0
    most_failing_starts = 8
    cannot: Mapping[str, str] = {}

    def __init__(self, host: Host) -> None:
        self.host = host
        host.put("/opt/lab/suite.py", PROGRAM)
        host.run(f"mkdir -p {PLACE} && : > {PLACE}/events")

    def named(self, name: str) -> str:
        """What the manager calls it."""
        return name

    def look(self, name: str) -> ManagerRow:
        (row,) = self._in_host(LOOK, self.named(name))
        return from_json(ManagerRow, row)

    def restart(self, name: str, *, with_dependants: bool = False) -> Told:
        which = "all" if with_dependants else "one"
        return Told(*self._in_host(RESTART, self.named(name), which))

    def events(self) -> list[Seen]:
        lines = self.host.get(f"{PLACE}/events").splitlines()
        return [Seen(word, name, int(pid)) for word, name, pid in map(str.split, lines)]

    def set(self, name: str, word: str) -> None:
        self.host.run(f"touch {PLACE}/{name}.{word}")

    def unset(self, name: str, word: str) -> None:
        self.host.run(f"rm {PLACE}/{name}.{word}")

    def kill(self, pid: int) -> None:
        self.host.run(f"kill -9 {pid}")

    def is_alive(self, pid: int) -> bool:
        told = self.host.run(f"grep -q '^State:.[^ZX]' /proc/{pid}/status", check=False)
        return told.status == 0

    def units(self, more: str) -> None:
        """Write the three units; nothing is started by it."""
        for number, name in enumerate(NAMES):
            needs = NEEDS if name == "api" and "Restart=" in more else ""
            port = 9100 + number
            text = UNIT.format(
                name=name, place=PLACE, port=port, more=more, needs=needs, limit_s=LIMIT_S
            )
            self.host.put(f"/etc/systemd/system/suite-{name}.service", text)
        self.host.run("systemctl daemon-reload")

    def _in_host(self, code: str, *words: str) -> Any:
        text = code.replace("{module}", self.module)
        return json.loads(self.host.run(["python3", "-c", text, *words], limit_s=100).output)


class SystemdStage(HostStage):
    """systemd; `api` requires `db`."""

    module = "systemd"
    cannot: Mapping[str, str] = {
        "a_restart_without_dependants_leaves_them_alone": "systemd restarts what requires a unit "
        "with it; only a unit that merely wants it stays up",
    }

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.units("Restart=always\nRestartSec=0.1")
        host.run("systemctl start suite-x suite-api")

    def named(self, name: str) -> str:
        return f"suite-{name}.service"

    def stop(self, name: str) -> None:
        self.host.run(f"systemctl stop {self.named(name)}")

    def start(self, name: str) -> None:
        unit = self.named(name)
        self.host.run(f"systemctl reset-failed {unit}; systemctl start {unit}")

    def renew(self) -> None:
        """Let process 1 execute itself anew: nobody can kill it without ending the host."""
        self.host.run("systemctl daemon-reexec")

    def close(self) -> None:
        self.host.run(f"rm -f {PLACE}/*.broken {PLACE}/*.stubborn; sleep {LIMIT_S}")


class PacemakerStage(HostStage):
    """Pacemaker, on the first host of a pair; `db` is started before `api`, which follows it."""

    module = "pacemaker"
    patience_s = 120.0
    cannot: Mapping[str, str] = {
        "a_restart_without_dependants_leaves_them_alone": "what is ordered after a resource goes "
        "down and up with it: Pacemaker knows no stop that spares it",
    }

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.units("")
        host.run(["cibadmin", "--modify", "--allow-create", "--xml-text", _configuration()])

    def stop(self, name: str) -> None:
        self._role(name, "Stopped")

    def start(self, name: str) -> None:
        self.host.run(f"crm_resource --cleanup -r {name}")
        self._role(name, "Started")

    def renew(self) -> None:
        """Kill the cluster's daemon; systemd starts it again, and it takes over what runs."""
        self.host.run("kill -9 $(pidof pacemakerd)")
        until(self, self._answers, "Pacemaker answers")

    def close(self) -> None:
        self.host.run(f"rm -f {PLACE}/*.broken {PLACE}/*.stubborn; crm_resource --cleanup")

    def _answers(self) -> bool:
        told = self.host.run("crm_mon -1 2>/dev/null | grep -q 'Online: .* one '", check=False)
        return told.status == 0

    def _role(self, name: str, role: str) -> None:
        self.host.run(f"crm_resource -r {name} --meta -p target-role -v {role}")
        self.host.run("crm_resource --wait --timeout=60s", limit_s=80)


def _configuration() -> str:
    resources = "".join(
        f'<primitive id="{name}" class="systemd" type="suite-{name}"><operations>'
        f'<op id="{name}-watch" name="monitor" interval="1s" timeout="20s"/></operations>'
        f'<meta_attributes id="{name}-meta"><nvpair id="{name}-threshold" '
        'name="migration-threshold" value="3"/></meta_attributes></primitive>'
        for name in NAMES
    )
    homes = "".join(
        f'<rsc_location id="{name}-home" rsc="{name}" node="one" score="INFINITY"/>'
        f'<rsc_location id="{name}-not" rsc="{name}" node="two" score="-INFINITY"/>'
        for name in NAMES
    )
    order = '<rsc_order id="api-after-db" first="db" then="api" kind="Mandatory"/>'
    return (
        f"<configuration><resources>{resources}</resources>"
        f"<constraints>{homes}{order}</constraints></configuration>"
    )


@pytest.fixture(scope="module")
def systemd(shared_host: Host) -> SystemdStage:
    return SystemdStage(shared_host)


@pytest.fixture(scope="module")
def pacemaker() -> Iterator[PacemakerStage]:
    build(["tools", "pacemaker"])
    with (
        Network() as network,
        Host("one", layer="pacemaker", network=network) as one,
        Host("two", layer="pacemaker", network=network) as two,
    ):
        start_pair([one, two])
        yield PacemakerStage(one)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda one: one.__name__)
def test_systemd_behaves(systemd: SystemdStage, behaviour: Behaviour) -> None:
    _run(systemd, behaviour, systemd.close)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda one: one.__name__)
def test_pacemaker_behaves(pacemaker: PacemakerStage, behaviour: Behaviour) -> None:
    _run(pacemaker, behaviour, pacemaker.close)


def _run(stage: Any, behaviour: Behaviour, close: Callable[[], None]) -> None:
    try:
        hold_to(stage, behaviour)
    finally:
        close()
