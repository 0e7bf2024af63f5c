"""Which virtual machine an emulator runs, from its command line; nothing is asked of it."""

import re
from collections.abc import Iterable
from itertools import pairwise

_EMULATOR = re.compile(r"qemu-system-[\w-]+|qemu-kvm|kvm")
_ODD = re.compile(r"[^\w.@:+-]")
_LONGEST = 64
_OPTIONS = frozenset({"-name", "--name"})


def is_emulator(path: str) -> bool:
    """Whether the program at that path runs virtual machines, one a process."""
    return _EMULATOR.fullmatch(path.rpartition("/")[2]) is not None


def guest_of(path: str, command: bytes) -> str:
    """The name that an emulator was told to give its guest; empty where it was not told any.

    Args:
        path: of the program.
        command: its arguments as the kernel holds them; a process may have written anything there,
            so what is no plain name is made one.
    """
    if not is_emulator(path):
        return ""
    words = command.decode("utf-8", "replace").split("\0")
    told = next((value for option, value in pairwise(words) if option in _OPTIONS), "")
    return _ODD.sub("_", _name(told.replace(",,", "\0").split(",")).replace("\0", ","))[:_LONGEST]


def _name(parts: Iterable[str]) -> str:
    """The name among the parts of the option: `guest=NAME`, or a first one without a key."""
    for number, part in enumerate(parts):
        key, sign, value = part.partition("=")
        if key == "guest" and sign:
            return value
        if not number and not sign:
            return part
    return ""
