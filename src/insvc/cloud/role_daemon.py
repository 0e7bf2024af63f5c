"""What our own daemons beside sm have in common: a pid file, a small web face, one regular task.

They run from the packages sm-api, sm-eru and sm-watchdog with the environment that every program
of the embedded cloud gets. The stop signal ends them at once.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from insvc.adapters.ask import ask
from insvc.adapters.small_file import read_small
from insvc.adapters.wire import from_json
from insvc.errors import InputError, WorldError
from insvc.standin.web import Reply, Request, Server

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

Answer = Callable[[Request], Reply | None]
T = TypeVar("T")


class RoleDaemon:
    """One daemon in a role of the operators' table.

    Args:
        name: what its manager calls it.
        answer: its own paths; nothing for a path it does not know.
        beat: the regular task.
        period_s: pause between two beats.

    Attributes:
        name: what its manager calls it.
        host: the host it serves.
    """

    def __init__(
        self, name: str, *, answer: Answer, beat: Callable[[], None], period_s: float
    ) -> None:
        self.name = name
        self.host = os.environ["INSVC_HOST"]
        self._answer = answer
        self._beat = beat
        self._period_s = period_s

    def run(self) -> None:
        """Serve until the stop signal comes. Nothing is left that would hold the process."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        server = Server(os.environ["INSVC_ADDRESS"], int(os.environ["INSVC_PORT"]), self.answer)
        _write_pidfile(Path(os.environ["INSVC_PIDFILE"]))
        say(f"{self.name}: ready on port {server.port}")
        stopped = False
        while not stopped:
            self._beat()
            got = signal.sigtimedwait(STOP_SIGNALS, self._period_s)
            # Python 3.11 may tell who was frozen and goes on of a signal that there was not.
            stopped = got is not None and got.si_signo in STOP_SIGNALS
        server.stop_accepting()
        say(f"{self.name}: ended")

    def answer(self, request: Request) -> Reply:
        """The answer to any request."""
        if request.path == "/healthz":
            return Reply(200, {"ready": True})
        if request.path == "/version":
            return Reply(200, self._about())
        return self._answer(request) or Reply(404, {"fault": f"{request.path} is not served here"})

    def _about(self) -> dict[str, object]:
        return {
            "service": self.name,
            "package": os.environ.get("INSVC_PACKAGE", self.name),
            "version": os.environ.get("INSVC_VERSION", ""),
            "host": self.host,
            "pid": os.getpid(),
            "stand-in": False,
        }


def settings_of(name: str, path: Path, usual: T) -> T:
    """A daemon's settings; the usual ones where their file is not there, or faulty, which is said.

    Args:
        name: of the daemon.
        path: of the file, JSON.
        usual: what everybody has.
    """
    if not path.exists():
        return usual
    try:
        return from_json(type(usual), json.loads(read_small(path)))
    except (OSError, ValueError, InputError) as fault:
        say(f"{name}: {path}: {fault}; going on without it")
        return usual


def ask_sm(run: Path, timeout_s: float) -> dict[str, Any]:
    """What the host's service manager says: `role`, `locked` and `services`.

    Args:
        run: the host's run directory.
        timeout_s: how long it may take.

    Raises:
        WorldError: it does not answer, not in time, or not with its services.
    """
    answer = ask(run / "sm.sock", {"ask": "services"}, timeout_s)
    if not isinstance(answer, dict) or not isinstance(answer.get("services"), list):
        raise WorldError(
            "sm",
            f"answered {answer!r:.60}, expected its services",
            next_act="run the same version of insvc on the whole host",
        )
    return answer


def say(line: str) -> None:
    """Write one line into the daemon's log; whatever it holds, it stays one.

    A log that cannot be written is no reason to leave a request without an answer.
    """
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    told = "".join(one if one.isprintable() else repr(one)[1:-1] for one in line)
    with suppress(OSError):
        os.write(1, f"{stamp} {told}\n".encode())


def _write_pidfile(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(f"{os.getpid()}\n", encoding="ascii")
    draft.replace(path)
