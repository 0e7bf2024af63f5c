"""Reads supervisord's configuration, which is text and never executed."""

import glob
import os
import stat
from pathlib import Path

from insvc.adapters.small_file import read_small
from insvc.errors import WorldError
from insvc.inspect.supervisord import Access, included, read_access

_PLACES = ("etc/supervisor/supervisord.conf", "etc/supervisord.conf")
_MOST_FILES = 1000


def has_configuration(root: Path) -> bool:
    """Whether supervisord is set up here."""
    return _file(root) is not None


def read_configuration(root: Path) -> Access:
    """Where it can be asked.

    Raises:
        WorldError: its configuration cannot be read or trusted, or it serves nobody.
    """
    path = _file(root)
    if path is None:
        raise _refused(root / _PLACES[0], "is not there")
    try:
        text = _trusted(path)
        patterns = included(text, str(path))
        extra = [_trusted(Path(one)) for pattern in patterns for one in _matches(pattern)]
        access = read_access(text, str(path), extra)
    except OSError as fault:
        raise _refused(path, f"cannot be read: {fault.strerror}") from fault
    except ValueError as fault:
        raise _refused(path, str(fault)) from fault
    if access is None:
        raise _refused(path, "found no [unix_http_server] and no [inet_http_server]")
    return access


def _file(root: Path) -> Path | None:
    return next((root / one for one in _PLACES if (root / one).is_file()), None)


def _matches(pattern: str) -> list[str]:
    return sorted(glob.glob(pattern))[:_MOST_FILES]  # noqa: PTH207 - absolute, as supervisord does


def _trusted(path: Path) -> str:
    """The text of a file that nobody but root and ourselves may have written.

    Raises:
        OSError: it cannot be read.
        ValueError: somebody else may have.
    """
    seen = path.stat()
    if seen.st_uid not in {0, os.geteuid()} or seen.st_mode & stat.S_IWOTH:
        raise ValueError(f"{path} may be written by others than its owner and root")
    return read_small(path)


def _refused(path: Path, found: str) -> WorldError:
    return WorldError(f"supervisord: {path}", found, next_act="correct the file, then look again")
