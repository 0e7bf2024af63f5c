"""Whether the files that processes map are the files at their paths, each looked at once.

Paths mean what they mean in the process's own mount namespace: a container's library is never
compared with the host's. maps shows paths from the reader's root within its namespace, and from
the top of the namespace otherwise, even for a process in a chroot.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from insvc.adapters.proc_file import read_at
from insvc.inspect.maps import (
    DELETED,
    FileIdentity,
    MappedFile,
    ReplacedMapping,
    is_temporary,
    mapped_file,
    ranges_of,
    replaced_mapping,
)
from insvc.inspect.sweep import Fate, Hit, fate_of, is_rewritten

_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
_CHUNK = 1 << 18
_LARGEST = 1 << 28


@dataclass(frozen=True, slots=True)
class _Replaced:
    """One mapped file that is not at its path.

    Attributes:
        mapping: which.
        is_same_content: whether what is there now is equal; absent where not comparable.
        written_at: when the mapped file was last written; absent where not known.
    """

    mapping: ReplacedMapping
    is_same_content: bool | None
    written_at: float | None


@dataclass(slots=True)
class Place:
    """A root in a mount namespace, and what is known of the files mapped there.

    Attributes:
        number: 0 for that of the observer.
        top: descriptor of the root of the first process seen in its mount namespace; absent in
            the observer's own namespace.
        is_host: whether that root, or the observer's, is the root of the observer's host.
        current: tails of maps lines whose file is at its path.
        replaced: the others.
        written: path of current files that were written after the boot, with the moment.
        born: when those of them were made for which it mattered.
    """

    number: int
    top: int | None = None
    is_host: bool = True
    current: set[bytes] = field(default_factory=set)
    replaced: dict[bytes, _Replaced] = field(default_factory=dict)
    written: dict[bytes, tuple[str, float]] = field(default_factory=dict)
    born: dict[bytes, float | None] = field(default_factory=dict)


class MappedFiles:
    """Judges mappings, place by place.

    Args:
        own: folder in /proc of the observer itself.
        booted_at: when the machine was booted, seconds since the epoch by the clock of now.
    """

    def __init__(self, own: str, booted_at: float) -> None:
        self._booted_at = booted_at
        self._first = 0
        self._places: dict[tuple[str, int, int], Place] = {}
        self._root = Path(own, "root").stat()
        self._tops: dict[str, int | None] = {os.readlink(f"{own}/ns/mnt"): None}  # noqa: PTH115
        folder = os.open(own, _FOLDER)
        try:
            self.place(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Give back what is held of other mount namespaces."""
        for top in self._tops.values():
            if top is not None:
                os.close(top)
        self._tops.clear()
        self._places.clear()

    def count_from(self, number: int) -> None:
        """Number the places that are found from now on from there; 0 stays the observer's own."""
        self._first = number

    def place(self, folder: int) -> Place:
        """Where a process lives.

        Args:
            folder: descriptor of its folder in /proc.

        Raises:
            PermissionError: it may not be looked at.
            OSError: it is gone.
        """
        root = os.stat("root", dir_fd=folder)
        space = os.readlink("ns/mnt", dir_fd=folder)
        key = (space, root.st_dev, root.st_ino)
        known = self._places.get(key)
        if known is None:
            if space not in self._tops:
                self._tops[space] = os.open("root", _FOLDER, dir_fd=folder)
            top = self._tops[space]
            is_host = top is None or os.path.samestat(os.fstat(top), self._root)
            number = self._first + len(self._places) if self._places else 0
            known = self._places[key] = Place(number, top, is_host)
        return known

    def hits(
        self, folder: int, place: Place, tails: set[bytes], started_at: float
    ) -> tuple[Hit, ...]:
        """What a process maps that is not at its path any more, or not as it was.

        Args:
            folder: descriptor of its folder in /proc.
            place: where it lives.
            tails: of what it may execute.
            started_at: when it started, seconds since the epoch.

        Raises:
            OSError: it ended meanwhile.
        """
        for tail in tails - place.current - place.replaced.keys():
            self._compare(folder, place, tail)
        found = [place.replaced[tail] for tail in tails & place.replaced.keys()]
        hits = [_hit(one, started_at) for one in found]
        for tail in tails & place.written.keys():
            path, written_at = place.written[tail]
            if written_at > started_at and self._is_rewritten(folder, place, tail, started_at):
                hits.append(
                    Hit(ReplacedMapping(path=path, mapped="", on_disk=None), Fate.REWRITTEN)
                )
        return tuple(sorted(hits, key=lambda hit: hit.mapping.path))

    def _is_rewritten(self, folder: int, place: Place, tail: bytes, started_at: float) -> bool:
        path, written_at = place.written[tail]
        if tail not in place.born:
            from insvc.adapters.birth import born_at

            found = (born_at(where, at) for where, at in _ways(folder, place, path))
            place.born[tail] = next((one for one in found if one is not None), None)
        return is_rewritten(
            path, written_at=written_at, born_at=place.born[tail], started_at=started_at
        )

    def _compare(self, folder: int, place: Place, tail: bytes) -> None:
        mapped = mapped_file(tail)
        if mapped.is_kernel_object:
            place.current.add(tail)
            return
        seen: list[os.stat_result] = []
        replaced = replaced_mapping(mapped, lambda path: _at(_ways(folder, place, path), seen))
        if replaced is None:
            self._note_current(place, tail, mapped, seen[-1])
        elif place.top is not None and _is_linked_elsewhere(mapped, replaced):
            place.current.add(tail)
        else:
            os.stat("root", dir_fd=folder)  # a process that is gone has no files either
            self._confirm(folder, place, tail, replaced, seen)

    def _note_current(
        self, place: Place, tail: bytes, mapped: MappedFile, found: os.stat_result
    ) -> None:
        place.current.add(tail)
        written_at = min(found.st_mtime, found.st_ctime)
        if written_at > self._booted_at:
            place.written[tail] = (mapped.path, written_at)

    def _confirm(
        self,
        folder: int,
        place: Place,
        tail: bytes,
        replaced: ReplacedMapping,
        seen: list[os.stat_result],
    ) -> None:
        """Ask the kernel for the mapped file itself, where it lets us.

        Overlays show another device and inode in maps than stat does.
        """
        for name in ranges_of(read_at(folder, "maps"), tail):
            try:
                mapped = os.stat(f"map_files/{name}", dir_fd=folder)
            except OSError:
                continue
            if any(os.path.samestat(mapped, one) for one in seen):
                place.current.add(tail)
                return
            equal = None
            if replaced.on_disk is not None and not is_temporary(replaced.path):
                equal = self._is_same(folder, place, f"map_files/{name}", replaced.path)
            place.replaced[tail] = _Replaced(replaced, equal, mapped.st_mtime)
            return
        place.replaced[tail] = _Replaced(replaced, None, None)

    def _is_same(self, folder: int, place: Place, mapped: str, path: str) -> bool | None:
        for where, at in _ways(folder, place, path):
            try:
                return _is_same_content((mapped, folder), (where, at))
            except (OSError, ValueError):
                continue
        return None


