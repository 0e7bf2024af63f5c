"""Keeps one agent a host alive: `python -m insvc.cloud.keeper CLOUD`.

It is the parent of every agent and inherits their orphans, so that no process of the cloud ever
belongs to somebody else. A dead agent is started again at once.
"""

import ctypes
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from insvc.adapters.ask import ask
from insvc.adapters.procfs import ProcfsTable
from insvc.cloud.files import json_text, write_whole
from insvc.cloud.processes import sweep
from insvc.errors import WorldError

PR_SET_CHILD_SUBREAPER = 36
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
SIGNALS = (signal.SIGCHLD, *STOP_SIGNALS)
SHORT_S = 2.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
SHUTDOWN_S = 50.0
EXIT_S = 3.0
LOOK_S = 0.2


class Keeper:
    """The agents of one cloud.

    Args:
        cloud: its directory, absolute.
    """

    def __init__(self, cloud: Path) -> None:
        self._cloud = cloud
        self._hosts = sorted(path.parent for path in cloud.glob("hosts/*/host.json"))
        self._agents: dict[int, Path] = {}
        self._started_at: dict[Path, float] = {}
        self._due: dict[Path, float] = {}
        self._short_lives: dict[Path, int] = {}

    def run(self) -> None:
        """Start every agent, keep it, and when told to stop end them all."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        for host in self._hosts:
            self._start(host)
        self._record(os.getpid())
        while not self._was_told_to_stop():
            self._collect()
            self._start_those_due()
        self._shut_down()
        self._record(None)

    def _record(self, pid: int | None) -> None:
        """Write who keeps this cloud, or that nobody does."""
        identity = ProcfsTable().identity(pid) if pid is not None else None
        body = {
            "format": "insvc-cloud/1",
            "keeper_pid": pid,
            "keeper_start_ticks": identity.start_ticks if identity else None,
            "boot_id": identity.boot_id if identity else None,
        }
        write_whole(self._cloud / "cloud.json", json_text(body))

    def _was_told_to_stop(self) -> bool:
        """Wait for a signal or for the next look; whether it was one to stop."""
        pause = min([LOOK_S, *(at - time.monotonic() for at in self._due.values())])
        got = signal.sigtimedwait(SIGNALS, max(0.0, pause))
        # Who was frozen for longer than the pause (SIGSTOP, a paused container) may get a signal
        # without a number from Python 3.11; only one that means it ends the cloud.
        return got is not None and got.si_signo in STOP_SIGNALS

    def _start(self, host: Path) -> None:
        environment = {**os.environ, "INSVC_CLOUD": str(self._cloud), "INSVC_HOST": host.name}
        log = os.open(host / "log" / "agent.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-P", "-m", "insvc.agent", str(host)],
                environment,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, log, 1),
                    (os.POSIX_SPAWN_DUP2, log, 2),
                ],
                setsid=True,
                setsigmask=[],
            )
        finally:
            os.close(log)
        self._agents[pid] = host
        self._started_at[host] = time.monotonic()

    def _start_those_due(self) -> None:
        now = time.monotonic()
        for host in [one for one, at in self._due.items() if at <= now]:
            del self._due[host]
            self._start(host)

    def _collect(self) -> None:
        """Reap every child that ended; an agent among them is due again."""
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            host = self._agents.pop(pid, None)
            if host is not None:
                now = time.monotonic()
                lives = self._short_lives.get(host, 0) + 1
                self._short_lives[host] = 0 if now - self._started_at[host] > SHORT_S else lives
                self._due[host] = now + pause_s(self._short_lives[host])

    def _collect_while(self, condition: Callable[[], bool], seconds: float) -> None:
        """Collect what ends as long as the condition holds, at most that long."""
        until = time.monotonic() + seconds
        while condition() and time.monotonic() < until:
            signal.sigtimedwait([signal.SIGCHLD], LOOK_S)
            self._collect()

    def _shut_down(self) -> None:
        """Ask every agent to stop its services, then end what is left."""
        asks = [
            threading.Thread(target=_ask_to_stop, args=(host,), daemon=True)
            for host in self._agents.values()
        ]
        for one in asks:
            one.start()
        self._collect_while(lambda: any(one.is_alive() for one in asks), SHUTDOWN_S)
        self._collect_while(lambda: bool(self._agents), EXIT_S)
        sweep(self._cloud, patience_s=1.0)
        self._collect()


def pause_s(short_lives: int) -> float:
    """How long an agent stays down that ended so often in a row soon after its start."""
    if short_lives == 0:
        return 0.0
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(short_lives - 1, 10))


def _ask_to_stop(host: Path) -> None:
    with suppress(WorldError):  # one that does not answer is ended afterwards
        ask(host / "run" / "agent.sock", {"ask": "shutdown"}, SHUTDOWN_S)


def keeper_of(cloud: Path) -> tuple[int, int, str] | None:
    """Pid, start ticks and boot of the keeper that the cloud's directory names, if any."""
    try:
        body = json.loads((cloud / "cloud.json").read_text("utf-8"))
        return int(body["keeper_pid"]), int(body["keeper_start_ticks"]), str(body["boot_id"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


if __name__ == "__main__":
    Keeper(Path(sys.argv[1])).run()
