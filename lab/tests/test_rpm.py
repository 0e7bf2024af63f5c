"""A host with rpm: what an upgrade made stale is found with its versions, and cured."""

import itertools
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters.rpm import RpmPackages
from insvc.patch.rpm_version import compare_rpm_versions
from lab.host import Host
from lab.rpms import DNF, build_rpm, rpm_host
from tests.contract.test_packages import (  # noqa: F401 - the port's own suite, run here
    test_a_newer_version_replaces_an_older_one_and_may_be_taken_back,
    test_a_refused_package_says_why,
    test_an_empty_database_knows_nothing,
    test_installing_nothing_does_nothing,
    test_the_history_tells_the_version_of_a_moment,
    test_what_changed_since_a_moment_is_told_with_its_paths,
    test_what_is_installed_is_known_with_version_files_and_times,
)

LIBRARY, OF_DEBIAN = "/usr/lib64/libmine.so.1", "/usr/lib/x86_64-linux-gnu/libbz2.so.1.0"
SCRIPT = "/usr/libexec/mine-web"
MAPS = f"import ctypes, time; ctypes.CDLL('{LIBRARY}'); time.sleep(9999)"
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def fedora() -> Iterator[Host]:
    """A host with rpm and dnf, for all tests of this file."""
    with rpm_host("rpm") as booted:
        yield booted


class RpmStage:
    """Real packages and a real database below a folder of the host, asked of from outside."""

    def __init__(self, host: Host) -> None:
        self._host = host
        folder = f"/srv/root{next(_NUMBERS)}"
        host.run(f"mkdir -p {folder} && rpm --root={folder} --initdb")
        program = (*host.entering(), "/usr/bin/rpm", f"--root={folder}")
        self.packages = RpmPackages(Path(f"/proc/{host.pid}/root{folder}"), program)

    def build(self, name: str, version: str, files: Sequence[str]) -> str:
        epoch, _, rest = version.rpartition(":")
        texts = dict.fromkeys(files, version)
        return build_rpm(self._host, name, rest, texts, epoch=int(epoch or 0))

    def build_broken(self) -> str:
        self._host.put("/root/broken.rpm", "this is no package")
        return "/root/broken.rpm"


@pytest.fixture
def stage(fedora: Host) -> RpmStage:
    """What the contract of the port asks for."""
    return RpmStage(fedora)


def scan(host: Host) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(host.run("insvc scan --local --json").output)
    (seen,) = told["hosts"]
    assert not [line for line in seen.get("unseen", ()) if "rpm" in line]
    return {one["service"]: one for one in seen["instances"]}


