"""The machine that the lab runs on: its commands, its folder, its package sources."""

import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PLACE = Path(os.environ.get("INSVC_LAB", "/var/tmp/insvc-lab"))
"""Where roots and layers are kept from one session to the next."""

NEEDED = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "setpriv": "util-linux",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "ip": "iproute2",
    "dpkg-deb": "dpkg",
}
"""A command the lab needs, and the package that holds it."""

BATCH = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1", "LC_ALL": "C.UTF-8"}
"""Environment of every package command: nobody is asked anything."""


class LabError(Exception):
    """The lab cannot go on: what was tried, what came of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """What came of a command: its exit status, its two streams, its wall time."""

    command: str
    status: int
    output: str
    errors: str
    took_s: float

    def __str__(self) -> str:
        said = f"{self.output[-4000:]}\n{self.errors[-4000:]}"
        return f"{self.command}: exit status {self.status}\n{said}"


def execute(
    command: Sequence[str],
    *,
    limit_s: float = 60,
    check: bool = True,
    feed: str | None = None,
    told: str = "",
) -> Completed:
    """Run a command on this machine to its end; `told` is what messages call it.

    Raises:
        LabError: it took longer than `limit_s` seconds, or it failed and `check` was asked for.
    """
    began = time.monotonic()
    told = told or shlex.join(command)
    try:
        done = subprocess.run(
            command,
            input=feed,
            stdin=subprocess.DEVNULL if feed is None else None,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{told}: not done within {limit_s} s") from error
    completed = Completed(
        command=told,
        status=done.returncode,
        output=done.stdout,
        errors=done.stderr,
        took_s=time.monotonic() - began,
    )
    if check and completed.status:
        raise LabError(str(completed))
    return completed


def why_not() -> str:
    """Why this machine cannot run the lab at all; empty where nothing is known to stop it."""
    if os.geteuid() != 0:
        return "it needs root (run it as root or with sudo)"
    if shutil.which("apt-get") is None:
        return "it needs a Debian or Ubuntu machine: there is no apt-get here"
    if not sources():
        return f"no apt source of this machine offers {codename()}: there is nothing to build from"
    mount = execute(["unshare", "-m", "mount", "-t", "tmpfs", "lab", "/mnt"], check=False)
    if mount.status:
        return f"it may not mount here: {mount.errors.strip()}"
    return ""


def prepare() -> None:
    """Install what the machine lacks for the lab, and make the lab's folder."""
    lacking = sorted({owner for name, owner in NEEDED.items() if shutil.which(name) is None})
    if lacking:
        batch = [f"{name}={value}" for name, value in BATCH.items()]
        execute(["env", *batch, "apt-get", "update", "-q"], limit_s=180)
        install = ["apt-get", "install", "-yq", "--no-install-recommends", *lacking]
        execute(["env", *batch, *install], limit_s=300)
    PLACE.mkdir(mode=0o755, parents=True, exist_ok=True)


def codename() -> str:
    """The release of this machine's distribution, as its package sources name it."""
    text = Path("/etc/os-release").read_text(encoding="utf-8")
    found = re.search(r"^VERSION_CODENAME=\"?(\w+)", text, re.MULTILINE)
    return found[1] if found else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One place packages come from, read from the machine's own apt configuration."""

    mirror: str
    suites: tuple[str, ...]
    components: tuple[str, ...]


def sources() -> list[Source]:
    """The machine's own sources that offer its release itself (not only updates to it)."""
    found = []
    for path in (Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")):
        if path.suffix == ".list" and path.is_file():
            found += list(map(_from_line, path.read_text(encoding="utf-8").splitlines()))
        elif path.suffix == ".sources":
            blocks = re.split(r"\n\s*\n", path.read_text(encoding="utf-8"))
            found += list(map(_from_block, blocks))
    return [source for source in found if source and codename() in source.suites]


def _from_line(line: str) -> Source | None:
    """A source in the one-line form: `deb [options] mirror suite component…`."""
    parts = re.fullmatch(r"\s*deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.+?)\s*", line)
    if parts is None:
        return None
    return Source(mirror=parts[1], suites=(parts[2],), components=tuple(parts[3].split()))


def _from_block(block: str) -> Source | None:
    """A source in the block form, its fields one a line."""
    fields = dict(re.findall(r"^(\w[\w-]*):\s*(.*)$", block, re.MULTILINE))
    if "deb" not in fields.get("Types", "").split() or not fields.get("URIs"):
        return None
    return Source(
        mirror=fields["URIs"].split()[0],
        suites=tuple(fields.get("Suites", "").split()),
        components=tuple(fields.get("Components", "").split()),
    )