def _at(
    ways: Iterable[tuple[str, int | None]], seen: list[os.stat_result]
) -> Iterator[FileIdentity]:
    """The identities of what is there; what was found is added to `seen`."""
    for where, at in ways:
        try:
            found = os.stat(where, dir_fd=at)
        except (OSError, ValueError):
            continue
        seen.append(found)
        device = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}"
        yield FileIdentity(device, found.st_ino)


def _ways(folder: int, place: Place, path: str) -> tuple[tuple[str, int | None], ...]:
    """Where the path of a mapping may lie, each as a path and the folder it begins at."""
    if place.number == 0:
        return ((path, None),)
    if place.top is None:
        return (path, None), (f"root{path}", folder)
    return (f"root{path}", folder), (path.lstrip("/"), place.top)


def _is_linked_elsewhere(mapped: MappedFile, replaced: ReplacedMapping) -> bool:
    """Whether nothing is at its path and the kernel says that it still has a name.

    So it is in a namespace in which every process that could be seen lives in a chroot.
    """
    is_unlinked = mapped.text.endswith(DELETED)
    return replaced.on_disk is None and not is_unlinked


def _hit(one: _Replaced, started_at: float) -> Hit:
    fate = fate_of(
        one.mapping,
        is_same_content=one.is_same_content,
        written_at=one.written_at,
        started_at=started_at,
    )
    return Hit(one.mapping, fate)


def _is_same_content(one: tuple[str, int | None], other: tuple[str, int | None]) -> bool:
    """Whether both files are regular and equal, byte by byte.

    Raises:
        OSError: one of them cannot be read.
    """
    first = os.open(one[0], _READ, dir_fd=one[1])
    try:
        second = os.open(other[0], _READ, dir_fd=other[1])
        try:
            return _are_equal(first, second)
        finally:
            os.close(second)
    finally:
        os.close(first)


def _are_equal(first: int, second: int) -> bool:
    left, right = os.fstat(first), os.fstat(second)
    if not (stat.S_ISREG(left.st_mode) and stat.S_ISREG(right.st_mode)):
        return False
    if left.st_size != right.st_size or left.st_size > _LARGEST:
        return False
    while True:
        piece = os.read(first, _CHUNK)
        if piece != os.read(second, _CHUNK):
            return False
        if not piece:
            return True
