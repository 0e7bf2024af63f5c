"""A stand-in that serves HTTP from its start to its stop signal."""

import time
from collections.abc import Callable

from .program import Program, become_ready, end_now, hold_signals, wait_until_stopped, write_pidfile
from .web import Answer, Reply, Request, Server

MAX_SLOW_S = 120.0


class Service:
    """Health, version and statistics around one behaviour.

    Args:
        program: who it is.
        answer: the behaviour's own answers.
        stats: what `/stats` shows, beside how many requests are open.
        is_healthy: whether it can serve now, once it is ready.
        while_warming: what it answers before it is ready; 503 where absent.
        address: where it listens; the host's own address where absent.
    """

    def __init__(
        self,
        program: Program,
        answer: Answer,
        *,
        stats: Callable[[], dict[str, object]] = dict,
        is_healthy: Callable[[], bool] = lambda: True,
        while_warming: Answer | None = None,
        address: str = "",
    ) -> None:
        self.program = program
        self.is_ready = False
        self._answer = answer
        self._stats = stats
        self._is_healthy = is_healthy
        self._while_warming = while_warming
        self._address = address or program.address
        self._count_open: Callable[[], int] = int

    def run(self, *, warm_s: float, drain_s: float = 0.0) -> None:
        """Serve until told to stop, then end the process.

        Args:
            warm_s: how long the start takes.
            drain_s: how long open requests may take to finish; 0 breaks them off.
        """
        hold_signals()
        write_pidfile()
        server = Server(self._address, self.program.port, self.answer)
        self._count_open = server.count_open
        if become_ready(warm_s, lambda: True):
            self.is_ready = True
            self.program.said(f"ready on {self._address}:{server.port}")
            wait_until_stopped()
        if drain_s:
            server.stop_accepting()
            done = server.wait_for_open(drain_s)
            self.program.said("every request finished" if done else "requests were broken off")
        self.program.said("ended")
        end_now()

    def answer(self, request: Request) -> Reply:
        """The answer to any request."""
        shown = self._shown(request.path)
        if shown is not None:
            return shown
        if not self.is_ready:
            if self._while_warming is not None:
                return self._while_warming(request)
            return Reply(503, {"fault": f"{self.program.name} is starting"})
        if request.path == "/v1/slow":
            return _slow(request)
        return self._answer(request)

    def _shown(self, path: str) -> Reply | None:
        """What every stand-in shows of itself, ready or not."""
        if path == "/healthz":
            healthy = self.is_ready and self._is_healthy()
            return Reply(200 if healthy else 503, {"ready": healthy})
        if path == "/version":
            return Reply(200, self.program.about())
        if path == "/stats":
            return Reply(200, {**self._stats(), "open": self._count_open()})
        return None


def _slow(request: Request) -> Reply:
    """Take as long as asked: a request that is open when the service is stopped."""
    try:
        seconds = min(float(request.query.get("s", "1")), MAX_SLOW_S)
    except ValueError:
        return Reply(400, {"fault": "s is no number of seconds"})
    time.sleep(seconds)
    return Reply(200, {"slept_s": seconds})
