"""The program that every supervisor of the bench supervises, and how it is seen from outside."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

PROGRAM = """import os, signal, socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen()
with open(sys.argv[2] + ".new", "w") as pidfile:
    pidfile.write(f"{os.getpid()}\\n")
os.rename(sys.argv[2] + ".new", sys.argv[2])
signal.pause()
"""
PORT = 28931
LIMIT_S = 20.0
_LOOK_S = 0.0002


class Victim:
    """The program in a folder of its own.

    Args:
        directory: where it is put; its pid file goes beside it.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.program = directory / "root/usr/bin/victim"
        self.program.parent.mkdir(parents=True)
        self.program.write_text(PROGRAM)
        self.pidfile = directory / "root/run/victim.pid"
        self.pidfile.parent.mkdir(parents=True)

    @property
    def command(self) -> list[str]:
        """How it is started by whom we tell how."""
        return [sys.executable, "-I", "-S", "-B", str(self.program), str(PORT), str(self.pidfile)]

    def pid(self) -> int:
        """Of the one that serves, as it says itself; 0 where none does."""
        with contextlib.suppress(OSError, ValueError):
            return int(self.pidfile.read_text())
        return 0

    def wait_for_other(self, former: int) -> int:
        """Wait until another than that one serves; its pid."""
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until:
            pid = self.pid()
            if pid not in {0, former} and answers():
                return pid
            time.sleep(_LOOK_S)
        raise TimeoutError("the program was not ready in time")

    def own_start_s(self) -> float:
        """What it takes from its launch to being ready when nobody supervises it.

        Measured beside the supervised one, on a port of its own, so that both meet the same load.
        """
        pidfile = self.directory / "alone.pid"
        pidfile.unlink(missing_ok=True)
        command = [*self.command[:-2], str(PORT + 1), str(pidfile)]
        began = time.perf_counter()
        with subprocess.Popen(command, start_new_session=True) as child:
            while not (pidfile.exists() and answers(PORT + 1)):
                if time.perf_counter() - began > LIMIT_S:
                    raise TimeoutError("the program was not ready in time")
                time.sleep(_LOOK_S)
            took = time.perf_counter() - began
            child.kill()
        return took


def answers(port: int = PORT) -> bool:
    """Whether somebody listens on that port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


def children(pid: int) -> set[int]:
    """Pids of the live children of a process."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            found |= {int(child) for child in (task / "children").read_text().split()}
    return found


def running(program: Path) -> set[int]:
    """Pids of all that have the program on their command line."""
    found = set()
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                line = Path(f"/proc/{entry.name}/cmdline").read_bytes()
                if os.fsencode(program) in line.split(b"\0"):
                    found.add(int(entry.name))
    return found


def time_restart_begun(victim: Victim, seen: Callable[[], set[int]]) -> float:
    """Kill the program; seconds until its supervisor has started something.

    Args:
        victim: what is killed.
        seen: pids among which a new one means that the restart was begun.
    """
    pid = victim.wait_for_other(0)
    before = seen()
    began = time.perf_counter()
    os.kill(pid, signal.SIGKILL)
    while not seen() - before:
        if time.perf_counter() - began > LIMIT_S:
            raise TimeoutError("no restart was begun")
    took = time.perf_counter() - began
    victim.wait_for_other(pid)
    return took


def time_restart_asked(victim: Victim, restart: Callable[[], object]) -> float:
    """Seconds from asking for a restart until another process serves."""
    pid = victim.wait_for_other(0)
    asking = threading.Thread(target=restart)
    began = time.perf_counter()
    asking.start()
    victim.wait_for_other(pid)
    took = time.perf_counter() - began
    asking.join()
    return took


def end(supervisor: subprocess.Popen[bytes], victim: Victim) -> None:
    """End the supervisor and what it has left."""
    supervisor.terminate()
    try:
        supervisor.wait(10)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
    for pid in running(victim.program):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
