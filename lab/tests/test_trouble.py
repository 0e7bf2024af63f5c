"""Hosts in trouble: each restart ends in a named outcome, never in a hang or a traceback."""

from lab import packages
from lab.bench import HAPROXY, under_load
from lab.corpus.build import make
from lab.corpus.case import Case
from lab.corpus.mapped import HOLDS, LIBRARY
from lab.host import Host
from lab.machine import Completed

RESTART = "insvc restart --stale --yes"


def stale(host: Host, name: str, unit: str = "") -> str:
    """A unit that runs an upgraded library; returns what it is called."""
    case = Case(
        name=name,
        about="",
        stale=True,
        kind="",
        command=HOLDS,
        unit=unit,
        copies=LIBRARY,
        altered=("lib.so",),
    )
    make(host, [case])
    return case.service


def main_pid(host: Host, unit: str) -> str:
    return host.run(["systemctl", "show", "-P", "MainPID", unit]).output.strip()


def is_told(done: Completed) -> bool:
    """Whether a command said in words what came of it."""
    return "Traceback" not in done.output + done.errors and bool(done.output + done.errors)


def test_a_bus_that_hangs_hangs_neither_scan_nor_restart(host: Host) -> None:
    unit = stale(host, "served")
    host.run("kill -STOP $(pgrep -f '^/usr/bin/dbus-daemon --system')")
    scan = host.run("insvc scan --json", check=False, limit_s=60)
    assert unit in scan.output
    assert is_told(host.run(RESTART, check=False, limit_s=120))
    assert host.run(["systemctl", "is-active", unit]).output == "active\n"


def test_a_masked_unit_is_left_running_and_named(host: Host) -> None:
    unit = stale(host, "masked")
    host.run(["rm", f"/etc/systemd/system/{unit}"])
    host.run(["systemctl", "mask", unit])
    before = main_pid(host, unit)
    done = host.run(RESTART, check=False, limit_s=120)
    assert is_told(done)
    assert unit in done.output
    assert main_pid(host, unit) == before != "0"


def test_a_stop_that_takes_its_whole_time_ends_in_a_restart(host: Host) -> None:
    unit = stale(host, "slow", "KillSignal=SIGCONT\nTimeoutStopSec=4")
    before = main_pid(host, unit)
    done = host.run(RESTART, check=False, limit_s=120)
    assert done.status == 0, str(done)
    assert main_pid(host, unit) not in {"0", before}


def test_a_stop_that_never_ends_is_given_up_with_a_name(host: Host) -> None:
    unit = stale(host, "endless", "KillSignal=SIGCONT\nTimeoutStopSec=infinity")
    done = host.run(RESTART, check=False, limit_s=280)
    assert done.status not in {0, 1}
    assert is_told(done)
    assert unit in done.output


def test_a_unit_at_its_start_limit_is_up_afterwards(host: Host) -> None:
    unit = stale(host, "limited")
    host.run(f"for i in 1 2 3 4; do systemctl restart {unit}; done")
    library = "/usr/lib/lab/limited/lib.so"
    host.run(f"cp {library} {library}.new && echo >>{library}.new && mv {library}.new {library}")
    done = host.run(RESTART, check=False, limit_s=120)
    assert is_told(done)
    assert host.run(["systemctl", "is-active", unit]).output == "active\n"
    again = host.run(f"systemctl restart {unit} || systemctl is-active {unit}", check=False)
    assert again.output in {"", "active\n"}


def test_haproxy_is_restarted_under_load_without_a_failed_request(host: Host) -> None:
    host.put("/etc/haproxy/haproxy.cfg", HAPROXY)
    host.run("systemctl restart haproxy")
    packages.upgrade(host, "haproxy", ["/usr/sbin/haproxy"])
    load, done = under_load(host, RESTART)
    assert done.status == 0, str(done)
    assert "no errors" in load
    assert not host.run("insvc scan", check=False).output.count("haproxy.service")
