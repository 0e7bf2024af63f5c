"""Which conditions hold on this host now, found by reading alone; nothing blocks."""

import fcntl
import os
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

from insvc.inspect.conditions import LOCKS, FileKey, is_written, logged_in, of_sessions, written
from insvc.model.words import Condition

_LONGEST = 1 << 16
_SOMEBODY = (Condition.USER_SESSION, Condition.GRAPHICAL_SESSION)
_FLOCK = struct.Struct("hhqqi4x")


def conditions(root: Path = Path("/"), proc: Path = Path("/proc")) -> tuple[str, ...]:
    """The conditions of `Condition` that hold now, or that cannot be ruled out.

    Args:
        root: the host's root.
        proc: its process table.
    """
    found = [Condition.PACKAGE_TRANSACTION] if _changes_packages(root, proc) else []
    return tuple(one.value for one in (*found, *_sessions(root, proc)))


def _changes_packages(root: Path, proc: Path) -> bool:
    """Whether some package manager's lock is held, or whether it is cannot be found out."""
    listed: frozenset[FileKey] | None = None
    for name in LOCKS:
        path = root / name
        try:
            seen = path.lstat()
        except FileNotFoundError:
            continue
        except OSError:
            return True
        if not stat.S_ISREG(seen.st_mode):
            continue
        is_locked = _is_locked(path)
        if is_locked is None:
            listed = _listed(proc) if listed is None else listed
            key = (os.major(seen.st_dev), os.minor(seen.st_dev), seen.st_ino)
            is_locked = listed is None or is_written(key, listed)
        if is_locked:
            return True
    return False


def _listed(proc: Path) -> frozenset[FileKey] | None:
    try:
        return written((proc / "locks").read_text(encoding="ascii", errors="replace"))
    except OSError:
        return None


def _is_locked(path: Path) -> bool | None:
    """Whether another process would be in the way of a reader; nothing where it cannot be asked.

    The kernel knows of every process, and answers at once; /proc/locks leaves out those of other
    pid namespaces, and takes as long as a scan of some hundred processes.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        asked = _FLOCK.pack(fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
        kind, *_ = _FLOCK.unpack(fcntl.fcntl(file, fcntl.F_GETLK, asked))
    except OSError:
        return None
    finally:
        os.close(file)
    return bool(kind != fcntl.F_UNLCK)


def _sessions(root: Path, proc: Path) -> tuple[Condition, ...]:
    try:
        texts = list(_session_files(root / "run/systemd/sessions"))
    except FileNotFoundError:
        return _logins(root, proc)
    except OSError:
        return _SOMEBODY
    return of_sessions(texts)


def _session_files(folder: Path) -> Iterator[str]:
    """The text of each session's file; one that ends meanwhile is passed over, as pipes are."""
    for path in sorted(folder.iterdir()):
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            continue
        try:
            if stat.S_ISREG(os.fstat(file).st_mode):
                yield os.read(file, _LONGEST).decode("utf-8", errors="replace")
        finally:
            os.close(file)


def _logins(root: Path, proc: Path) -> tuple[Condition, ...]:
    """What utmp tells where no login manager runs; nobody is logged in where there is none.

    It does not tell who sits at a screen, so whoever is logged in may.
    """
    try:
        pids = logged_in((root / "run/utmp").read_bytes())
    except FileNotFoundError:
        return ()
    except OSError:
        return _SOMEBODY
    return _SOMEBODY if any((proc / str(pid)).exists() for pid in pids) else ()
