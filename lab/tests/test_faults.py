"""What goes wrong around insvc while it works: its bus, its clock, its disk, its sight."""

import json
import re
import time
from collections.abc import Iterator

import pytest

from lab.clock import FAKETIME, RELATIVE_SLEEP, set_clock
from lab.host import Host
from lab.image import build
from lab.machine import Completed

RESTART = "insvc restart --local {0} --yes --policy /etc/policy.json"
CROOKED = f"""#!/usr/bin/python3 -sP
{RELATIVE_SLEEP}
import runpy
runpy.run_path("/usr/local/bin/insvc", run_name="__main__")
"""
STORM = "while :; do (:; :) & (:; :) & wait; done"
NOBODY = "setpriv --reuid=nobody --clear-groups "


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """A host with a short dwell, and a clock that can be moved for one process."""
    build(["clock"])
    with Host("faulty", layer="clock") as booted:
        booted.put("/etc/policy.json", json.dumps({"format": "insvc-policy/1", "dwell_s": 1.5}))
        booted.put("/usr/local/bin/crooked", CROOKED, mode=0o755)
        booted.run("insvc scan --brief", check=False)
        yield booted


def told(done: Completed) -> str:
    """All that a command said, in one line; it said something, and no traceback."""
    said = " ".join((done.output + done.errors).split())
    assert said
    assert "Traceback" not in said, str(done)
    return said


def shown(host: Host, unit: str, what: str = "InvocationID") -> str:
    return host.run(["systemctl", "show", "-P", what, unit]).output.strip()


@pytest.mark.parametrize("hours", [2, -2])
def test_a_clock_that_is_moved_in_the_dwell_changes_no_wait_and_no_time(
    host: Host, hours: int
) -> None:
    host.unit("timed.service", "/usr/bin/sleep 9999", more="ExecStop=/usr/bin/sleep 0.5")
    before = shown(host, "timed.service")
    set_clock(host, 0)
    began = time.monotonic()
    command = RESTART.format("timed.service").removeprefix("insvc ")
    with host.spawn(f"{FAKETIME} crooked {command} --json") as running:
        host.until(f"! systemctl show -P InvocationID timed | grep -q {before} && "
                   "systemctl -q is-active timed")  # fmt: skip
        set_clock(host, hours)
        output, errors = running.communicate(timeout=40)
    took_s = time.monotonic() - began
    assert running.returncode == 0, (output, errors)
    report = json.loads(output)
    (step,) = report["steps"]
    assert step["outcome"] == "restarted"
    assert 1.5 <= report["ended_at"] - report["started_at"] <= took_s
    assert 0.4 < step["outage_s"] < took_s
    moved = f"{FAKETIME} insvc run list --local --json"
    newest = json.loads(host.run(moved).output)["runs"][0]
    assert newest["run"] == report["run"]


def test_a_bus_that_is_stopped_mid_run_is_done_without(host: Host) -> None:
    host.unit("bused.service", "/usr/bin/sleep 9999", more="ExecStop=/usr/bin/sleep 1")
    before = shown(host, "bused.service")
    with host.spawn(RESTART.format("bused.service")) as running:
        host.until("systemctl show -P ActiveState bused | grep -q deactivating")
        host.run("systemctl stop dbus.socket dbus.service; rm -f /run/dbus/system_bus_socket")
        host.until(f"! systemctl show -P InvocationID bused | grep -q {before}")
        host.run("systemctl start dbus.socket dbus.service systemd-logind")
        output, errors = running.communicate(timeout=40)
    assert running.returncode == 0, (output, errors)
    assert shown(host, "bused.service") != before


def test_a_systemd_that_nobody_reaches_any_more_ends_the_run_with_a_name(host: Host) -> None:
    host.unit("lonely.service", "/usr/bin/sleep 9999", more="ExecStop=/usr/bin/sleep 1")
    before = shown(host, "lonely.service")
    with host.spawn(RESTART.format("lonely.service")) as running:
        host.until("systemctl show -P ActiveState lonely | grep -q deactivating")
        host.run("systemctl stop dbus.socket dbus.service; mv /run/systemd/private /run/hidden")
        began = time.monotonic()
        output, errors = running.communicate(timeout=55)
    host.run("mv /run/hidden /run/systemd/private; systemctl start dbus.socket dbus.service")
    said = (output + errors).decode()
    assert running.returncode not in {0, 1}, said
    assert "Traceback" not in said
    assert "lonely.service" in said
    assert time.monotonic() - began < 40
    assert shown(host, "lonely.service") != before
    assert shown(host, "lonely.service", "ActiveState") == "active"


