"""`insvc restart` on a real host: from an upgrade by apt to the proof, whatever comes between."""

import json
from typing import Any

from lab import packages
from lab.host import Host
from lab.machine import Completed

LIBRARY = "/usr/lib/x86_64-linux-gnu/libcrypto.so.3"
MAPS = f"import ctypes, time; ctypes.CDLL('{LIBRARY}'); time.sleep(9999)"


def service(host: Host, name: str, *, more: str = "") -> None:
    """A service that has the library mapped."""
    host.put(f"/usr/local/lib/{name}.py", MAPS)
    host.unit(f"{name}.service", f"/usr/bin/python3 /usr/local/lib/{name}.py", more=more)
    pid = main_pid(host, name)
    host.until(f"grep -q libcrypto /proc/{pid}/maps")


def main_pid(host: Host, name: str) -> str:
    return host.run(f"systemctl show -P MainPID {name}").output.strip()


def upgrade(host: Host) -> None:
    real = host.run(f"realpath {LIBRARY}").output.strip()
    packages.upgrade(host, "libssl3", [real])


def insvc(host: Host, words: str, *, limit_s: float = 120) -> Completed:
    return host.run(f"insvc {words} < /dev/null", check=False, limit_s=limit_s)


def scan(host: Host) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(insvc(host, "scan --local --json").output)
    return {one["service"]: one for one in told["hosts"][0]["instances"]}


def stale(host: Host) -> set[str]:
    return {name for name, one in scan(host).items() if one["verdict"] == "stale"}


def test_what_an_upgrade_made_stale_is_restarted_and_nothing_else(host: Host) -> None:
    service(host, "first")
    service(host, "second")
    host.unit("other.service", "/usr/bin/sleep 9999")
    before = {name: main_pid(host, name) for name in ("first", "second", "other")}
    assert not {"first.service", "second.service"} & stale(host)
    upgrade(host)
    assert {"first.service", "second.service"} <= stale(host)
    assert "other.service" not in stale(host)

    done = insvc(host, "restart --local --stale --yes --json")

    assert done.status == 0, done.errors
    report = json.loads(done.output)
    assert report["outcome"] == "succeeded"
    restarted = {one["service"] for one in report["steps"] if one["outcome"] == "restarted"}
    assert {"first.service", "second.service"} <= restarted
    assert "other.service" not in {one["service"] for one in report["steps"]}
    for name in ("first", "second"):
        assert main_pid(host, name) not in {"0", before[name]}
    assert main_pid(host, "other") == before["other"]
    assert not {"first.service", "second.service"} & stale(host)
    assert all(one["outage_s"] > 0 for one in report["steps"] if one["outcome"] == "restarted")
    assert insvc(host, "restart --local --stale --yes").status == 0


def test_without_a_terminal_and_without_consent_nothing_is_touched(host: Host) -> None:
    service(host, "first")
    before = main_pid(host, "first")
    asked = insvc(host, "restart --local first.service")
    assert asked.status != 0
    assert main_pid(host, "first") == before


def test_a_killed_run_is_taken_up_and_repeats_nothing(host: Host) -> None:
    service(host, "slow", more="ExecStop=/usr/bin/sleep 3")
    before = main_pid(host, "slow")
    running = host.spawn("insvc restart --local slow.service --yes")
    host.until("systemctl show -P ActiveState slow | grep -q deactivating")
    host.run("kill -9 $(pgrep -f 'insvc restart' | tr '\\n' ' ')", check=False)
    running.communicate(timeout=30)
    shown = insvc(host, "run list --local")
    assert "running" in shown.output or "started" in shown.output
    done = insvc(host, "run resume latest --local")
    assert done.status == 0, done.output + done.errors
    assert main_pid(host, "slow") not in {"0", before}
    starts = host.run("journalctl -q -u slow -o cat | grep -c '^Started slow'").output.strip()
    assert starts == "2"


def test_a_service_that_dies_after_its_restart_fails_the_run(host: Host) -> None:
    service(host, "frail", more="Restart=always\nRestartSec=200ms")
    host.put("/usr/local/lib/frail.py", "import time; time.sleep(0.4); raise SystemExit(3)")
    done = insvc(host, "restart --local frail.service --yes")
    assert done.status == 5
    assert "frail.service" in done.output


def test_a_full_disk_refuses_the_run_before_anything_is_touched(host: Host) -> None:
    service(host, "first")
    before = main_pid(host, "first")
    host.run("mkdir -p /var/lib/insvc && mount -t tmpfs -o size=16k tmpfs /var/lib/insvc")
    host.run("head -c 1M /dev/zero > /var/lib/insvc/full", check=False)
    done = insvc(host, "restart --local first.service --yes")
    assert done.status in {2, 6}, done.output + done.errors
    assert "Traceback" not in done.errors
    assert "/var/lib/insvc" in done.errors
    assert main_pid(host, "first") == before


def test_what_is_named_and_does_not_run_is_told_and_is_no_success(host: Host) -> None:
    host.unit("broken.service", "/bin/false")
    host.until("systemctl is-failed -q broken.service")
    told = host.run("insvc restart broken.service --yes", check=False)
    assert told.status == 5
    assert "does not run, so it was not restarted" in told.errors
