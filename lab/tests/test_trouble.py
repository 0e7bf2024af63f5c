"""Hosts in trouble: each restart ends in a named outcome, never in a hang or a traceback."""

import json
from collections.abc import Iterator

import pytest

from lab import packages
from lab.bench import HAPROXY, SERVED, serve, under_load
from lab.corpus.build import make
from lab.corpus.case import Case
from lab.corpus.shapes import HOLDS, LIBRARY
from lab.host import Host
from lab.machine import Completed

UNITS = {
    "served": "",
    "masked": "",
    "slow": "KillSignal=SIGCONT\nTimeoutStopSec=3",
    "endless": "KillSignal=SIGCONT\nTimeoutStopSec=infinity",
    "stubborn": "KillSignal=SIGCONT\nTimeoutStopSec=infinity",
    "limited": "[Unit]\nStartLimitIntervalSec=6\nStartLimitBurst=3",
}
"""Units that run an upgraded library, each with what makes it hard."""

DRAINS = {"lab-endless.service": "leave", "lab-stubborn.service": "kill"}
"""What the host's own catalog says of a stop that takes longer than two seconds."""


@pytest.fixture(scope="module")
def serving(_built: None) -> Iterator[Host]:
    """A host with services that keep their listening sockets over a restart."""
    with Host("serving") as host:
        serve(host)
        yield host


ASK = """
import urllib.request
print(urllib.request.urlopen("http://127.0.0.1:8098/", timeout=20).status)
"""


def case(name: str) -> Case:
    return Case(
        name=name,
        about="",
        stale=True,
        kind="",
        command=HOLDS,
        unit=UNITS[name],
        copies=LIBRARY,
        altered=("lib.so",),
    )


@pytest.fixture(scope="module")
def troubled(_built: None) -> Iterator[Host]:
    """A host on which all of the units run what was upgraded beneath them."""
    with Host("troubled") as host:
        make(host, [case(name) for name in UNITS])
        drains = [
            {
                "name": name,
                "services": [{"name": name, "drain": {"timeout_s": 2, "on_timeout": way}}],
            }
            for name, way in DRAINS.items()
        ]
        layer = {"format": "insvc-layer/1", "name": "lab", "level": "host", "entries": drains}
        host.put("/etc/insvc/catalog.d/lab.json", json.dumps(layer))
        yield host


def restart(host: Host, unit: str) -> Completed:
    """Let insvc restart a unit; what comes of it is told in words, whatever it is."""
    done = host.run(["insvc", "restart", unit, "--yes"], check=False, limit_s=55)
    assert "Traceback" not in done.output + done.errors, str(done)
    assert unit in done.output + done.errors
    return done


def shown(host: Host, unit: str, what: str = "MainPID") -> str:
    return host.run(["systemctl", "show", "-P", what, unit]).output.strip()


def test_a_masked_unit_is_left_running_and_named(troubled: Host) -> None:
    unit = "lab-masked.service"
    troubled.run(["rm", f"/etc/systemd/system/{unit}"])
    troubled.run(["systemctl", "mask", unit])
    before = shown(troubled, unit)
    done = restart(troubled, unit)
    said = " ".join(done.output.split())
    assert "it is masked" in said
    assert f"next: systemctl unmask {unit}" in said
    assert shown(troubled, unit) == before != "0"


def test_a_stop_that_takes_its_whole_time_ends_in_a_restart(troubled: Host) -> None:
    before = shown(troubled, "lab-slow.service")
    assert restart(troubled, "lab-slow.service").status == 0
    assert shown(troubled, "lab-slow.service") not in {"0", before}


def test_a_stop_that_never_ends_is_left_and_named_where_the_entry_says_so(troubled: Host) -> None:
    done = restart(troubled, "lab-endless.service")
    assert done.status == 5, str(done)
    assert "systemd never gives up" in " ".join(done.output.split())
    assert done.took_s < 30


def test_a_stop_that_never_ends_is_ended_where_the_entry_says_so(troubled: Host) -> None:
    before = shown(troubled, "lab-stubborn.service")
    done = restart(troubled, "lab-stubborn.service")
    assert done.status == 0, str(done)
    assert done.took_s < 30
    assert shown(troubled, "lab-stubborn.service") not in {"0", before}


def test_one_start_more_than_systemd_allows_is_waited_for(troubled: Host) -> None:
    unit = "lab-limited.service"
    troubled.run(
        f"systemctl reset-failed {unit}; for i in 1 2 3; do systemctl restart {unit}; done"
    )
    before = shown(troubled, unit)
    done = restart(troubled, unit)
    assert done.status == 0, str(done)
    assert done.took_s > 4
    assert shown(troubled, unit) not in {"0", before}
    assert shown(troubled, unit, "ActiveState") == "active"


def test_a_bus_that_hangs_hangs_neither_scan_nor_restart(troubled: Host) -> None:
    unit = "lab-served.service"
    before = shown(troubled, unit)
    troubled.run("kill -STOP $(systemctl show -P MainPID dbus.service)")
    scan = troubled.run("insvc scan --json", check=False, limit_s=30)
    done = restart(troubled, unit)
    troubled.run("kill -CONT $(systemctl show -P MainPID dbus.service)")
    assert unit in scan.output
    assert done.status == 0, str(done)
    assert shown(troubled, unit) not in {"0", before}


@pytest.mark.parametrize("unit", SERVED)
def test_a_service_whose_socket_is_kept_is_restarted_without_a_failed_request(
    serving: Host, unit: str
) -> None:
    before = shown(serving, unit)
    load, done = under_load(serving, f"insvc restart {unit} --yes", port=SERVED[unit], load_s=6)
    assert done.status == 0, str(done)
    assert "no errors" in load
    assert float(load.split()[0]) > 100
    assert shown(serving, unit) not in {"0", before}


def test_what_comes_while_nobody_serves_waits_in_the_queue_of_the_socket(serving: Host) -> None:
    serving.run("systemctl kill -s STOP served.service")
    asked = serving.spawn(["python3", "-c", ASK])
    serving.until("ss -Hltn sport = :8098 | grep -q '^LISTEN 1 '")
    serving.run("systemctl kill -s KILL served.service; systemctl start served.service")
    output, errors = asked.communicate(timeout=30)
    assert output == b"200\n", errors


def test_haproxy_is_restarted_under_load_without_a_failed_request(host: Host) -> None:
    host.put("/etc/haproxy/haproxy.cfg", HAPROXY)
    host.run("systemctl restart haproxy")
    packages.upgrade(host, "haproxy", ["/usr/sbin/haproxy"])
    load, done = under_load(host, "insvc restart --stale --yes")
    assert done.status == 0, str(done)
    assert "no errors" in load
    assert not host.run("insvc scan", check=False).output.count("haproxy.service")
