"""Reads which kernel runs and which are installed; nothing is executed."""

from __future__ import annotations

import os
import stat
import struct
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from insvc.adapters.small_file import read_small
from insvc.errors import WorldError
from insvc.inspect.boot import BootAccount, joined
from insvc.inspect.kernel import Image, Running, kernel_account, unnamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insvc.ports import Packages

_BOOT = ("vmlinuz-", "vmlinux-", "kernel-", "Image-")
_LEFTOVERS = (".old", ".bak", ".tmp", ".hmac", ".sig", ".dpkg-new", ".dpkg-tmp", ".rpmnew")
_MODULES = "lib/modules"
_MOST = 256
_PACKAGES = ("linux-image-{}", "linux-image-unsigned-{}")
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
_SETUP_AT = 0x200
_SETUP = struct.Struct("<2x4s8xH")
"""Of the set-up header: its magic and where, from it, the version is."""
_MAGIC = b"HdrS"
_LONGEST = 512


def kernel(root: Path, packages: Packages | None = None) -> BootAccount:
    """What is to be told of the kernel of this machine.

    Args:
        root: the machine's root, with its procfs and sysfs.
        packages: its package database, asked only where a file does not tell its build.
    """
    try:
        running = Running(
            release=read_small(root / "proc/sys/kernel/osrelease").strip(),
            build=read_small(root / "proc/sys/kernel/version").strip(),
            patches=_patches(root),
        )
    except OSError as fault:
        return BootAccount(unseen=(f"kernel: which one runs cannot be read: {fault.strerror}",))
    images = list(_images(root))
    if packages is not None and any(image.build is None for image in images):
        images = list(_with_versions(images, packages))
    return joined([kernel_account(running, images), BootAccount(unseen=unnamed(images))])


def build_of(path: Path) -> str | None:
    """What a kernel for x86 says of its build; nothing where it may not be read or is another.

    Source: the boot protocol of the kernel's documentation, field `kernel_version`: name, who
    built it in brackets, build.
    """
    try:
        file = os.open(path, _READ)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return None
        magic, pointer = _SETUP.unpack(os.pread(file, _SETUP.size, _SETUP_AT))
        if magic != _MAGIC or not pointer:
            return None
        text = os.pread(file, _LONGEST, _SETUP_AT + pointer)
    except (OSError, struct.error):
        return None
    finally:
        os.close(file)
    return _build(text)


def _build(text: bytes) -> str | None:
    words, end, _ = text.partition(b"\0")
    told = words.decode("utf-8", "replace")
    _, bracket, build = told.partition(") ")
    return build.strip() if end and bracket and told.isprintable() else None


def _images(root: Path) -> Iterator[Image]:
    """The kernels in the boot folder and beside their modules; some systems have both."""
    boot = root / "boot"
    for name in _names(boot):
        prefix = next((one for one in _BOOT if name.startswith(one)), None)
        release = name.removeprefix(prefix or name)
        if release and not release.endswith(_LEFTOVERS) and "rescue" not in release:
            yield _image(root, boot / name, release)
    for name in _names(root / _MODULES):
        path = root / _MODULES / name / "vmlinuz"
        if path.is_file():
            yield _image(root, path, name)


def _image(root: Path, path: Path, release: str) -> Image:
    return Image(path=f"/{path.relative_to(root)}", release=release, build=build_of(path))


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as found:
            return sorted(entry.name for entry in islice(found, _MOST) if entry.name.isprintable())
    except OSError:
        return []


def _patches(root: Path) -> tuple[str, ...]:
    return tuple(_names(root / "sys/kernel/livepatch"))


def _with_versions(images: list[Image], packages: Packages) -> Iterator[Image]:
    """The images, with the version of their package where they do not tell their build."""
    try:
        installed = packages.installed()
    except WorldError:
        installed = {}
    for image in images:
        if image.build is None:
            named = (installed.get(name.format(image.release)) for name in _PACKAGES)
            version = next((one for one in named if one), None)
            yield replace(image, version=version)
        else:
            yield image
