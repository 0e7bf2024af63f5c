"""The lab itself: hosts boot, packages are upgraded for real, and nothing is left behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import packages
from lab.clean import clean
from lab.host import Host, control_group, hosts_folder
from lab.machine import LabError


def test_a_host_boots_with_a_systemd_of_its_own(shared_host: Host) -> None:
    assert shared_host.run("systemctl is-system-running").output == "running\n"
    assert shared_host.run("cat /proc/1/comm").output == "systemd\n"
    assert shared_host.run("hostname").output == "shared\n"


def test_insvc_runs_in_the_host_from_this_checkout(shared_host: Host) -> None:
    assert "insvc" in shared_host.run("insvc --version").output


def test_a_rebuilt_library_replaces_the_file_that_runs(host: Host) -> None:
    library = host.run("realpath /usr/lib/x86_64-linux-gnu/libcrypto.so.3").output.strip()
    host.unit("mapped.service", f"/usr/bin/python3 -c 'import ctypes, time; "
              f"ctypes.CDLL(\"{library}\"); time.sleep(9999)'")  # fmt: skip
    pid = host.run("systemctl show -P MainPID mapped").output.strip()
    host.until(f"grep -q libcrypto /proc/{pid}/maps")
    before = packages.version_of(host, "libssl3")
    after = packages.upgrade(host, "libssl3", [library])
    assert packages.version_of(host, "libssl3") == after == f"{before}+lab1"
    maps = host.run(f"cat /proc/{pid}/maps").output
    assert f"{library} (deleted)" in maps


def test_hosts_of_one_network_reach_one_another_until_cut(boot: Callable[..., list[Host]]) -> None:
    one, two = boot("one", "two")
    reach = f"python3 -c 'import socket; socket.create_connection((\"{two.address}\", 7), 1)'"
    assert "refused" in one.run(reach, check=False).errors
    two.cut()
    assert "timed out" in one.run(reach, check=False).errors
    two.join()
    assert "refused" in one.run(reach, check=False).errors


def test_a_command_that_hangs_is_ended_with_its_name(shared_host: Host) -> None:
    with pytest.raises(LabError, match=r"sleep 60.*not done within 0\.5 s"):
        shared_host.run("sleep 60", limit_s=0.5)


def test_nothing_is_left_of_a_host_whose_owner_was_killed() -> None:
    text = (
        "import time\nfrom lab.host import Host\n"
        "with Host() as host:\n    print(host.name, host.pid, flush=True)\n    time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner, owner.stdout:
        name, pid = owner.stdout.readline().split()
        owner.kill()
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    clean()
    assert not list(hosts_folder().glob(f"{name}*"))
    assert not control_group(name).exists()


def test_no_mount_of_a_host_is_seen_outside_it(shared_host: Host) -> None:
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8")
    assert shared_host.name not in mounts
    assert os.path.ismount("/proc")
