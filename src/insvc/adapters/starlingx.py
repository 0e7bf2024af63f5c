"""What the two managers of a StarlingX host have in common: commands, pid files, a long look."""

import time
from collections.abc import Callable, Collection
from pathlib import Path

from insvc.adapters.bounded import why_untrusted
from insvc.adapters.pidfd import read_identity
from insvc.adapters.running_programs import RunningPrograms
from insvc.adapters.small_file import read_small
from insvc.errors import WorldError
from insvc.inspect.cgroup import OwnerKind, group_of, owner_of
from insvc.model.observation import ProcessIdentity

_FOLDERS = ("usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin")
_KEEPERS = frozenset({"sm.service", "pmon.service", "pmond.service"})
_PIDFILE_BYTES = 64
LOOK_AGAIN_S = 0.05
MOST_STARTS = 3
"""So many starts in one restart are a crash loop."""


def command(root: Path, name: str) -> Path | None:
    """Where that command of StarlingX's is; nothing where the host does not have it."""
    found = (root / folder / name for folder in _FOLDERS)
    return next((one for one in found if one.is_file()), None)


def trusted_command(root: Path, name: str) -> Path:
    """Where it is.

    Raises:
        WorldError: it is not there, or others than root could have written it.
    """
    path = command(root, name)
    untrusted = "is not there" if path is None else why_untrusted(path, root.stat().st_uid)
    if path is None or untrusted:
        raise WorldError(
            name, f"is not run: {untrusted}", next_act="install it as StarlingX delivers it"
        )
    return path


class Keeper:
    """Pid files of services, and how often each was seen to be started again.

    Args:
        root: the folder that holds the host's files.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[str, ProcessIdentity] = {}
        self._restarts: dict[str, int] = {}

    def pid(self, pidfile: str) -> int | None:
        """The live process that the file names; nothing where there is none."""
        try:
            words = read_small(self._root / pidfile.lstrip("/"), _PIDFILE_BYTES).split()
        except OSError:
            return None
        if not words or not words[0].isascii() or not words[0].isdigit():
            return None
        found = read_identity(int(words[0]))
        return None if found is None else found.pid

    def restarts(self, name: str, pid: int | None) -> int:
        """How often it was seen to be started again; every look counts what is new to it."""
        now = None if pid is None else read_identity(pid)
        if now is not None and self._seen.setdefault(name, now) != now:
            self._seen[name] = now
            self._restarts[name] = self._restarts.get(name, 0) + 1
        return self._restarts.get(name, 0)

    def is_there(self, path: str) -> bool:
        """Whether a flag file is there."""
        return (self._root / path.lstrip("/")).exists()


def own_groups(pids: dict[str, int], units: Collection[str] | None = None) -> dict[str, str]:
    """The control group of each service whose process has a systemd unit of its own.

    Such a unit is not systemd's to restart: its manager would see a failure.

    Args:
        pids: the main process of each service, by name.
        units: only units of these names count, where given.
    """
    found: dict[str, str] = {}
    for name, pid in pids.items():
        try:
            owner = owner_of(group_of(Path(f"/proc/{pid}/cgroup").read_bytes()))
        except OSError:
            continue
        is_unit = owner.kind is OwnerKind.UNIT and owner.name not in _KEEPERS
        if is_unit and (units is None or owner.name in units):
            found[name] = owner.group
    groups = list(found.values())
    return {name: group for name, group in found.items() if groups.count(group) == 1}


class Watch:
    """A service during its restart: what ran before, and every process that comes after.

    Args:
        pid_of: its main process now, if any.
    """

    def __init__(self, pid_of: Callable[[], int | None]) -> None:
        self._pid_of = pid_of
        pid = pid_of()
        self._old = () if pid is None else RunningPrograms().tree(pid)
        self._since = time.monotonic()
        self.starts: list[ProcessIdentity] = []
        self.times: dict[str, float] = {}

    def look(self) -> ProcessIdentity | None:
        """The process that has come in place of the old one; nothing while none has."""
        if self._old and "stopped" not in self.times and not self.left:
            self.times["stopped"] = time.time()
        pid = self._pid_of()
        now = None if pid is None else read_identity(pid)
        if now is None or now in self._old:
            self._since = time.monotonic()
            return None
        if not self.starts or self.starts[-1] != now:
            self.starts.append(now)
            self._since = time.monotonic()
            self.times["started"] = time.time()
        return now

    @property
    def left(self) -> list[ProcessIdentity]:
        """What still runs of before."""
        return [one for one in self._old if read_identity(one.pid) == one]

    @property
    def steady_s(self) -> float:
        """How long the last process that came has been there without another."""
        return time.monotonic() - self._since
