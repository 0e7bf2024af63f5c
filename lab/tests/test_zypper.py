"""A host on which zypper changes packages: its hook, and what its log tells of versions."""

import json
import time
from collections.abc import Iterator

import pytest

from insvc.inspect.hook import LIMIT_S
from lab.host import Host
from lab.rpms import build_rpm, rpm_host

ZYPPER = "zypper --non-interactive --no-refresh --no-gpg-checks"
INSTALL = f"{ZYPPER} install --allow-unsigned-rpm"
PLUGIN = "/usr/lib/zypp/plugins/commit/insvc"
SCRIPT = "/usr/libexec/mine"
STANDIN = '#!/bin/sh\necho "called: $*"\ncat >/dev/null\nexit 3\n'


@pytest.fixture(scope="module")
def suse() -> Iterator[Host]:
    """A host with zypper, for all tests of this file."""
    with rpm_host("zypper", layer="zypper") as booted:
        # Debian's zypper fails where it removes the last package of all.
        kept = build_rpm(booted, "kept", "1-1", {"/opt/kept": "1"})
        booted.run(f"mkdir -p /etc/zypp/repos.d; rpm -U {kept}")
        yield booted


def test_zypper_runs_the_scan_once_after_a_transaction_and_shows_it(suse: Host) -> None:
    suse.put("/opt/standin/insvc", STANDIN, mode=0o755)
    suse.run("insvc hook install --program /opt/standin/insvc")
    package = build_rpm(suse, "first", "1-1", {"/opt/first": "1"})
    done = suse.run(f"{INSTALL} {package}")
    assert done.output.count("called: scan --local --brief") == 1, done.output
    suse.run("insvc hook remove --program /opt/standin/insvc")
    gone = suse.run(f"{ZYPPER} remove first")
    assert "called" not in gone.output + gone.errors


def test_a_scan_that_is_gone_or_hangs_does_not_hold_up_zypper(suse: Host) -> None:
    program = "/opt/standin/insvc"
    suse.put(program, STANDIN, mode=0o755)
    suse.run(f"insvc hook install --program {program}; rm {program}")
    package = build_rpm(suse, "second", "1-1", {"/opt/second": "1"})
    assert suse.run(f"{INSTALL} {package}").status == 0
    suse.put(program, "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n", mode=0o755)
    # The plugin's own limits, made short for the test's sake.
    suse.run(f"sed -i -E 's/timeout -k [12] [0-9]+ /timeout -k 1 2 /' {PLUGIN}")
    assert suse.get(PLUGIN).count("timeout -k 1 2 ") == 2
    hung = suse.run(f"{ZYPPER} remove second")
    assert 4 < hung.took_s < 4 + LIMIT_S
    assert suse.run("rpm -q second", check=False).status == 1
    suse.run(f"insvc hook remove --program {program}")
    assert suse.run(f"test -e {PLUGIN}", check=False).status == 1


def test_the_scan_tells_both_versions_of_an_upgrade_by_zypper(suse: Host) -> None:
    old = build_rpm(suse, "mine", "1-1", {SCRIPT: "import time; time.sleep(9999)"}, epoch=1)
    suse.run(f"{INSTALL} {old}")
    suse.unit("mine.service", f"/usr/bin/python3 {SCRIPT}")
    time.sleep(1.1)
    new = build_rpm(suse, "mine", "2-1", {SCRIPT: "import time; time.sleep(999)"}, epoch=1)
    suse.run(f"{INSTALL} {new}")
    (seen,) = json.loads(suse.run("insvc scan --local --json").output)["hosts"]
    (mine,) = [one for one in seen["instances"] if one["service"] == "mine.service"]
    signs = [one for one in mine["evidence"] if one["kind"] == "package-newer"]
    assert [(one["found"], one["expected"]) for one in signs] == [("1:1-1", "1:2-1")]
    assert mine["verdict"] == "stale"
