"""What package files say of themselves; nothing is installed."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from insvc.errors import InputError, WorldError

_FORMAT = "--showformat=${Package}\\t${Version}\\n"


def available(paths: Iterable[Path]) -> dict[str, tuple[str, str]]:
    """Version and file by package name.

    Raises:
        InputError: a file is no Debian package, or two files hold the same package.
        WorldError: dpkg-deb cannot be run.
    """
    found: dict[str, tuple[str, str]] = {}
    for path in paths:
        name, version = _name_and_version(path)
        if name in found:
            raise InputError(
                str(path),
                f"holds {name} {version}, but {found[name][1]} holds {name} too",
                next_act="name one file for each package",
            )
        found[name] = (version, str(path.absolute()))
    return found


def _name_and_version(path: Path) -> tuple[str, str]:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; the path is an argument, not shell
            ["dpkg-deb", _FORMAT, "--show", str(path.absolute())],  # noqa: S607 - as PATH has it
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as fault:
        raise WorldError(
            "dpkg-deb", f"cannot be run: {fault.strerror}", next_act="install the package dpkg"
        ) from fault
    name, tab, version = done.stdout.rstrip("\n").partition("\t")
    if done.returncode != 0 or not tab:
        said = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise InputError(
            str(path), f"is no Debian package: {said[0]}", next_act="name a file ending in .deb"
        )
    return name, version
