"""Reads which microcode the processors run and which is installed for them."""

import os
import re
import stat
from itertools import islice
from pathlib import Path

from insvc.inspect.boot import BootAccount
from insvc.inspect.evidence import is_later
from insvc.inspect.microcode import AMD, INTEL, File, Processor, microcode_account

_FIRMWARE = "lib/firmware"
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
_ONE_PROCESSOR = 1 << 14
_LARGEST = 1 << 24
_MOST_PROCESSORS = 8192
_KEY = re.compile(r"^([\w ]+?)\s*:\s*(.*)$", re.MULTILINE)
_NUMBERED = re.compile(r"cpu\d+")


def microcode(root: Path, booted_at: float) -> BootAccount:
    """What is to be told of the microcode of this machine.

    Args:
        root: the machine's root, with its procfs and sysfs.
        booted_at: when it was booted, seconds since the epoch by the clock of now.
    """
    processor = _processor(root)
    path = None if processor.is_virtual else processor.file
    if path is None or processor.vendor not in {INTEL, AMD}:
        return microcode_account(processor, None)
    name = f"{_FIRMWARE}/{path}"
    try:
        file = _file(root, name, booted_at)
    except OSError as fault:
        return BootAccount(unseen=(f"microcode: /{name} cannot be read: {fault.strerror}",))
    return microcode_account(processor, file)


def _file(root: Path, name: str, booted_at: float) -> File | None:
    """The file itself, or as distributions compress it; nothing where there is none.

    Raises:
        OSError: it may not be read, is too large, or is compressed in a way that cannot be read.
    """
    for suffix in ("", ".xz", ".zst"):
        path = root / (name + suffix)
        try:
            found = path.stat()
        except FileNotFoundError:
            continue
        if suffix == ".zst":
            raise OSError(None, "it is compressed by zstd")
        content = _content(path, found)
        if suffix == ".xz":
            content = _unpacked(content)
        return File(
            path=f"/{name}{suffix}",
            content=content,
            is_since_boot=is_later(found.st_ctime, booted_at),
        )
    return None


def _unpacked(content: bytes) -> bytes:
    """What was compressed by xz, or its beginning.

    Raises:
        OSError: it was not, or it is damaged.
    """
    import lzma  # few hosts need it

    try:
        return lzma.LZMADecompressor(memlimit=_LARGEST * 8).decompress(content, _LARGEST)
    except (lzma.LZMAError, EOFError) as fault:
        raise OSError(None, f"it is damaged: {fault}") from fault


def _content(path: Path, found: os.stat_result) -> bytes:
    if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST:
        raise OSError(None, "it is no regular file of at most 16 MiB")
    return _head(path, _LARGEST)


def _processor(root: Path) -> Processor:
    told = _first(root)
    folders = _folders(root)
    revisions = [one for path in folders if (one := _number(path / "version")) is not None]
    if not revisions and "microcode" in told:
        revisions = [_integer(told["microcode"], 16) or 0]
    masks = (_number(path / "processor_flags") for path in folders)
    return Processor(
        vendor=told.get("vendor_id", ""),
        family=_integer(told.get("cpu family", "")) or 0,
        model=_integer(told.get("model", "")) or 0,
        stepping=_integer(told.get("stepping", "")) or 0,
        revision=min(revisions, default=None),
        platforms=next((mask for mask in masks if mask is not None), None),
        is_virtual="hypervisor" in told.get("flags", "").split(),
    )


def _first(root: Path) -> dict[str, str]:
    """What the kernel tells of the first processor; nothing where it tells of none."""
    try:
        text = _head(root / "proc/cpuinfo", _ONE_PROCESSOR).decode("ascii", "replace")
    except OSError:
        return {}
    return dict(_KEY.findall(text.partition("\n\n")[0]))


def _folders(root: Path) -> list[Path]:
    try:
        with os.scandir(root / "sys/devices/system/cpu") as found:
            names = [one.name for one in islice(found, _MOST_PROCESSORS)]
    except OSError:
        return []
    folder = root / "sys/devices/system/cpu"
    return [folder / name / "microcode" for name in sorted(names) if _NUMBERED.fullmatch(name)]


def _number(path: Path) -> int | None:
    try:
        return _integer(_head(path, 64).decode("ascii", "replace").strip(), 16)
    except OSError:
        return None


def _integer(text: str, base: int = 10) -> int | None:
    try:
        return int(text, base)
    except ValueError:
        return None


def _head(path: Path, most: int) -> bytes:
    """The first bytes of a file; what is no regular file is not waited for."""
    file = os.open(path, _READ)
    try:
        with open(file, "rb", closefd=False) as stream:
            return stream.read(most)
    finally:
        os.close(file)
