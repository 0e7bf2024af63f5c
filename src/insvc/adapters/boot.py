"""Looks at what only another boot replaces: kernel, microcode, and the wish for a boot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from insvc.adapters.kernel import kernel
from insvc.adapters.small_file import read_small
from insvc.inspect.boot import REQUEST, BootAccount, joined, request

if TYPE_CHECKING:
    from insvc.ports import Packages

_CONFINED = (
    "run/systemd/container",
    ".dockerenv",
    "run/.containerenv",
    "run/host/container-manager",
)
"""What container engines leave in the root of a container."""


def boot(root: Path, booted_at: float, packages: Packages | None = None) -> BootAccount:
    """What is to be told of what was loaded at boot.

    A container has no kernel of its own: of that nothing is claimed there.

    Args:
        root: the machine's root, with its procfs and sysfs.
        booted_at: when it was booted, seconds since the epoch by the clock of now.
        packages: its package database.
    """
    if any((root / name).exists() for name in _CONFINED):
        told = "kernel, microcode: this is a container; its host has them"
        return joined([BootAccount(beyond=(told,)), _request(root)])
    from insvc.adapters.microcode import microcode

    return joined([kernel(root, packages), microcode(root, booted_at), _request(root)])


def _request(root: Path) -> BootAccount:
    """What packages left word of; that they did counts even where their names cannot be read."""
    path = root / REQUEST.lstrip("/")
    if not path.exists():
        return BootAccount()
    try:
        names = read_small(path.with_name(f"{path.name}.pkgs"))
    except OSError:
        names = ""
    return BootAccount(instances=(request(names),))
