"""Reads the kernel's counters of this machine: processors, memory, disks, interfaces, queues."""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from insvc.adapters.netlink import everything
from insvc.model.recorder import Numbers
from insvc.supervise.counters import (
    Counters,
    read_cpu,
    read_disks,
    read_interfaces,
    read_memory,
)
from insvc.supervise.netlink import Kind, queue

PROC = Path("/proc")


def read_counters(root: Path, proc: Path = PROC) -> Counters:
    """What the kernel has counted by now. What cannot be read is named, not left out in silence.

    Args:
        root: the host's root, of whose file system the space is told too.
        proc: where procfs is.
    """
    unseen: list[str] = []

    def read(name: str) -> str:
        try:
            return (proc / name).read_text("utf-8", "replace")
        except OSError as fault:
            unseen.append(f"{name}: {fault.strerror or fault}")
            return ""

    def seen(what: str, look: Callable[[], Numbers]) -> Numbers:
        try:
            return look()
        except OSError as fault:
            unseen.append(f"{what}: {fault.strerror or fault}")
            return {}

    mounts = read("self/mounts")
    return Counters(
        at=time.time(),
        since_boot_s=time.clock_gettime(time.CLOCK_BOOTTIME),
        boot=read("sys/kernel/random/boot_id").strip(),
        cpu=read_cpu(read("stat")),
        memory=read_memory(read("meminfo")),
        disks=read_disks(read("diskstats")),
        network=read_interfaces(read("self/net/dev")),
        space=seen("space", lambda: _space(root, mounts)),
        queues=seen("queues", _queues),
        unseen=tuple(unseen),
    )


def _space(root: Path, mounts: str) -> Numbers:
    """Bytes of the host's own file system and of those on devices; each file system once."""
    places = [str(root), *_on_devices(mounts)]
    found: Numbers = {}
    known = set()
    for place in places:
        try:
            device, state = Path(place).stat().st_dev, os.statvfs(place)
        except OSError:
            continue  # a mount that we may not enter is none of ours
        if device not in known and state.f_blocks:
            known.add(device)
            found[place] = {
                "total_bytes": float(state.f_blocks * state.f_frsize),
                "available_bytes": float(state.f_bavail * state.f_frsize),
                "free_files": float(state.f_ffree),
            }
    return found


def _on_devices(mounts: str) -> list[str]:
    lines = (line.split() for line in mounts.splitlines())
    return [words[1] for words in lines if len(words) > 1 and words[0].startswith("/dev/")]


def _queues() -> Numbers:
    found: Numbers = {}
    for message in everything(Kind.GET_QUEUE):
        one = queue(message)
        if one is not None:
            found[f"{_name(one.index)} {one.name}"] = one.counts
    return found


def _name(index: int) -> str:
    try:
        return socket.if_indextoname(index)
    except OSError:
        return str(index)
