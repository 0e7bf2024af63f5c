"""Looks at threads of named programs, and writes down what the kernel tells of one that stalls."""

from collections.abc import Collection, Iterator
from pathlib import Path

from insvc.supervise.stalls import UNINTERRUPTIBLE, ThreadKey, ThreadLook

PROC = Path("/proc")
_STATE, _USER, _SYSTEM, _START = 0, 11, 12, 19
_SWITCHES = "voluntary_ctxt_switches:"
_TELLING = ("stat", "status", "wchan", "syscall", "stack")


def look_at_threads(
    programs: Collection[str], pids: Collection[int], proc: Path = PROC
) -> tuple[ThreadLook, ...]:
    """Every thread of these programs and of these processes; what ends meanwhile is left out.

    Args:
        programs: names as the kernel keeps them, at most 15 bytes.
        pids: processes that are looked at whatever their names.
        proc: where procfs is.
    """
    return tuple(
        look
        for folder in proc.iterdir()
        if folder.name.isdigit()
        and (int(folder.name) in pids or _text(folder / "comm") in programs)
        for look in _threads(folder)
    )


def tell_thread(key: ThreadKey, proc: Path = PROC) -> str:
    """All that the kernel tells of a thread; what may not be read is named with the reason."""
    folder = proc / str(key.pid) / "task" / str(key.tid)
    parts = []
    for name in _TELLING:
        try:
            told = (folder / name).read_text("utf-8", "replace").rstrip()
        except OSError as fault:
            told = f"cannot be read: {fault.strerror or fault}"
        parts.append(f"--- {name} of thread {key.tid} of process {key.pid} ---\n{told}\n")
    return "".join(parts)


def _threads(folder: Path) -> Iterator[ThreadLook]:
    try:
        tasks = [one for one in (folder / "task").iterdir() if one.name.isdigit()]
    except OSError:
        return
    program = _text(folder / "comm")
    for task in tasks:
        look = _look(int(folder.name), task, program)
        if look is not None:
            yield look


def _look(pid: int, task: Path, program: str) -> ThreadLook | None:
    # The name in brackets may hold anything; all else stands behind its last bracket.
    words = _text(task / "stat").rpartition(")")[2].split()
    if len(words) <= _START:
        return None
    state = words[_STATE]
    return ThreadLook(
        key=ThreadKey(pid, int(task.name), int(words[_START])),
        program=program,
        state=state,
        cpu_ticks=int(words[_USER]) + int(words[_SYSTEM]),
        switches=_switches(task) if state == UNINTERRUPTIBLE else 0,
    )


def _switches(task: Path) -> int:
    for line in _text(task / "status").splitlines():
        if line.startswith(_SWITCHES):
            return int(line.removeprefix(_SWITCHES))
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
