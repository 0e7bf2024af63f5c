"""What one pass over all processes of a machine saw, and what became of the files they map.

Identity decides first: a mapping is of the file at its path or it is not. Times are compared only
for what identity leaves open, and only with the start of the process that maps the file.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from insvc.inspect.maps import ReplacedMapping, is_temporary

SYSTEM_FOLDERS = ("/usr/", "/lib/", "/lib64/", "/lib32/", "/bin/", "/sbin/")
"""Where programs are installed and where nothing unpacks files for itself."""
_TOLERANCE_S = 0.05


class Fate(StrEnum):
    """What became of a file that a process maps and that is not at its path any more.

    `replaced`: other code is installed. `rewritten`: the very file was written over while it was
    mapped. `same-content`: the file that is there now is equal, byte by byte, so a restart would
    change nothing. `temporary`: no package delivers it; it was unpacked or made in memory while
    the process ran, and unlinked as a matter of course. `doubtful`: it is gone, nothing came in
    its place, and whether it was installed could not be told.
    """

    REPLACED = "replaced"
    REWRITTEN = "rewritten"
    SAME_CONTENT = "same-content"
    TEMPORARY = "temporary"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Hit:
    """One file that a process maps and that is not the file at its path, or not as it was."""

    mapping: ReplacedMapping
    fate: Fate


@dataclass(frozen=True, slots=True)
class Seen:
    """One process as a sweep saw it.

    Attributes:
        pid: its process id; `start_ticks`: clock ticks from boot to its start.
        parent: pid of its parent.
        name: what the kernel calls it, at most 15 bytes.
        place: number of the root and mount namespace it lives in; 0 is that of the observer, and
            -1 where it may not be looked at.
        is_host: whether it sees the files of the observer's host, so that its packages are theirs.
        program: path of the first file it executes, which is its program; empty where unknown.
        command: its arguments as the kernel holds them, where an interpreter or emulator runs.
        hits: what it maps and what was replaced.
        group: its control group; `/` where it is in none.
    """

    pid: int
    start_ticks: int
    parent: int
    name: str
    place: int
    is_host: bool = False
    program: str = ""
    command: bytes = b""
    hits: tuple[Hit, ...] = ()
    group: str = "/"

    @property
    def is_readable(self) -> bool:
        """Whether its mappings could be read."""
        return self.place >= 0


def packed(seen: Seen) -> tuple[Any, ...]:
    """The process as values of plain types, to be told to another process of insvc."""
    hits = tuple(
        (hit.mapping.path, hit.mapping.mapped, hit.mapping.on_disk, hit.fate.value)
        for hit in seen.hits
    )
    own = (seen.pid, seen.start_ticks, seen.parent, seen.name, seen.place, seen.is_host)
    return (*own, seen.program, seen.command, hits, seen.group)


def unpacked(told: tuple[Any, ...]) -> Seen:
    """The process that `packed` told of."""
    *own, hits, group = told
    known = tuple(
        Hit(ReplacedMapping(path=path, mapped=mapped, on_disk=on_disk), Fate(fate))
        for path, mapped, on_disk, fate in hits
    )
    return Seen(*(*own, known, group))


def fate_of(
    mapping: ReplacedMapping,
    *,
    is_same_content: bool | None,
    written_at: float | None,
    started_at: float,
) -> Fate:
    """What became of a mapped file whose path now has another file, or none.

    Args:
        mapping: the file.
        is_same_content: whether the file at its path is equal to it; absent where there is none
            or where they could not be compared.
        written_at: when the mapped file itself was last written, seconds since the epoch; absent
            where it could not be looked at.
        started_at: when the process started.
    """
    if is_temporary(mapping.path):
        return Fate.TEMPORARY
    if mapping.on_disk is not None:
        return Fate.SAME_CONTENT if is_same_content else Fate.REPLACED
    if mapping.path.startswith(SYSTEM_FOLDERS):
        return Fate.REPLACED
    if written_at is None:
        return Fate.DOUBTFUL
    return Fate.TEMPORARY if written_at + _TOLERANCE_S >= started_at else Fate.REPLACED


def is_rewritten(path: str, *, written_at: float, born_at: float | None, started_at: float) -> bool:
    """Whether the file a process maps was written over, in place, after the process started.

    Package managers never do this, people with `cp` do. A file that is itself younger than the
    process was unpacked by it, or loaded later than it was installed.

    Args:
        path: of the file.
        written_at: when its content was last written.
        born_at: when the file was made; absent where the filesystem does not tell: then only
            installed files count.
        started_at: when the process started.
    """
    if is_temporary(path) or written_at <= started_at + _TOLERANCE_S:
        return False
    return path.startswith(SYSTEM_FOLDERS) if born_at is None else born_at <= started_at
