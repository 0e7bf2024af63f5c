"""Makes every case of the corpus on one host: before, at and after the change."""

import fnmatch
import json
import shlex
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from lab import packages
from lab.corpus import mapped, owners, roots, scripts, temporary
from lab.corpus.case import Case, When
from lab.host import Host

CASES = (*mapped.CASES, *temporary.CASES, *roots.CASES, *scripts.CASES, *owners.CASES)
"""The whole corpus."""

PROGRAMS = ("hold.py", "jar.py")
BATCH = "export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1\n"
SETTLE_S = 3.0
"""Seconds between the early starts and the change: longer than any finder's tolerance."""

FIND = """
import json, os, re, sys
found = {}
lines = {}
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            lines[int(pid)] = file.read().replace(b"\\0", b" ").decode(errors="replace").strip()
        with open(f"/proc/{pid}/cgroup") as file:
            group = [line[3:].strip() for line in file if line.startswith("0::")][0]
    except OSError:
        continue
    for part in group.split("/"):
        found.setdefault(part, []).append(int(pid))
for name, match in json.load(sys.stdin).items():
    found[name] = [pid for pid, line in lines.items() if re.search(match, line)]
print(json.dumps(found))
"""


def make(host: Host, cases: Sequence[Case] = CASES) -> dict[str, list[int]]:
    """Make the cases on a host that nothing else is done on; returns the pids of each by name.

    Raises:
        LabError: a case cannot be made; the message holds the command and what it said.
    """
    prepare(host, cases)
    start(host, [case for case in cases if case.when is When.EARLY])
    orders = [case.order(2) for case in cases if case.upgraded]
    versions = rebuild_real(host, cases)
    packages.build(host, [order for order in orders if order])
    upgraded = [case for case in cases if case.upgraded and case.order(2)]
    time.sleep(SETTLE_S)
    start(host, [case for case in cases if case.when is When.JUST_BEFORE])
    packages.install(host, *versions, *(f"lab-{case.name}=1.2-1" for case in upgraded))
    for case in cases:
        if case.change:
            host.run("set -e\n" + BATCH + case.fill(case.change))
    start(host, [case for case in cases if case.when is When.AFTER])
    await_reports(host, cases)
    return pids(host, cases)


def prepare(host: Host, cases: Sequence[Case]) -> None:
    """Put the corpus's programs, first packages and units on the host; start nothing.

    The hook of `insvc` is installed as on a user's host, so that insvc knows what a user's would.
    """
    for name in PROGRAMS:
        text = Path(__file__).with_name(name).read_text(encoding="utf-8")
        host.put(f"/opt/lab/{name}", text)
    host.run("mkdir -p -m 1777 /run/lab && python3 /opt/lab/jar.py")
    orders = {case.name: case.order(1) for case in cases}
    packages.build(host, [order for order in orders.values() if order])
    packages.install(host, *(f"lab-{name}=1.1-1" for name, order in orders.items() if order))
    for case in cases:
        if case.setup:
            host.run("set -e\n" + case.fill(case.setup))
        if case.command:
            service = f"[Service]\nType=exec\nExecStart={case.command}\n{case.unit}\n"
            host.put(f"/etc/systemd/system/{case.service}", case.fill(service))
    # What insvc imports is compiled now, as that of an installed one is: its hook is short of time.
    host.run("systemctl daemon-reload && insvc hook install && insvc hook remember")


def start(host: Host, cases: Sequence[Case]) -> None:
    """Start the cases, and wait until each is what it is to be."""
    units = [case.service for case in cases if case.command]
    if units:
        host.run(["systemctl", "start", *units])
    for case in cases:
        if case.start:
            host.run(BATCH + case.fill(case.start))
    await_reports(host, cases)


def await_reports(host: Host, cases: Iterable[Case]) -> None:
    """Wait until all cases that report have done so."""
    names = [f"/run/lab/{case.name}" for case in cases if case.reports]
    if names:
        host.until(f"ls {shlex.join(names)} >/dev/null 2>&1", limit_s=60)


def rebuild_real(host: Host, cases: Sequence[Case]) -> list[str]:
    """Make next versions of the distribution's packages; returns what apt is to install."""
    wanted = []
    for case in cases:
        for package, patterns in case.real.items():
            listed = host.run(["dpkg-query", "-L", package]).output.splitlines()
            altered = [
                path for path in listed if any(fnmatch.fnmatch(path, one) for one in patterns)
            ]
            wanted.append(f"{package}={packages.rebuild(host, package, altered)}")
    return wanted


def pids(host: Host, cases: Sequence[Case]) -> dict[str, list[int]]:
    """The processes of each case, as the host numbers them.

    Raises:
        AssertionError: a case has no process: it could not be made.
    """
    matches = {case.name: case.match for case in cases if case.match}
    found = json.loads(host.run(["python3", "-c", FIND], feed=json.dumps(matches)).output)
    result = {}
    for case in cases:
        result[case.name] = found.get(case.name) or found.get(case.service) or []
        assert result[case.name], f"{case.name} does not run"
    return result
