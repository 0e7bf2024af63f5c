"""One line of `/proc/PID/stat`.

Source: proc_pid_stat(5). Field 2 is the name of the program in brackets; it may hold spaces,
brackets and newlines, so everything else is counted from its last closing bracket.
"""

from dataclasses import dataclass

from insvc.errors import WorldError

_STATE, _PARENT, _SESSION, _FLAGS, _THREADS, _START = 0, 1, 3, 6, 17, 19
_KERNEL_THREAD = 0x00200000


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessStat:
    """What the kernel says of one process.

    Attributes:
        pid: its process id.
        name: of its program, at most 15 bytes.
        state: one letter; `Z` has ended and waits to be reaped.
        parent: pid of its parent.
        session: pid of its session's leader.
        threads: how many run, or wait to be reaped.
        start_ticks: clock ticks from boot to its start.
        is_kernel: a thread of the kernel, which has no program of its own.
    """

    pid: int
    name: str
    state: str
    parent: int
    session: int
    threads: int
    start_ticks: int
    is_kernel: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it runs. A leader that ended before its threads still counts."""
        return self.state in "ZXx" and self.threads <= 1


def parse_stat(text: bytes) -> ProcessStat:
    """Read one stat line.

    Raises:
        WorldError: it is not one.
    """
    head, _, tail = text.rpartition(b")")
    pid, _, name = head.partition(b" (")
    fields = tail.split()
    try:
        return ProcessStat(
            pid=int(pid),
            name=name.decode("utf-8", "replace"),
            state=fields[_STATE].decode("ascii", "replace"),
            parent=int(fields[_PARENT]),
            session=int(fields[_SESSION]),
            threads=int(fields[_THREADS]),
            start_ticks=int(fields[_START]),
            is_kernel=bool(int(fields[_FLAGS]) & _KERNEL_THREAD),
        )
    except (ValueError, IndexError) as fault:
        raise WorldError(
            "/proc/PID/stat",
            f"found {text[:60]!r}, expected `PID (NAME) STATE …` with 22 fields or more",
            next_act="check that /proc is the kernel's own",
        ) from fault
