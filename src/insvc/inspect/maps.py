"""Executable mappings of a process, and which of them are files that were replaced.

Source: `/proc/PID/maps`, proc_pid_maps(5). Its path is ambiguous text: a replaced file gets the
suffix ` (deleted)`, which a file may also really carry in its name, and a newline is written as
backslash 012, which a file may also really be called. So every reading of the text is tried, and
the file identity decides.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

DELETED = " (deleted)"

_EXECUTABLE_LINE = re.compile(
    rb"\n[0-9a-f]++-[0-9a-f]++ ..x. [0-9a-f]++ ([0-9a-f]++:[0-9a-f]++ \d{1,20} ++/.*)"
)
_LINE = re.compile(
    rb"([0-9a-f]++)-([0-9a-f]++) .{4} [0-9a-f]++ ([0-9a-f]++:[0-9a-f]++ \d{1,20} ++/.*)"
)
_KERNEL_OBJECT = re.compile(
    r"/(?:memfd:|SYSV[0-9a-f]{8}|\[|anon_hugepage|i915|drm mm object|dmabuf:|dev/)"
)
_TEMPORARY_FOLDERS = ("/tmp/", "/var/tmp/", "/run/", "/var/run/", "/dev/", "/proc/", "/sys/")  # noqa: S108 - names to compare with
_PRELINK_COPY = re.compile(r"\.#prelink#\.\w+$")


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """One file, whatever it is called.

    Attributes:
        device: as maps writes it, `major:minor` in hexadecimal with two digits or more.
        inode: unique on its device.
    """

    device: str
    inode: int

    def __str__(self) -> str:
        return f"{self.device}:{self.inode}"

    def is_same_file(self, other: "FileIdentity") -> bool:
        """Whether both are one file.

        Overlay, btrfs and other filesystems without a device of their own (major 0) show one
        number in maps and another to stat; there the inode alone decides.
        """
        if self.inode != other.inode:
            return False
        is_anonymous = self.device.startswith("00:") or other.device.startswith("00:")
        return is_anonymous or self.device == other.device


@dataclass(frozen=True, slots=True)
class MappedFile:
    """A file of which a process has executable pages.

    Attributes:
        text: its path as maps writes it.
        identity: of the file that is mapped, which may have no name any more.
    """

    text: str
    identity: FileIdentity

    @property
    def path(self) -> str:
        """Where it was when it was mapped, as far as the text can tell."""
        return _without_suffix(self.text).replace("\\012", "\n")

    @property
    def names(self) -> tuple[str, ...]:
        """Every path the text may mean, the likeliest first."""
        bare = _without_suffix(self.text)
        candidates = (self.text, bare, self.text.replace("\\012", "\n"), self.path)
        return tuple(dict.fromkeys(candidates))

    @property
    def is_kernel_object(self) -> bool:
        """Whether it never was a file that a package could replace (memfd, SYSV, devices)."""
        return _KERNEL_OBJECT.match(self.text) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplacedMapping:
    """An executable mapping whose file is not the one at its path now.

    Attributes:
        path: where the file was.
        mapped: `device:inode` of what is mapped.
        on_disk: `device:inode` at the path now; absent where the path has no file.
    """

    path: str
    mapped: str
    on_disk: str | None


def executable_mappings(maps: bytes) -> tuple[MappedFile, ...]:
    """The files in a maps text of which some page may be executed; each file once, in order."""
    found = map(mapped_file, dict.fromkeys(executable_lines(maps)))
    return tuple(mapped for mapped in found if not mapped.is_kernel_object)


def executable_lines(maps: bytes) -> list[bytes]:
    """The tails (device, inode and path) of the lines of a maps text that may be executed.

    Most processes share most of their files: their tails are equal, so a sweep over all of them
    looks at each only once.
    """
    return _EXECUTABLE_LINE.findall(b"\n" + maps)


def tail_of(major: int, minor: int, inode: int, path: bytes) -> bytes:
    """The tail of the line that maps writes of such a file."""
    return b"%02x:%02x %d %s" % (major, minor, inode, path.replace(b"\n", b"\\012"))


def mapped_file(tail: bytes) -> MappedFile:
    """The file that a tail found by `executable_lines` tells of."""
    device, inode, path = tail.split(b" ", 2)
    return MappedFile(
        path.lstrip(b" ").decode("utf-8", "surrogateescape"),
        FileIdentity(device.decode("ascii"), int(inode)),
    )


def ranges_of(maps: bytes, tail: bytes) -> tuple[str, ...]:
    """The address ranges at which that file is mapped, as `/proc/PID/map_files` names them."""
    _, _, path = tail.partition(b"/")
    wanted = mapped_file(tail)
    found: list[str] = []
    for line in maps.split(b"\n"):
        known = _LINE.fullmatch(line) if line.endswith(path) else None
        if known is not None and mapped_file(known[3]) == wanted:
            found.append(f"{int(known[1], 16):x}-{int(known[2], 16):x}")
    return tuple(found)


def replaced_mapping(
    mapped: MappedFile, find: Callable[[str], Iterable[FileIdentity]]
) -> ReplacedMapping | None:
    """The mapping if its file was replaced or deleted; nothing if it is still at its path.

    Args:
        mapped: what the process has.
        find: the identities of what is at a path now, one for each root it may be seen from
            (the reader's and the process's own); none where there is no file.
    """
    on_disk: FileIdentity | None = None
    for name in mapped.names:
        for identity in find(name):
            if identity.is_same_file(mapped.identity):
                return None
            on_disk = on_disk or identity
    return ReplacedMapping(
        path=mapped.path,
        mapped=str(mapped.identity),
        on_disk=None if on_disk is None else str(on_disk),
    )


def path_below(root: str, path: str) -> str | None:
    """The path as seen from that root, beginning with `/`; nothing where it lies outside."""
    prefix = root.rstrip("/")
    if path.startswith(prefix + "/"):
        return path[len(prefix) :]
    return None


def is_temporary(path: str) -> bool:
    """Whether no package delivers what is at this path of a host.

    Libraries that a program unpacks for itself (JNA, zstd-jni), trampolines (libffi) and the
    copies prelink makes are deleted while they are in use as a matter of course.
    """
    return path.startswith(_TEMPORARY_FOLDERS) or _PRELINK_COPY.search(path) is not None


def _without_suffix(text: str) -> str:
    return text.removesuffix(DELETED)
