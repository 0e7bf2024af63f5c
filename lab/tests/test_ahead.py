"""What a patch would leave stale is told before, and is exactly what is stale after it."""

import json
from collections.abc import Iterator

import pytest

from lab import packages
from lab.host import Host
from lab.rpms import build_rpm, rpm_host

CRYPTO = "/usr/lib/x86_64-linux-gnu/libcrypto.so.3"
BZIP = "/usr/lib/x86_64-linux-gnu/libbz2.so.1.0"
LIBRARY, MODULE = "/usr/lib64/libmine.so.1", "/usr/lib/python3/dist-packages/minepart.py"


def holds(host: Host, name: str, library: str) -> None:
    """A service that has the library mapped."""
    host.put(f"/opt/{name}.py", f"import ctypes, time; ctypes.CDLL('{library}'); time.sleep(9999)")
    runs(host, name, f"/opt/{name}.py", f"grep -q {library.rpartition('/')[2][:8]}")


def runs(host: Host, name: str, script: str, until: str = "grep -q python") -> None:
    host.unit(f"{name}.service", f"/usr/bin/python3 {script}")
    pid = host.run(f"systemctl show -P MainPID {name}").output.strip()
    host.until(f"{until} /proc/{pid}/maps")


def foretold(host: Host, *files: str) -> set[tuple[str, str]]:
    told = host.run(f"insvc scan --local --json {' '.join(f'--patch {one}' for one in files)}")
    return {(one["service"], one["package"]) for one in json.loads(told.output)["ahead"]}


def found(host: Host) -> set[tuple[str, str]]:
    (seen,) = json.loads(host.run("insvc scan --local --json").output)["hosts"]
    stale = [one for one in seen["instances"] if one["verdict"] == "stale"]
    return {
        (one["service"], sign["subject"])
        for one in stale
        for sign in one["evidence"]
        if sign["kind"] == "package-newer"
    }


def test_a_patch_by_dpkg_leaves_stale_what_was_foretold(host: Host) -> None:
    holds(host, "crypto", CRYPTO)
    holds(host, "other", BZIP)
    real = host.run(f"realpath {CRYPTO}").output.strip()
    version = packages.rebuild(host, "libssl3", [real])
    same = packages.rebuild(host, "libbz2-1.0")
    files = host.run("ls /srv/repository/*.deb").output.split()
    told = foretold(host, *files)
    assert ("crypto.service", "libssl3") in told
    assert "libbz2-1.0" not in {package for _, package in told}
    packages.install(host, f"libssl3={version}", f"libbz2-1.0={same}")
    assert found(host) == told


@pytest.fixture
def fedora() -> Iterator[Host]:
    with rpm_host("ahead") as booted:
        yield booted


def test_a_patch_by_rpm_leaves_stale_what_was_foretold(fedora: Host) -> None:
    first = [
        build_rpm(fedora, "libmine", "1-1", {}, copied={LIBRARY: BZIP}),
        build_rpm(fedora, "minepart", "1-1", {MODULE: "x = 1\n"}),
        build_rpm(fedora, "same", "1-1", {"/opt/same.py": "import time; time.sleep(9999)\n"}),
    ]
    fedora.run(f"rpm -U {' '.join(first)}")
    holds(fedora, "maps", LIBRARY)
    fedora.put("/opt/imports.py", "import minepart, time; time.sleep(9999)")
    runs(fedora, "imports", "/opt/imports.py")
    fedora.run("sleep 1.1")
    second = [
        build_rpm(fedora, "libmine", "1-2", {}, copied={LIBRARY: BZIP}),
        build_rpm(fedora, "minepart", "2-1", {MODULE: "x = 2\n"}),
        build_rpm(fedora, "absent", "1-1", {"/opt/absent": "1"}),
    ]
    words = " ".join(f"--patch {one}" for one in second)
    shown = fedora.run(f"insvc scan --local {words}").output
    assert "absent is not installed here" in shown
    told = foretold(fedora, *second)
    assert told == {("maps.service", "libmine"), ("imports.service", "minepart")}
    fedora.run(f"rpm -U {' '.join(second[:2])}")
    assert found(fedora) == told
