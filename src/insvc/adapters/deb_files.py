"""What package files say of themselves, those of dpkg and those of rpm; nothing is installed."""

import subprocess
from collections.abc import Collection, Iterable
from pathlib import Path

from insvc.adapters.rpm_files import is_rpm, name_and_version
from insvc.adapters.rpm_files import kept as kept_of_rpm
from insvc.errors import InputError, WorldError

_ODD = "surrogateescape"
_FORMAT = "--showformat=${Package}\\t${Version}\\n"


def available(paths: Iterable[Path]) -> dict[str, tuple[str, str]]:
    """Version and file by package name.

    Raises:
        InputError: a file is no package, or two files hold the same package.
        WorldError: dpkg-deb, or rpm, cannot be run.
    """
    found: dict[str, tuple[str, str]] = {}
    for path in paths:
        name, version = (name_and_version if is_rpm(path) else _name_and_version)(path)
        if name in found:
            raise InputError(
                str(path),
                f"holds {name} {version}, but {found[name][1]} holds {name} too",
                next_act="name one file for each package",
            )
        found[name] = (version, str(path.absolute()))
    return found


def kept(package: str, path: Path, root: Path = Path("/")) -> Collection[str]:
    """Files of the installed package whose content the package file has, too, as far as known.

    Args:
        package: its name.
        path: the package file.
        root: of the host on which it is installed.

    Raises:
        WorldError: dpkg-deb, or rpm, cannot be run.
    """
    if is_rpm(path):
        return kept_of_rpm(package, str(path))
    lists = root / "var/lib/dpkg/info"
    found = [lists / f"{package}.md5sums", *sorted(lists.glob(f"{package}:*.md5sums"))]
    try:
        there = _sums(next(one for one in found if one.is_file()).read_text("utf-8", _ODD))
    except (OSError, StopIteration):
        return ()
    comes = _sums(_run("--info", str(path), "md5sums").stdout)
    return {name for name, digest in there.items() if comes.get(name) == digest}


def _sums(text: str) -> dict[str, str]:
    """Digests by path, of lines of a digest and a path without its first sign."""
    pairs = (line.split("  ", 1) for line in text.splitlines() if "  " in line)
    return {f"/{path}": digest for digest, path in pairs}


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - a fixed program; the path is an argument, not shell
            ["dpkg-deb", *words],  # noqa: S607 - as PATH has it
            capture_output=True,
            text=True,
            errors=_ODD,
            check=False,
        )
    except OSError as fault:
        raise WorldError(
            "dpkg-deb", f"cannot be run: {fault.strerror}", next_act="install the package dpkg"
        ) from fault


def _name_and_version(path: Path) -> tuple[str, str]:
    done = _run(_FORMAT, "--show", str(path.absolute()))
    name, tab, version = done.stdout.rstrip("\n").partition("\t")
    if done.returncode != 0 or not tab:
        said = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise InputError(
            str(path), f"is no Debian package: {said[0]}", next_act="name a file ending in .deb"
        )
    return name, version
