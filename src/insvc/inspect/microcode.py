"""Microcode files and processors → whether a boot would load a newer revision.

Sources: the layout of Intel's update files (their manual, volume 3, "Microcode update facilities")
and of AMD's containers as the kernel documents them. The files are data: only their headers count.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insvc.inspect.boot import BootAccount, loaded
from insvc.inspect.evidence import Finding
from insvc.model.observation import Evidence
from insvc.model.words import EvidenceKind

MICROCODE = "microcode"
INTEL, AMD = "GenuineIntel", "AuthenticAMD"
_INTEL_HEADER = struct.Struct("<9I12x")
_INTEL_DATA = 2000
_TABLE = struct.Struct("<2I12x")
_SIGNATURE = struct.Struct("<3I")
_AMD_MAGIC = 0x00414D44
_AMD_SECTION = struct.Struct("<2I")
_EQUIVALENT = struct.Struct("<3I2H")
_PATCH = struct.Struct("<2I2H3IH")
_PATCHES, _EQUIVALENTS = 1, 0
_PROTOTYPE = 1 << 31
_OF_ITS_OWN = 0x15
"""The first family of AMD whose microcode is in a file of its own."""
_MOST = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Processor:
    """The processors of a machine, which are of one kind.

    Attributes:
        vendor: as it names itself.
        family, model, stepping: which kind it is.
        revision: of the microcode that runs, the lowest of all of them.
        platforms: bit mask of the platform it is for (Intel); absent where it cannot be read.
        is_virtual: whether a hypervisor lies below, which alone loads microcode.
    """

    vendor: str
    family: int
    model: int
    stepping: int
    revision: int | None
    platforms: int | None = None
    is_virtual: bool = False

    @property
    def signature(self) -> int:
        """How microcode files name the kind."""
        beyond = max(self.family - 15, 0)
        family = min(self.family, 15)
        high, low = divmod(self.model, 16)
        return (beyond << 20) | (high << 16) | (family << 8) | (low << 4) | self.stepping

    @property
    def file(self) -> str | None:
        """The file its microcode comes in, below the folder of firmware; nothing if unknown."""
        if self.vendor == INTEL:
            return f"intel-ucode/{self.family:02x}-{self.model:02x}-{self.stepping:02x}"
        if self.vendor == AMD:
            name = "" if self.family < _OF_ITS_OWN else f"_fam{self.family:x}h"
            return f"amd-ucode/microcode_amd{name}.bin"
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A microcode file.

    Attributes:
        path: of the file.
        content: its bytes, or as many as were read.
        is_since_boot: whether it was put there after the machine was booted.
    """

    path: str
    content: bytes
    is_since_boot: bool


@dataclass(frozen=True, slots=True)
class Update:
    """Microcode for one kind of processor.

    Attributes:
        revision: what it would make of it.
        platforms: bit mask of the platforms it is for; 0 for all.
    """

    revision: int
    platforms: int = 0


def microcode_account(processor: Processor, file: File | None) -> BootAccount:
    """What is to be told of the microcode.

    It is proof where the file came after the boot. One that was there already was not loaded by
    that boot either, so that another one may change nothing.

    Args:
        processor: what runs it.
        file: the installed microcode for it; absent where there is none.
    """
    if processor.is_virtual:
        told = "microcode: this is a virtual machine, whose host alone loads microcode"
        return BootAccount(beyond=(told,))
    if processor.file is None or processor.revision is None:
        vendor = processor.vendor or "this processor"
        return BootAccount(beyond=(f"microcode: which one runs is not told for {vendor}",))
    if file is None:
        return BootAccount(beyond=("microcode: none is installed here for this processor",))
    fitting = list(_fitting(processor, file.content))
    if not fitting:
        return BootAccount(beyond=(f"microcode: {file.path} holds none for this processor",))
    newest = max(fitting, key=lambda update: update.revision)
    if newest.revision <= processor.revision or processor.revision & _PROTOTYPE:
        return BootAccount(instances=(loaded(MICROCODE),))
    is_meant = processor.platforms is not None or processor.vendor == AMD or not newest.platforms
    when = "" if file.is_since_boot else ", there already when it was booted"
    evidence = Evidence(
        kind=EvidenceKind.MICROCODE_NEWER,
        subject=file.path,
        found=f"revision {processor.revision:#x}",
        expected=f"revision {newest.revision:#x}{when}",
    )
    finding = Finding(evidence, is_proof=is_meant and file.is_since_boot)
    return BootAccount(instances=(loaded(MICROCODE, finding),))


def _fitting(processor: Processor, content: bytes) -> Iterator[Update]:
    """The updates for that processor; prototypes are never meant for anybody."""
    reader = intel_updates if processor.vendor == INTEL else amd_updates
    for update in reader(content, processor.signature):
        mask = processor.platforms
        is_for_it = not update.platforms or mask is None or bool(update.platforms & mask)
        if is_for_it and not update.revision & _PROTOTYPE:
            yield update


def intel_updates(content: bytes, signature: int) -> Iterator[Update]:
    """The updates for one signature in a file of Intel's; what is cut or odd ends the reading."""
    at = 0
    for _ in range(_MOST):
        header = _unpack(_INTEL_HEADER, content, at)
        if not header:
            return
        version, revision, _, mine, _, _, platforms, size, total = header
        size, total = size or _INTEL_DATA, total or _INTEL_HEADER.size + _INTEL_DATA
        end = _INTEL_HEADER.size + size
        if version != 1 or total < end or at + total > len(content):
            return
        kinds = [(mine, platforms), *_further(content[at + end : at + total])]
        yield from (Update(revision, mask) for kind, mask in kinds if kind == signature)
        at += total


def _further(table: bytes) -> Iterator[tuple[int, int]]:
    """Further signatures, with their platforms, that an update of Intel's is for."""
    head = _unpack(_TABLE, table, 0)
    for number in range(min(head[0], _MOST) if head else 0):
        entry = _unpack(_SIGNATURE, table, _TABLE.size + number * _SIGNATURE.size)
        if not entry:
            return
        yield entry[0], entry[1]


def amd_updates(content: bytes, signature: int) -> Iterator[Update]:
    """The updates for one signature in AMD's containers; what is cut or odd ends the reading."""
    at = 0
    kinds: set[int] = set()
    for _ in range(_MOST):
        head = _unpack(_AMD_SECTION, content, at)
        if head and head[0] == _AMD_MAGIC:
            at, kinds = at + 4, set()
            continue
        body = content[at + 8 : at + 8 + head[1]] if head else b""
        if not head or len(body) < head[1] or head[0] not in {_EQUIVALENTS, _PATCHES}:
            return
        if head[0] == _EQUIVALENTS:
            kinds |= set(_equivalents(body, signature))
        patch = _unpack(_PATCH, body, 0) if head[0] == _PATCHES else ()
        if patch and patch[-1] in kinds:
            yield Update(patch[1])
        at += 8 + head[1]


def _equivalents(table: bytes, signature: int) -> Iterator[int]:
    """The numbers under which AMD's patches for that signature are kept."""
    for at in range(0, len(table) - _EQUIVALENT.size + 1, _EQUIVALENT.size):
        kind, _, _, number, _ = _EQUIVALENT.unpack_from(table, at)
        if kind == signature:
            yield number


def _unpack(layout: struct.Struct, content: bytes, at: int) -> Sequence[int]:
    """The numbers there; none where the content ends before."""
    return layout.unpack_from(content, at) if at + layout.size <= len(content) else ()
