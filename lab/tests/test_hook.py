"""`insvc hook` with a real apt: it runs after a transaction, and never stands in its way."""

import pytest

from insvc.inspect.hook import LIMIT_S, REMEMBER_LIMIT_S
from lab import packages
from lab.host import Host


@pytest.fixture
def program(host: Host) -> str:
    """A program in the place of insvc that tells how it was called."""
    host.put("/opt/standin/insvc", '#!/bin/sh\necho "called: $*"\ncat >/dev/null\nexit 3\n')
    host.run("chmod 755 /opt/standin/insvc")
    return "/opt/standin/insvc"


def test_apt_runs_the_scan_after_a_transaction_and_does_not_mind_its_failure(
    host: Host, program: str
) -> None:
    packages.make(host, "mine", "1", {"/opt/mine": "1\n"})
    host.run(f"insvc hook install --program {program}")
    done = packages.install(host, "mine")
    assert (done.output + done.errors).count("called: scan --local --brief") == 1
    host.run(f"insvc hook remove --program {program}")
    gone = host.run("DEBIAN_FRONTEND=noninteractive apt-get -q -y remove mine")
    assert "called" not in gone.output + gone.errors


def test_a_scan_that_hangs_or_is_gone_does_not_hold_up_apt(host: Host, program: str) -> None:
    packages.make(host, "mine", "1", {"/opt/mine": "1\n"})
    host.run(f"insvc hook install --program {program}")
    host.put(program, "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n", mode=0o755)
    hung = packages.install(host, "mine")
    both_s = REMEMBER_LIMIT_S + LIMIT_S
    assert both_s <= hung.took_s < both_s + 60
    host.run(f"rm {program}")
    gone = host.run("DEBIAN_FRONTEND=noninteractive apt-get -q -y remove mine", check=False)
    assert gone.status == 0


def test_apt_has_sources_remembered_before_it_replaces_them(host: Host) -> None:
    script = "import time\nopen('/run/started', 'w').close()\ntime.sleep(3600)\n"
    packages.make(host, "mine", "1", {"/usr/lib/mine/serve.py": script, "/usr/lib/mine/v": "1\n"})
    packages.make(host, "mine", "2", {"/usr/lib/mine/serve.py": script, "/usr/lib/mine/v": "2\n"})
    packages.make(host, "mine", "3", {"/usr/lib/mine/serve.py": script + "# 3\n"})
    packages.install(host, "mine=1")
    host.unit("mine.service", "/usr/bin/python3 /usr/lib/mine/serve.py")
    host.until("test -e /run/started", limit_s=10)
    host.run("insvc hook install")
    packages.install(host, "mine=2")
    assert "mine.service" not in host.run("insvc scan --local").output
    packages.install(host, "mine=3")
    told = host.run("insvc scan --local").output
    assert "STALE     mine.service" in told
    host.put("/var/lib/insvc/sources.json", "{}")
    told = host.run("insvc scan --local").output
    assert "STALE     mine.service" in told
    assert "what it remembers does not count" in told
