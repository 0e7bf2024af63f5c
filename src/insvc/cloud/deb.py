"""Writes Debian binary packages; the same contents give the same bytes.

Source: deb(5): an `ar` archive of `debian-binary`, `control.tar` and `data.tar`. Written here
rather than by `dpkg-deb`, whose start would be paid once for each of some forty packages.
"""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

MADE_AT = 1_577_836_800  # 2020-01-01T00:00:00Z, so that a build can be repeated


@dataclass(frozen=True, kw_only=True, slots=True)
class DebFile:
    """One file of a package.

    Attributes:
        content: its bytes.
        mode: its permissions.
    """

    content: bytes
    mode: int = 0o644


def deb(fields: Mapping[str, str], files: Mapping[str, DebFile]) -> bytes:
    """One package.

    Args:
        fields: the control fields, in order; `Package` and `Version` among them.
        files: contents by path relative to the root, without a leading slash.
    """
    control = "".join(f"{name}: {value}\n" for name, value in fields.items())
    sums = "".join(
        f"{hashlib.md5(file.content, usedforsecurity=False).hexdigest()}  {path}\n"
        for path, file in sorted(files.items())
    )
    members = {
        "debian-binary": b"2.0\n",
        "control.tar": _tar(
            {
                "control": DebFile(content=control.encode()),
                "md5sums": DebFile(content=sums.encode()),
            }
        ),
        "data.tar": _tar(files),
    }
    return b"!<arch>\n" + b"".join(_member(name, body) for name, body in members.items())


def _member(name: str, body: bytes) -> bytes:
    head = f"{name:<16}{MADE_AT:<12}{0:<6}{0:<6}{'100644':<8}{len(body):<10}`\n"
    return head.encode("ascii") + body + b"\n" * (len(body) % 2)


def _tar(files: Mapping[str, DebFile]) -> bytes:
    folders = {str(parent) for path in files for parent in PurePosixPath(path).parents}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for folder in sorted(folders, key=lambda name: (name != ".", name)):
            name = "./" if folder == "." else f"./{folder}/"
            archive.addfile(_entry(name, tarfile.DIRTYPE, 0o755, 0))
        for path, file in sorted(files.items()):
            entry = _entry(f"./{path}", tarfile.REGTYPE, file.mode, len(file.content))
            archive.addfile(entry, io.BytesIO(file.content))
    return buffer.getvalue()


def _entry(name: str, kind: bytes, mode: int, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.size, entry.mtime = kind, mode, size, MADE_AT
    entry.uname = entry.gname = "root"
    return entry
