"""The roots that lab hosts boot from: one base, and layers of packages over it, built once.

A layer is what installing some packages changed: the upper folder of an overlay over the layers
below it. Everything is mounted in a mount namespace of its own, so no mount outlives its command.
"""

import fcntl
import hashlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.machine import BATCH, CHECKOUT, PLACE, LabError, codename, execute, prepare, sources

BASE = (
    "systemd", "systemd-sysv", "dbus", "libpam-systemd", "iproute2", "procps", "python3", "cron",
    "ca-certificates",
)  # fmt: skip
"""What every host holds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """Packages installed over other layers.

    Attributes:
        below: the name of the layer it stands on; empty for the base itself.
        packages: what apt-get installs, without what they only recommend.
        finish: shell commands run in the new root after that.
    """

    below: str
    packages: tuple[str, ...]
    finish: str = ""


LAYERS = {
    "tools": Layer(
        below="",
        packages=("haproxy", "wrk", "supervisor", "needrestart", "debian-goodies", "lsof"),
        finish="rm -f /etc/apt/apt.conf.d/99needrestart",
    ),
    "languages": Layer(
        below="tools",
        packages=("ruby", "nodejs", "php-cli", "openjdk-17-jre-headless"),
    ),
    "pacemaker": Layer(
        below="tools",
        packages=("pacemaker", "corosync", "pacemaker-cli-utils", "resource-agents"),
        finish="systemctl disable -q corosync pacemaker",
    ),
    "ceph": Layer(below="tools", packages=("ceph-mon", "ceph-osd", "ceph-mgr", "ceph-common")),
    "dnf": Layer(below="tools", packages=("rpm", "dnf", "dnf-plugins-core")),
    "zypper": Layer(below="dnf", packages=("zypper",)),
    "clock": Layer(below="tools", packages=("faketime",)),
    "openstack": Layer(below="tools", packages=("rabbitmq-server", "keystone")),
    "sysvinit": Layer(
        below="tools",
        packages=("sysvinit-core", "resource-agents", "apache2", "wget"),
        finish="apt-get purge -yq systemd libpam-systemd",
    ),
}
"""The layers by name. `insvc` itself is put over each host's layers when it boots."""

KEPT = ("etc/apt/apt.conf.d", "etc/apt/keyrings", "etc/apt/trusted.gpg.d", "usr/share/keyrings")
"""What of the machine's package configuration a root needs beside its sources."""