def test_a_disk_that_fills_up_at_any_write_is_named_and_nothing_is_done_twice(host: Host) -> None:
    host.put("/etc/short.json", json.dumps({"format": "insvc-policy/1", "dwell_s": 0.1}))
    host.unit("full.service", "/usr/bin/sleep 9999", more="[Unit]\nStartLimitIntervalSec=0")
    host.run("mkdir -p /var/lib/insvc")
    seen = set()
    for pages in (1, 12, 15, 18, 24, 34, 40, 80):
        host.run(f"mount -t tmpfs -o size={pages * 4}k,mode=700 tmpfs /var/lib/insvc")
        before = shown(host, "full.service")
        count = int(starts_of(host, "full"))
        done = host.run(RESTART.format("full.service") + " --policy /etc/short.json", check=False)
        said = told(done)
        seen.add(done.status == 0)
        assert done.status == 0 or "/var/lib/insvc" in said, said
        host.run("mount -o remount,size=8m /var/lib/insvc")
        runs = json.loads(host.run("insvc run list --local --json", check=False).output)["runs"]
        if runs and done.status:
            told(host.run("insvc run resume latest --local", check=False))
        assert int(starts_of(host, "full")) <= count + 1
        assert shown(host, "full.service", "ActiveState") == "active"
        if done.status == 0:
            assert shown(host, "full.service") != before
        host.run("umount /var/lib/insvc")
    assert seen == {True, False}


def starts_of(host: Host, unit: str) -> str:
    command = f"journalctl -q -u {unit} -o cat | grep -c '^Started {unit}'"
    return host.run(command, check=False).output.strip()


def test_a_report_that_cannot_be_written_is_an_error_in_words(host: Host) -> None:
    host.unit("plain.service", "/usr/bin/sleep 9999")
    host.run(RESTART.format("plain.service"))
    host.run("mkdir -p /run/small && mount -t tmpfs -o size=4k tmpfs /run/small")
    for command in (
        "insvc report latest --local --format html -o /run/small/report.html",
        "insvc scan --local --json -o /run/small/seen.json",
        "insvc scan --local --json >/dev/full",
    ):
        done = host.run(command, check=False)
        assert done.status not in {0, 1}, command
        assert re.search("No space left|disk is full", told(done))


def test_processes_that_vanish_while_they_are_looked_at_are_no_matter(host: Host) -> None:
    host.run("cp /usr/bin/sleep /opt/program")
    host.unit("stormy.service", "/opt/program infinity", more="Type=exec")
    host.run("cp /usr/bin/sleep /opt/new && echo >>/opt/new && mv /opt/new /opt/program")
    with host.spawn(STORM) as one, host.spawn(STORM) as two:
        for _ in range(5):
            done = host.run("insvc scan --local --json", check=False)
            told(done)
            found = json.loads(done.output)["hosts"][0]
            stale = [each["service"] for each in found["instances"] if each["verdict"] == "stale"]
            assert stale == ["stormy.service"]
        one.kill()
        two.kill()
    host.run("systemctl stop stormy")


def test_an_ordinary_user_is_told_what_it_may_not_see(host: Host) -> None:
    for options in ("", "hidepid=2"):
        host.run(f"mount -o remount,{options or 'hidepid=0'} /proc")
        done = host.run(NOBODY + "insvc scan --local --exit-code", check=False)
        host.run("mount -o remount,hidepid=0 /proc")
        assert done.status == 6, options
        assert "NOT SEEN" in told(done)


def test_a_machine_without_proc_is_never_called_current(host: Host) -> None:
    for shape in ("mount -t tmpfs tmpfs /proc", "umount -l /proc"):
        done = host.run(f"unshare -m sh -c '{shape}; insvc scan --local --exit-code'", check=False)
        assert done.status not in {0, 1, 3}, str(done)
        assert "/proc" in told(done)


def test_a_unit_with_an_awkward_name_is_restarted(host: Host) -> None:
    unit = r"odd\x20\x5bname\x5d@one\x0atwo.service"
    command = "[Service]\nExecStart=/usr/bin/sleep 9999\n"
    host.put("/etc/systemd/system/odd\\x20\\x5bname\\x5d@.service", command)
    host.run(["systemctl", "daemon-reload"])
    host.run(["systemctl", "start", unit])
    before = shown(host, unit)
    done = host.run(["insvc", "restart", "--local", unit, "--yes"], check=False)
    assert done.status == 0, str(done)
    assert re.fullmatch("[0-9a-f]{32}", shown(host, unit))
    assert shown(host, unit) != before
