"""Stand-in of a meter: samples gather in memory, go to disk each second, and are lost between."""

import json
import threading
import time

from .program import Program, in_background, read_text, write_whole
from .service import Service
from .web import Reply, Request

SAMPLE_S = 0.25
FLUSH_SAMPLES = 4


class Meter:
    """Samples are numbered by the clock, so that a gap on disk shows what was lost.

    Args:
        path: the file that holds the last stored number and the totals.
        now: seconds since the epoch when it starts.
    """

    def __init__(self, path: str, now: float) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._memory: list[int] = []
        kept = json.loads(read_text(path) or "{}")
        self._stored: int = kept.get("stored", 0)
        self._lost: int = kept.get("lost", 0)
        first = int(now / SAMPLE_S)
        last = kept.get("last")
        self.lost_at_start = max(0, first - 1 - last) if isinstance(last, int) else 0
        self._lost += self.lost_at_start
        self._next = first

    def sample(self, now: float) -> None:
        """Take the samples that are due; every fourth goes to disk with those before it."""
        with self._lock:
            due = int(now / SAMPLE_S)
            self._memory += range(self._next, due + 1)
            self._next = max(self._next, due + 1)
            if len(self._memory) >= FLUSH_SAMPLES:
                self._flush()

    def stats(self) -> dict[str, object]:
        """What was stored, what is in memory, what was lost."""
        with self._lock:
            return {
                "stored": self._stored,
                "in_memory": len(self._memory),
                "lost": self._lost,
                "lost_at_start": self.lost_at_start,
            }

    def _flush(self) -> None:
        self._stored += len(self._memory)
        row = {"last": self._memory[-1], "stored": self._stored, "lost": self._lost}
        write_whole(self._path, json.dumps(row))
        self._memory.clear()


def main(name: str, package: str, library: str, *, warm_s: float = 0.1) -> None:
    """Run it; see `insvc.standin.api.main`."""
    program = Program(name, package, library)
    meter = Meter(program.path("var/lib/ceilometer", f"{name}.json"), time.time())

    def take() -> None:
        while True:
            meter.sample(time.time())
            time.sleep(SAMPLE_S)

    def answer(request: Request) -> Reply:
        if request.path == "/v1/meters":
            return Reply(200, meter.stats())
        return Reply(404, {"fault": f"nothing is at {request.path}"})

    in_background(take)
    Service(program, answer, stats=meter.stats).run(warm_s=warm_s)