@contextmanager
def _held(name: str) -> Iterator[None]:
    """Alone in building `name`: whoever comes second waits, and then finds it built."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / f"{name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def base() -> Path:
    """The folder of the base root, built where it is not there yet.

    Raises:
        LabError: debootstrap or a package command failed; its own words are in the message.
    """
    root = PLACE / f"base-{_stamp(codename(), *BASE)}"
    with _held("base"):
        if not root.is_dir():
            half = root.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            _debootstrap(half)
            half.rename(root)
    return root


def stack(name: str) -> list[Path]:
    """The folders that make up the layer `name`, uppermost first, built where they are not there.

    Raises:
        LabError: there is no such layer, or a package command failed.
    """
    if not name:
        return [base()]
    if name not in LAYERS:
        raise LabError(f"there is no layer {name!r}; there are {', '.join(LAYERS)}")
    layer = LAYERS[name]
    below = stack(layer.below)
    upper = PLACE / f"{name}-{_stamp(below[0].name, *layer.packages, layer.finish)}"
    with _held(name):
        if not upper.is_dir():
            half = upper.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            install = " ".join(["apt-get install -yq --no-install-recommends", *layer.packages])
            inside(below, half, f"{install}\napt-get clean\n{layer.finish}", limit_s=600)
            half.rename(upper)
    return [upper, *below]


def overlay(below: list[Path], upper: Path, at: str) -> str:
    """Shell text that mounts `upper` over `below` at the folder `at` (private to its namespace)."""
    work = upper.with_suffix(".work")
    lower = ":".join(map(str, below))
    return (
        f"mkdir -p {upper} {work} {at} && mount -t overlay lab {at} "
        f"-o lowerdir={lower},upperdir={upper},workdir={work}"
    )


def inside(below: list[Path], upper: Path, script: str, *, limit_s: float) -> None:
    """Run a shell script in a root made of `below`, and keep what it changes in `upper`.

    Raises:
        LabError: it failed or took longer than `limit_s` seconds.
    """
    root = Path(f"{upper}.root")
    _run_in(root, overlay(below, upper, str(root)), script, limit_s=limit_s)
    shutil.rmtree(upper.with_suffix(".work"), ignore_errors=True)
    root.rmdir()


def _run_in(root: Path, mount: str, script: str, *, limit_s: float) -> None:
    """Run a shell script in a root that the shell text `mount` puts in place for it alone."""
    batch = " ".join(f"{name}={value}" for name, value in BATCH.items())
    run = f"env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin {batch} chroot {root} /bin/sh -es"
    text = f"set -e; {mount}; mount -t proc proc {root}/proc; mount --rbind /dev {root}/dev; {run}"
    command = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        "-m",
        "-p",
        "-f",
        "--kill-child",
        "sh",
        "-c",
        text,
    ]
    execute(command, limit_s=limit_s, feed=script)


def _debootstrap(root: Path) -> None:
    """Make the base root in `root` from the machine's own package source."""
    found = sources()
    if not found:
        raise LabError(f"no apt source of this machine offers {codename()}")
    execute(
        [
            "debootstrap",
            "--variant=minbase",
            f"--components={','.join(found[0].components)}",
            f"--include={','.join(BASE)}",
            codename(),
            str(root),
            found[0].mirror,
        ],
        limit_s=420,
    )
    _settle(root)


def _settle(root: Path) -> None:
    """Make a new root know what the machine's own sources offer."""
    _configure(root)
    _run_in(root, f"mount --bind {root} {root}", "apt-get update -q", limit_s=180)


def _configure(root: Path) -> None:
    """Give a root the machine's package sources, keys and certificates; start nothing in it."""
    for name in KEPT:
        if Path("/", name).is_dir():
            shutil.copytree(Path("/", name), root / name, dirs_exist_ok=True)
    (root / "etc/apt/sources.list").unlink(missing_ok=True)
    for path in (Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")):
        if path.suffix in {".list", ".sources"} and path.is_file():
            shutil.copy(path, root / path.relative_to("/"))
    for name in ("etc/ssl/certs/ca-certificates.crt", "etc/resolv.conf"):
        if Path("/", name).is_file():
            (root / name).unlink(missing_ok=True)
            shutil.copy(Path("/", name), root / name)
    refusal = root / "usr/sbin/policy-rc.d"
    refusal.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    refusal.chmod(0o755)
    (root / "etc/machine-id").write_text("", encoding="utf-8")


def environment() -> Path:
    """The folder of what insvc needs to run, for the hosts' own python3, built where it is not.

    Raises:
        LabError: pip failed; its own words are in the message.
    """
    wanted = CHECKOUT / "requirements" / "runtime.txt"
    version = next((base() / "usr/bin").glob("python3.[0-9]*")).name.removeprefix("python")
    site = PLACE / f"site-{_stamp(version, wanted.read_text(encoding='utf-8'))}"
    with _held("site"):
        if not site.is_dir():
            half = site.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(half)]
            command += ["--require-hashes", "-r", str(wanted)]
            if version != f"{sys.version_info.major}.{sys.version_info.minor}":
                command += ["--python-version", version, "--only-binary=:all:"]
            execute(command, limit_s=240)
            execute([sys.executable, "-m", "compileall", "-q", str(half)], check=False)
            half.rename(site)
    return site


def build(names: list[str]) -> None:
    """Build the base, the layers named and insvc's environment, where they are not there yet."""
    prepare()
    for name in ("", *names):
        stack(name)
    environment()


def _stamp(*parts: str) -> str:
    """A short name for what went into a root: the same parts, the same name."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
