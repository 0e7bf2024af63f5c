"""Run in a lab host: makes a package out of an installed one, and puts it in a local repository.

Standard input is a JSON list of orders: `package`, `version`, `altered` (paths whose content gets a
byte longer); for a package that is not installed yet `new`, `copied` (path to the file of this host
that is its content, a pattern), `replaced` (path to text), `modes` and `depends`.
Nothing of the lab is imported: the host has only its python3.
"""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path("/srv/repository")
INFORMATION = Path("/var/lib/dpkg/info")
BUILT_S_AGO = 3 * 86400
"""How long before now an altered file claims to have been built, as a real package's does."""

MERGED = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}
SCRIPTS = ("preinst", "postinst", "prerm", "postrm", "triggers", "shlibs", "symbols", "conffiles")


def main(orders: list[dict[str, Any]]) -> None:
    """Make the packages that the orders describe, and list them in the repository."""
    REPOSITORY.mkdir(parents=True, exist_ok=True)
    for order in orders:
        make(order)
    list_packages()


def make(order: dict[str, Any]) -> None:
    """Make one package and put it in the repository."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:
        tree = Path(place)
        (tree / "DEBIAN").mkdir()
        if order.get("new"):
            control = new_control(order)
        else:
            control = copy_installed(order["package"], order["version"], tree)
        (tree / "DEBIAN/control").write_text(control, encoding="utf-8")
        alter(tree, order)
        write_sums(tree)
        deb = REPOSITORY / f"{order['package']}_{order['version'].replace(':', '%3a')}.deb"
        tree.chmod(0o755)
        build = ["dpkg-deb", "-Znone", "--build", str(tree), str(deb)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)


def copy_installed(package: str, version: str, tree: Path) -> str:
    """Copy an installed package's files and scripts into a tree; returns its control text."""
    listed = told("dpkg-query", "-L", package).splitlines()
    for name in listed:
        if name in {"/.", ""} or name.startswith("diverted by"):
            continue
        copy(Path(name), tree / name.lstrip("/"))
    architecture = told("dpkg-query", "-W", "-f", "${Architecture}", package)
    for script in SCRIPTS:
        for stem in (package, f"{package}:{architecture}"):
            if (INFORMATION / f"{stem}.{script}").is_file():
                shutil.copy2(INFORMATION / f"{stem}.{script}", tree / "DEBIAN" / script)
    kept, skipping = [], False
    for line in told("dpkg-query", "-s", package).splitlines():
        skipping = skipping if line.startswith(" ") else line.startswith(("Status:", "Conffiles:"))
        if not skipping and line:
            kept.append(f"Version: {version}" if line.startswith("Version:") else line)
    return "\n".join(kept) + "\n"


def copy(source: Path, target: Path) -> None:
    """Copy one listed path: a folder as a folder, a link as a link, owners and times kept."""
    if str(source) in MERGED or (source.is_dir() and not source.is_symlink()):
        target.mkdir(parents=True, exist_ok=True)
        shutil.copystat(source, target)
        return
    if not os.path.lexists(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)
    status = source.lstat()
    os.chown(target, status.st_uid, status.st_gid, follow_symlinks=False)
    if not stat.S_ISLNK(status.st_mode):
        target.chmod(stat.S_IMODE(status.st_mode))


def new_control(order: dict[str, Any]) -> str:
    """The control text of a package that did not exist before."""
    depends = f"Depends: {order['depends']}\n" if order.get("depends") else ""
    return (
        f"Package: {order['package']}\nVersion: {order['version']}\nArchitecture: all\n"
        f"Maintainer: lab <lab@localhost>\n{depends}Description: made in the lab\n"
    )


def alter(tree: Path, order: dict[str, Any]) -> None:
    """Change what the order says is different in the new version."""
    built = time.time() - BUILT_S_AGO
    for name, pattern in order.get("copied", {}).items():
        path = tree / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(next(Path("/").glob(pattern.lstrip("/"))), path)
    for name in order.get("altered", ()):
        path = tree / name.lstrip("/")
        binary = path.read_bytes()
        path.write_bytes(binary + (b"\0" if binary.startswith(b"\x7fELF") else b"\n"))
        os.utime(path, (built, built))
    for name, text in order.get("replaced", {}).items():
        path = tree / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(order.get("modes", {}).get(name, 0o644))
        os.utime(path, (built, built))


def write_sums(tree: Path) -> None:
    """What real packages hold beside their files: the digest of each."""
    files = [one for one in sorted(tree.rglob("*")) if one.is_file() and not one.is_symlink()]
    names = {str(one.relative_to(tree)): one for one in files}
    sums = [
        f"{hashlib.md5(one.read_bytes(), usedforsecurity=False).hexdigest()}  {name}\n"
        for name, one in names.items()
        if not name.startswith("DEBIAN/")
    ]
    (tree / "DEBIAN/md5sums").write_text("".join(sums), encoding="utf-8")


def list_packages() -> None:
    """Write the repository's index anew from the packages that are in it."""
    stanzas = []
    for deb in sorted(REPOSITORY.glob("*.deb")):
        control = told("dpkg-deb", "-f", str(deb)).strip()
        digest = hashlib.sha256(deb.read_bytes()).hexdigest()
        stanzas.append(
            f"{control}\nFilename: ./{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {digest}\n"
        )
    (REPOSITORY / "Packages").write_text("\n".join(stanzas), encoding="utf-8")


def told(*command: str) -> str:
    """What a command prints; an error where it fails."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    return done.stdout


if __name__ == "__main__":
    main(json.load(sys.stdin))
