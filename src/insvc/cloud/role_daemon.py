"""What our own daemons beside sm have in common: a pid file, a small web face, one regular task.

They run from the packages sm-api, sm-eru and sm-watchdog with the environment that every program
of the embedded cloud gets. The stop signal ends them at once.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from insvc.adapters.unix_socket import connect
from insvc.errors import WorldError
from insvc.standin.web import Reply, Request, Server

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

Answer = Callable[[Request], Reply | None]


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
        """Serve until the stop signal comes, then end the process with status 0."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        server = Server(os.environ["INSVC_ADDRESS"], int(os.environ["INSVC_PORT"]), self.answer)
        _write_pidfile(Path(os.environ["INSVC_PIDFILE"]))
        say(f"{self.name}: ready on port {server.port}")
        stopped = False
        while not stopped:
            self._beat()
            stopped = signal.sigtimedwait(STOP_SIGNALS, self._period_s) is not None
        say(f"{self.name}: ended")
        os._exit(0)

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


def ask_sm(run: Path, timeout_s: float) -> dict[str, Any]:
    """What the host's service manager says: `role`, `locked` and `services`.

    Args:
        run: the host's run directory.
        timeout_s: how long it may take.

    Raises:
        WorldError: it does not answer, or not in time.
    """
    deadline = time.monotonic() + timeout_s
    received = b""
    try:
        with connect(run / "sm.sock", timeout_s) as client:
            client.sendall(b'{"ask": "services"}\n')
            while not received.endswith(b"\n"):
                client.settimeout(max(0.001, deadline - time.monotonic()))
                piece = client.recv(65_536)
                if not piece:
                    raise _silent("it closed the connection before its answer")
                received += piece
        said = json.loads(received)
    except (OSError, ValueError) as fault:
        raise _silent(f"no answer within {timeout_s} s ({fault})") from fault
    if not isinstance(said, dict) or said.get("ok") is not True:
        raise _silent(f"it answered {received[:80]!r}")
    answer = said["answer"]
    return dict(answer) if isinstance(answer, dict) else {"services": answer}


def say(line: str) -> None:
    """Write one line into the daemon's log."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    os.write(1, f"{stamp} {line}\n".encode())


def _silent(reason: str) -> WorldError:
    return WorldError("sm", reason, next_act="look into the log of sm on this host")


def _write_pidfile(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(f"{os.getpid()}\n", encoding="ascii")
    draft.replace(path)