def signs(instance: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    return {
        (one["kind"], one["subject"], one["found"], one["expected"])
        for one in instance["evidence"]
        if one["kind"] == "package-newer"
    }


def put_services(host: Host) -> None:
    """Version 1 of a library and of a service, as packages, and both in use."""
    library = build_rpm(host, "libmine", "1.0-1", {}, copied={LIBRARY: OF_DEBIAN})
    web = build_rpm(host, "mine-web", "1.0-1", {SCRIPT: "import time; time.sleep(9999)"}, epoch=3)
    host.run(f"{DNF} install {library} {web}")
    host.put("/usr/local/lib/maps.py", MAPS)
    host.unit("maps.service", "/usr/bin/python3 /usr/local/lib/maps.py")
    host.unit("web.service", f"/usr/bin/python3 {SCRIPT}")
    pid = host.run("systemctl show -P MainPID maps").output.strip()
    host.until(f"grep -q libmine /proc/{pid}/maps")


def test_an_upgrade_by_dnf_is_found_with_both_versions_and_cured(fedora: Host) -> None:
    put_services(fedora)
    before = scan(fedora)
    assert {before[name]["verdict"] for name in ("maps.service", "web.service")} == {"current"}
    time.sleep(1.1)
    library = build_rpm(fedora, "libmine", "1.0-2", {}, copied={LIBRARY: OF_DEBIAN})
    web = build_rpm(fedora, "mine-web", "1.1-1", {SCRIPT: MAPS}, epoch=3)
    fedora.run(f"{DNF} upgrade {library} {web}")

    after = scan(fedora)
    assert {after[name]["verdict"] for name in ("maps.service", "web.service")} == {"stale"}
    assert signs(after["maps.service"]) == {("package-newer", "libmine", "1.0-1", "1.0-2")}
    assert signs(after["web.service"]) == {("package-newer", "mine-web", "3:1.0-1", "3:1.1-1")}

    done = fedora.run("insvc restart --local --stale --yes --json < /dev/null", check=False)
    assert done.status == 0, done.output + done.errors
    cured = scan(fedora)
    assert {cured[name]["verdict"] for name in ("maps.service", "web.service")} == {"current"}


def test_an_upgrade_by_rpm_alone_is_found_and_its_former_version_is_not_guessed(
    fedora: Host,
) -> None:
    path = "/usr/libexec/plain"
    old = build_rpm(fedora, "plain", "1-1", {path: "import time; time.sleep(9999)"})
    fedora.run(f"rpm -U {old}")
    fedora.unit("plain.service", f"/usr/bin/python3 {path}")
    time.sleep(1.1)
    new = build_rpm(fedora, "plain", "2-1", {path: "import time; time.sleep(999)"})
    fedora.run(f"rpm -U {new}")
    (sign,) = signs(scan(fedora)["plain.service"])
    assert sign[1:] == ("plain", "an earlier installation", "2-1")
    fedora.run("systemctl stop plain")


def test_a_patch_of_rpms_is_installed_restarted_and_rolled_back(fedora: Host) -> None:
    path = "/usr/libexec/patched"
    files = [
        build_rpm(
            fedora, "patched", f"{number}-1", {path: f"import time; time.sleep(9999{number})"}
        )
        for number in range(3)
    ]
    fedora.run(f"rpm -U {files[0]}")
    fedora.unit("patched.service", f"/usr/bin/python3 {path}")
    for file in files[1:]:
        fedora.run("sleep 1.1")
        fedora.run(f"insvc patch install --local {file}")
        done = fedora.run("insvc restart --local --stale --yes < /dev/null", check=False)
        assert "patched.service" in done.output, done.output + done.errors
    assert fedora.run("rpm -q patched").output.startswith("patched-2-1")
    undone = fedora.run("insvc run rollback latest --local < /dev/null", check=False)
    assert fedora.run("rpm -q patched").output.startswith("patched-1-1"), undone
    assert scan(fedora)["patched.service"]["verdict"] == "current"
    fedora.run("systemctl stop patched")


def test_versions_are_in_the_order_that_rpm_has(fedora: Host) -> None:
    words = ["1.0~rc1", "1.0", "1.0^git1", "1.0a", "1.0.1", "1.0.a", "1.00", "1.0.", "1..1", "a"]
    pairs = [(one, other) for one in words for other in words]
    asked = f"import rpm; print([rpm.labelCompare(('0',a,'1'),('0',b,'1')) for a, b in {pairs}])"
    answers = json.loads(fedora.run(["/usr/bin/python3", "-c", asked]).output)
    found = [compare_rpm_versions(f"{one}-1", f"{other}-1") for one, other in pairs]
    assert dict(zip(pairs, found, strict=True)) == dict(zip(pairs, answers, strict=True))


def test_a_host_without_any_package_database_is_scanned_by_its_mappings_alone(
    fedora: Host,
) -> None:
    fedora.run("mv /var/lib/rpm /var/lib/rpm.away")
    try:
        told = json.loads(fedora.run("insvc scan --local --json").output)
    finally:
        fedora.run("mv /var/lib/rpm.away /var/lib/rpm")
    (seen,) = told["hosts"]
    assert [line for line in seen["unseen"] if line.startswith("no package database")]
    assert {one["verdict"] for one in seen["instances"] if one["service"] == "cron.service"}
