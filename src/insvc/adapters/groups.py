"""Which processes are in a control group or below it, read from the kernel's own lists."""

import os
from pathlib import Path


def pids_of_group(mount: Path, group: str) -> tuple[int, ...] | None:
    """Every pid in that group and in the groups below it.

    Args:
        mount: where the control groups are mounted.
        group: as `/proc/PID/cgroup` writes it, beginning with `/`.

    Returns:
        the pids in ascending order; nothing where the mount does not have the group.
    """
    for hierarchy in ("", "/systemd", "/unified"):
        top = f"{mount}{hierarchy}{group}"
        try:
            return tuple(sorted(_pids_below(top)))
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def _pids_below(top: str) -> set[int]:
    found = _pids_in(top)
    for folder, names, _ in os.walk(top):
        for name in names:
            try:
                found |= _pids_in(f"{folder}/{name}")
            except OSError:
                continue
    return found


def _pids_in(folder: str) -> set[int]:
    return {int(line) for line in Path(folder, "cgroup.procs").read_bytes().split()}
