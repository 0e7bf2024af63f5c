"""Take away what a lab session that was killed may have left: hosts, control groups, bridges."""

import re
import shutil
from pathlib import Path

from lab.host import control_group, hosts_folder
from lab.machine import execute


def clean(*, all_of_it: bool = False) -> list[str]:
    """Remove what belongs to owners that no longer run, or everything; returns what was removed."""
    removed = []
    for path in hosts_folder().glob("il*"):
        if all_of_it or not _is_alive(path.name):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            removed.append(path.name)
    for group in control_group(".").glob("il*-*"):
        if all_of_it or not _is_alive(group.name):
            (group / "cgroup.kill").write_text("1", encoding="ascii")
            execute(["find", str(group), "-depth", "-type", "d", "-delete"], check=False)
            removed.append(str(group))
    for link in Path("/sys/class/net").glob("il*"):
        if re.fullmatch(r"il\d+", link.name) and (all_of_it or not _is_alive(link.name)):
            execute(["ip", "link", "delete", link.name], check=False)
            removed.append(link.name)
    return removed


def _is_alive(name: str) -> bool:
    """Whether the process that a name carries (`il1234`, `il1234-host`) still runs."""
    found = re.match(r"il(\d+)", name)
    return found is not None and Path(f"/proc/{found[1]}").is_dir()
