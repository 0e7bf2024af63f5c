"""The configuration of needrestart on disk: read, never executed."""

import re
from pathlib import Path
from typing import Final

from insvc.catalog.needrestart import VARIABLE, Moved, move
from insvc.catalog.perl_settings import read_settings
from insvc.errors import InputError

_LARGEST: Final = 1 << 20
_SETTING = re.compile(rf"^[^#]*\${VARIABLE}\s*\{{", re.MULTILINE)


def is_needrestart(path: Path) -> bool:
    """Whether the file is such a configuration: it has one of its settings."""
    try:
        return _SETTING.search(_read(path)) is not None
    except InputError:
        return False


def import_needrestart(path: Path) -> Moved:
    """What the configuration becomes: the file and, beside it, those of `conf.d`.

    Args:
        path: `needrestart.conf`, or one file of `conf.d` alone.

    Raises:
        InputError: a file cannot be read, or is too large to be such a configuration.
    """
    files = [path]
    if path.parent.name != "conf.d":
        files += sorted((path.parent / "conf.d").glob("*.conf"))
    return move((str(file), read_settings(_read(file), VARIABLE)) for file in files)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            found = file.read(_LARGEST + 1)
    except OSError as fault:
        raise InputError(
            str(path), f"cannot be read: {fault.strerror}", next_act="check the path"
        ) from fault
    if len(found) > _LARGEST:
        raise InputError(
            str(path),
            f"has more than {_LARGEST} bytes, and a configuration has few",
            next_act="name needrestart.conf",
        )
    return found.decode("utf-8", errors="replace")
