"""Real upgrades in a host: packages made anew with a higher version, installed by its own apt."""

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lab.host import Host
from lab.machine import BATCH, Completed

PROGRAM = Path(__file__).with_name("repack.py")
REFUSAL = "/usr/sbin/policy-rc.d"


def version_of(host: Host, package: str) -> str:
    """The version of a package that is installed in the host.

    Raises:
        LabError: it is not installed.
    """
    return host.run(["dpkg-query", "-W", "-f", "${Version}", package]).output


def higher_version(host: Host, package: str) -> str:
    """A version just above the one installed: `1.2-3` becomes `1.2-3+lab1`, that `1.2-3+lab2`."""
    stem, _, count = version_of(host, package).partition("+lab")
    return f"{stem}+lab{int(count or 0) + 1}"


def rebuild(host: Host, package: str, altered: Iterable[str] = ()) -> str:
    """Put a higher version of an installed package in the host's repository; returns the version.

    Args:
        host: where it is installed.
        package: its name.
        altered: the paths whose content differs in the new version; all others are the same.
    """
    version = higher_version(host, package)
    build(host, [{"package": package, "version": version, "altered": list(altered)}])
    return version


def make(
    host: Host,
    package: str,
    version: str,
    files: Mapping[str, str],
    *,
    programs: Iterable[str] = (),
    depends: str = "",
) -> None:
    """Put a package of one's own, made of texts, in the host's repository."""
    order = {
        "package": package,
        "version": version,
        "new": True,
        "replaced": dict(files),
        "modes": dict.fromkeys(programs, 0o755),
        "depends": depends,
    }
    build(host, [order])


def install(host: Host, *packages: str, restarts: bool = False) -> Completed:
    """Install by apt-get what the host's repository now offers.

    Args:
        host: where.
        packages: names, with or without `=version`.
        restarts: whether the packages' own scripts may restart services, as they do by default.
    """
    host.put("/etc/apt/sources.list", "deb [trusted=yes] file:/srv/repository ./\n")
    if not restarts:
        host.put(REFUSAL, "#!/bin/sh\nexit 101\n", mode=0o755)
    batch = " ".join(f"{name}={value}" for name, value in BATCH.items())
    command = f"{batch} apt-get update -q && {batch} apt-get install -yq --reinstall " + shlex.join(
        ["-o", "Dpkg::Options::=--force-confold", *packages]
    )
    try:
        return host.run(command, limit_s=180)
    finally:
        host.run(["rm", "-f", REFUSAL])


def upgrade(
    host: Host, package: str, altered: Iterable[str] = (), *, restarts: bool = False
) -> str:
    """Rebuild and install a higher version of a package; returns the new version."""
    version = rebuild(host, package, altered)
    install(host, f"{package}={version}", restarts=restarts)
    return version


def build(host: Host, orders: Sequence[Mapping[str, object]]) -> None:
    """Make packages as `repack.py` is told to by its orders, all at once."""
    program = "/usr/local/lib/lab-repack.py"
    host.put(program, PROGRAM.read_text(encoding="utf-8"))
    host.run(["/usr/bin/python3", program], feed=json.dumps(list(orders)), limit_s=120)
