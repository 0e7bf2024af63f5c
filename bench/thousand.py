"""A thousand supervised processes: what the supervisor holds in memory and burns while all is well.

The processes are `sleep`, behind a line of shell that writes the pid file, so that the figures are
the supervisor's own. Its resident memory and processor time are read from /proc: over half a
minute in which nothing happens; for insvc also while each service is asked every 10 s whether it
still answers, which is what pmon's own audits would ask (a service without a port has nothing to
ask; so then they all listen).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.supervisors import BIN, write_host, write_supervisord
from insvc.adapters.ask import ask

COUNT = 1000
QUIET_S = 30.0
READY_WITHIN_S = 180.0
PROGRAM = """#!/bin/sh
echo $$ > "$INSVC_PIDFILE"
exec sleep 1000000
"""
LISTENERS = """import os, select, socket, sys
listeners = [socket.create_server(("127.0.0.1", int(sys.argv[1]) + n), backlog=16)
             for n in range(int(sys.argv[2]))]
poll = select.epoll()
for one in listeners:
    poll.register(one.fileno(), select.EPOLLIN)
by_fd = {one.fileno(): one for one in listeners}
print("ready", flush=True)
while True:
    for fd, _ in poll.poll():
        client, _ = by_fd[fd].accept()
        client.close()
"""
FIRST_PORT = 20_000


class Cost(NamedTuple):
    """What a supervisor costs.

    Attributes:
        rss_mib: resident memory.
        idle: share of one core while nothing happens.
        up_s: seconds from its start until all were up.
    """

    rss_mib: float
    idle: float
    up_s: float


def cpu_s(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mib(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def measure(
    start: Callable[[Path], subprocess.Popen[bytes]], are_up: Callable[[Path], bool]
) -> Cost:
    """The cost of one supervisor of a thousand."""
    with tempfile.TemporaryDirectory(prefix="insvc-bench-") as place:
        directory = Path(place)
        began = time.monotonic()
        process = start(directory)
        try:
            while not are_up(directory):
                if time.monotonic() - began > READY_WITHIN_S:
                    raise TimeoutError("not all services came up in time")
                time.sleep(0.2)
            up_s = time.monotonic() - began
            time.sleep(12.0)
            before = cpu_s(process.pid)
            time.sleep(QUIET_S)
            return Cost(rss_mib(process.pid), (cpu_s(process.pid) - before) / QUIET_S, up_s)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    own = {int(one) for one in _children(process.pid)}
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    subprocess.run(["kill", "-9", *map(str, own)], check=False, stderr=subprocess.DEVNULL)


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def start_insvc(directory: Path, **fields: object) -> subprocess.Popen[bytes]:
    """A host's agent with a thousand services under pmon."""
    definitions = write_host(directory)
    program = directory / "root/usr/bin/native"
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM)
    program.chmod(0o755)
    (directory / "root/run").mkdir()
    for number in range(COUNT):
        name = f"s{number:04}"
        definition = {
            "name": name,
            "manager": "pmon",
            "package": name,
            "command": ["usr/bin/native"],
            "is_native": True,
            "pidfile": f"run/{name}.pid",
            **({**fields, "port": FIRST_PORT + number} if fields else {}),
        }
        (definitions / f"{name}.json").write_text(json.dumps(definition))
    with (directory / "agent.log").open("ab") as log:
        command = [sys.executable, "-m", "insvc.agent", str(directory)]
        return subprocess.Popen(command, stdout=log, stderr=log)


def insvc_is_up(directory: Path) -> bool:
    """Whether pmon calls all of them running."""
    rows = ask(directory / "run/agent.sock", {"ask": "managers"}, 30.0, patience_s=60.0)
    return [row["state"] for row in rows] == ["running"] * COUNT


def start_supervisord(directory: Path) -> subprocess.Popen[bytes]:
    """Supervisord with a thousand programs, otherwise its defaults."""
    programs = {f"s{number:04}": ["/bin/sleep", "1000000"] for number in range(COUNT)}
    config = write_supervisord(directory, programs)
    command = [str(BIN / "supervisord"), "-c", str(config)]
    with (directory / "supervisor.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


def supervisord_is_up(directory: Path) -> bool:
    """Whether it has called as many starts a success."""
    log = directory / "log"
    return log.exists() and log.read_text().count("entered RUNNING state") >= COUNT


def report() -> Iterator[str]:
    """One line a supervisor."""
    listeners = subprocess.Popen(
        [sys.executable, "-c", LISTENERS, str(FIRST_PORT), str(COUNT)], stdout=subprocess.PIPE
    )
    assert listeners.stdout is not None
    listeners.stdout.readline()
    found: dict[str, Cost] = {}
    try:
        found["insvc"] = measure(start_insvc, insvc_is_up)
        audited = measure(
            lambda directory: start_insvc(directory, audit_s=10.0, health_path=None), insvc_is_up
        )
        found["insvc, each asked every 10 s"] = audited
    finally:
        listeners.kill()
        listeners.wait()
        listeners.stdout.close()
    found["supervisord"] = measure(start_supervisord, supervisord_is_up)
    for name, cost in found.items():
        goal = "   (goal: at most 64 MiB, 0.50 %)" if name == "insvc" else ""
        yield (
            f"{COUNT} processes, {name:<29} {cost.rss_mib:6.1f} MiB   idle "
            f"{cost.idle * 100:5.2f} % of a core   all up after {cost.up_s:5.1f} s{goal}"
        )
    ours, theirs = found["insvc"], found["supervisord"]
    yield (
        f"  supervisord / insvc = {theirs.rss_mib / ours.rss_mib:.1f} (memory), "
        f"{theirs.idle / ours.idle:.1f} (idle)"
        if ours.idle
        else "  insvc used no time at all"
    )
