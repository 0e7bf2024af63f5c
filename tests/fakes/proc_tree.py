"""A procfs of files, in which processes of any kind are put."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
BOOT_ID = "6f1f8a5e-0000-4000-8000-00000000b007"


def ticks_ago(seconds: float) -> int:
    """The start ticks of a process that was started so long ago."""
    return int((time.clock_gettime(time.CLOCK_BOOTTIME) - seconds) * TICKS_PER_S)


def maps_line(path: str | Path, *, rights: str = "r-xp", at: int = 0x55AA00000000) -> str:
    """The line of maps of the file that is at that path now."""
    found = Path(path).stat()
    device = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}"
    return f"{at:x}-{at + 0x1000:x} {rights} 00000000 {device} {found.st_ino}    {path}"


class ProcTree:
    """A folder that looks like /proc.

    Args:
        folder: where it is made.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder
        (folder / "sys/kernel/random").mkdir(parents=True)
        (folder / "sys/kernel/random/boot_id").write_text(f"{BOOT_ID}\n", "ascii")
        (folder / "version").touch()
        self.add(1, "init", start_ticks=10)
        (folder / "self").symlink_to("1")

    def add(  # noqa: PLR0913 - each is told by a file of its own
        self,
        pid: int,
        name: str = "daemon",
        *,
        maps: Sequence[str] = (),
        start_ticks: int | None = None,
        parent: int = 1,
        state: str = "S",
        threads: int = 1,
        flags: int = 0,
        group: str = "/",
        command: Sequence[str] = (),
        root: Path = Path("/"),
        space: str = "host",
    ) -> Path:
        """Put a process there; answers with its folder.

        Args:
            pid: its process id.
            name: what the kernel calls it.
            maps: lines of its mappings.
            start_ticks: of its start; later than any file of the test where absent.
            parent: pid of its parent.
            state: letter of its state.
            threads: how many it has.
            flags: the kernel's flags of it.
            group: its control group.
            command: its argument vector.
            root: its root folder.
            space: name of its mount namespace.
        """
        folder = self.path / str(pid)
        (folder / "ns").mkdir(parents=True)
        (folder / "task").mkdir()
        start = ticks_ago(-60.0) if start_ticks is None else start_ticks
        rest = f"{parent} 0 {pid} 0 -1 {flags} 0 0 0 0 0 0 0 0 20 0 {threads} 0 {start} 0 0"
        (folder / "stat").write_text(f"{pid} ({name}) {state} {rest}\n", "utf-8")
        (folder / "maps").write_text("".join(f"{line}\n" for line in maps), "utf-8")
        (folder / "cgroup").write_text(f"0::{group}\n", "utf-8")
        (folder / "cmdline").write_bytes(b"".join(os.fsencode(word) + b"\0" for word in command))
        (folder / "root").symlink_to(root)
        (folder / "cwd").symlink_to(root)
        (folder / "ns/mnt").symlink_to(f"mnt:[{space}]")
        return folder
