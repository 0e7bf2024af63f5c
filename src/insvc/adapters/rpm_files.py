"""What rpm's package files say of themselves; nothing is installed."""

import os
from collections.abc import Collection
from pathlib import Path

from insvc.adapters.rpm import ask_rpm
from insvc.errors import InputError
from insvc.inspect.rpm import DIGESTS, EVERYTHING, digests_of, packages_of

_MAGIC = b"\xed\xab\xee\xdb"


def is_rpm(path: Path) -> bool:
    """Whether the file is one of rpm's, told by how it begins."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def name_and_version(path: Path) -> tuple[str, str]:
    """What it holds.

    Raises:
        InputError: rpm cannot read it.
        WorldError: rpm cannot be run, or does not answer in time.
    """
    words = ("--qf", EVERYTHING.replace("%{INSTALLTIME}", "0"))
    _, said = ask_rpm(("-qp", "--nodigest", "--nosignature", *words, os.fspath(path.absolute())))
    found = packages_of(said)
    if len(found) != 1:
        raise InputError(
            str(path), "is no package that rpm can read", next_act="name a file ending in .rpm"
        )
    ((name, held),) = found.items()
    return name, held.version


def kept(package: str, path: str) -> Collection[str]:
    """The files of the installed package whose content the package file has, too.

    Raises:
        WorldError: rpm cannot be run, or does not answer in time.
    """
    plain = ("--nodigest", "--nosignature", "--qf", DIGESTS)
    there = digests_of(ask_rpm(("-q", *plain, "--", package))[1])
    comes = digests_of(ask_rpm(("-qp", *plain, path))[1])
    return {name for name, digest in there.items() if comes.get(name) == digest}
