"""From the death of a supervised process to the begin of its restart: insvc, supervisord, circus.

All three supervise the same program. It is killed, and the supervisor's list of children in /proc
is read over and over until a new child stands in it: that is the restart begun, whatever the
program does afterwards.
"""

import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROGRAM = """import os, signal, socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen()
with open(sys.argv[2], "w") as pidfile:
    pidfile.write(str(os.getpid()))
signal.pause()
"""
PORT = 28931
ROUNDS = 30


def children(pid: int) -> set[int]:
    """Pids of the live children of a process."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            found |= {int(child) for child in (task / "children").read_text().split()}
    return found


def runs_program(pid: int, program: Path) -> bool:
    """Whether that process has the program on its command line."""
    with contextlib.suppress(OSError):
        return str(program) in Path(f"/proc/{pid}/cmdline").read_text()
    return False


def wait_for(what: Callable[[], bool], limit_s: float = 20.0) -> None:
    """Return once it is true; give up after the limit."""
    until = time.monotonic() + limit_s
    while not what():
        if time.monotonic() > until:
            raise TimeoutError("the supervisor did not do its part in time")
        time.sleep(0.01)


def victim_of(supervisor: int, program: Path) -> int:
    """The one process of the supervisor that runs the program."""
    return next((pid for pid in children(supervisor) if runs_program(pid, program)), 0)


def time_restart(supervisor: int, program: Path) -> float:
    """Kill the program; seconds until its supervisor has a new child."""
    wait_for(lambda: victim_of(supervisor, program) != 0)
    victim = victim_of(supervisor, program)
    before = children(supervisor)
    began = time.perf_counter()
    os.kill(victim, signal.SIGKILL)
    while not children(supervisor) - before:
        if time.perf_counter() - began > 20:
            raise TimeoutError("no restart was begun")
    return time.perf_counter() - began


def measure(start: Callable[[Path, Path], subprocess.Popen[bytes]]) -> list[float]:
    """Restart latencies of one supervisor, in seconds."""
    with tempfile.TemporaryDirectory(prefix="insvc-bench-") as place:
        directory = Path(place)
        (directory / "root/usr/bin").mkdir(parents=True)
        program = directory / "root/usr/bin/victim"
        program.write_text(PROGRAM)
        supervisor = start(directory, program)
        try:
            found = []
            for _ in range(ROUNDS):
                found.append(time_restart(supervisor.pid, program))
                # Long enough for every supervisor to call the start a success.
                time.sleep(1.3)
            return found
        finally:
            _end(supervisor)


def _end(supervisor: subprocess.Popen[bytes]) -> None:
    orphans = children(supervisor.pid)
    supervisor.terminate()
    try:
        supervisor.wait(10)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
    for pid in orphans:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def start_insvc(directory: Path, program: Path) -> subprocess.Popen[bytes]:
    """A host's agent whose pmon supervises the program."""
    host: dict[str, object] = {
        "host": "bench",
        "personality": "worker",
        "subfunctions": [],
        "address": "127.0.0.1",
        "oam_address": "127.0.0.1",
        "initial_role": None,
        "python": sys.executable,
    }
    (directory / "host.json").write_text(json.dumps(host))
    definitions = directory / "root/etc/insvc/services.d"
    definitions.mkdir(parents=True)
    pidfile = directory / "root/run/victim.pid"
    pidfile.parent.mkdir(parents=True)
    definition = {
        "name": "victim",
        "manager": "pmon",
        "package": "victim",
        "command": ["usr/bin/victim", str(PORT), str(pidfile)],
        "pidfile": "run/victim.pid",
        "port": PORT,
        "health_path": None,
        "debounce_s": 0.5,
    }
    (definitions / "victim.json").write_text(json.dumps(definition))
    assert program.exists()
    return subprocess.Popen([sys.executable, "-m", "insvc.agent", str(directory)])


def start_supervisord(directory: Path, program: Path) -> subprocess.Popen[bytes]:
    """Supervisord with its defaults, one program."""
    config = directory / "supervisord.conf"
    config.write_text(
        f"[supervisord]\nnodaemon=true\nlogfile={directory}/log\npidfile={directory}/pid\n"
        f"childlogdir={directory}\n[program:victim]\nautorestart=true\n"
        f"command={sys.executable} -I -S -B {program} {PORT} {directory}/victim.pid\n"
    )
    arguments = [str(Path(sys.executable).parent / "supervisord"), "-c", str(config)]
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def start_circus(directory: Path, program: Path) -> subprocess.Popen[bytes]:
    """Circusd with its defaults, one watcher."""
    config = directory / "circus.ini"
    config.write_text(
        "[circus]\nendpoint = ipc://" + f"{directory}/a\npubsub_endpoint = ipc://{directory}/b\n"
        f"[watcher:victim]\ncmd = {sys.executable} -I -S -B {program} {PORT} {directory}/v.pid\n"
    )
    arguments = [str(Path(sys.executable).parent / "circusd"), str(config)]
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def report() -> Iterator[str]:
    """One line a supervisor, and the ratios."""
    medians = {}
    for name, start in (
        ("insvc", start_insvc),
        ("supervisord", start_supervisord),
        ("circus", start_circus),
    ):
        found = measure(start)
        medians[name] = statistics.median(found)
        yield (
            f"death to restart begun, {name:<12} median {medians[name] * 1000:8.2f} ms   "
            f"max {max(found) * 1000:8.2f} ms   ({len(found)} kills)"
        )
    for peer in ("supervisord", "circus"):
        yield f"  {peer} / insvc = {medians[peer] / medians['insvc']:.1f}"
