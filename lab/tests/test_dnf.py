"""A host on which dnf and rpm change packages: their hook, and their lock."""

from collections.abc import Iterator

import pytest

from insvc.inspect.conditions import LOCKS
from lab.host import Host
from lab.rpms import DNF, rpm_host

SPEC = """Name: mine
Version: 1
Release: 1
Summary: lab
License: none
BuildArch: noarch
Provides: /bin/sh
%description
lab
%install
mkdir -p %{buildroot}/opt
echo 1 > %{buildroot}/opt/mine
%post
touch /run/slow-began
while [ ! -e /run/slow-may-end ]; do sleep 0.05; done
%files
/opt/mine
"""
PACKAGE = "/root/rpmbuild/RPMS/noarch/mine-1-1.noarch.rpm"
READ = """import fcntl, time
file = open("/{0}")
fcntl.lockf(file, fcntl.LOCK_SH)
open("/run/held", "w").close()
time.sleep(60)
"""
PROBE = (
    "import sys; sys.path[:0] = ['/opt/insvc/src']; "
    "from insvc.adapters.conditions import conditions; print(*conditions())"
)


@pytest.fixture
def fedora() -> Iterator[Host]:
    """A host with dnf, a package of its own, and the database where rpm hosts have it."""
    with rpm_host("fedora") as booted:
        booted.put("/tmp/mine.spec", SPEC)
        booted.run("rpmbuild -bb --quiet /tmp/mine.spec")
        yield booted


def test_dnf_runs_the_scan_once_after_a_transaction_and_rpm_holds_its_lock_meanwhile(
    fedora: Host,
) -> None:
    text = '#!/bin/sh\necho "called: $*"\ncat >/dev/null\nexit 3\n'
    fedora.put("/opt/standin/insvc", text, mode=0o755)
    fedora.run("insvc hook install --program /opt/standin/insvc")
    with fedora.spawn(f"{DNF} install {PACKAGE} > /run/said 2>&1") as installing:
        fedora.until("test -e /run/slow-began")
        assert fedora.run(f'python3 -c "{PROBE}"').output == "package-transaction\n"
        fedora.run("touch /run/slow-may-end")
        assert installing.wait(timeout=60) == 0
    said = fedora.get("/run/said")
    assert said.count("called: scan --local --brief") == 1, said
    assert fedora.run(f'python3 -c "{PROBE}"').output == "\n"


def test_a_question_to_the_database_is_no_transaction(fedora: Host) -> None:
    fedora.run(f"touch /run/slow-may-end; {DNF} install {PACKAGE}")
    lock = next(name for name in LOCKS if fedora.run(f"test -e /{name}", check=False).status == 0)
    fedora.put("/tmp/read", READ.format(lock))
    with fedora.spawn("python3 /tmp/read") as reading:
        fedora.until("test -e /run/held")
        assert fedora.run(f'python3 -c "{PROBE}"').output == "\n"
        reading.kill()
