"""sm-eru: what a host did before it failed, for those who come after.

Every 30 s a sample of the kernel's counters; at once what interfaces and addresses do; every half
second what became of the service manager's services. All of it goes into the ring
`var/lib/sm/eru.db` below the host's root, which `insvc recorder` reads, also of a dead host. What
changed while this daemon was down is recorded when it is back; changes there and back between two
looks at sm are not seen. Nothing hangs on this daemon: it may be restarted at any time.
"""

import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from insvc.adapters.counters import read_counters
from insvc.adapters.interfaces import Interfaces
from insvc.adapters.recorder import BOUNDS, Bound, Recorder
from insvc.cloud.role_daemon import RoleDaemon, ask_sm, say, settings_of
from insvc.errors import CorruptStore, WorldError
from insvc.model.recorder import Sample
from insvc.standin.web import Reply, Request
from insvc.supervise.counters import Counters, sample

PERIOD_S = 0.5
ANSWER_S = 2.0
SM = "sm"
FILE = "var/lib/sm/eru.db"
SETTINGS = "etc/insvc/sm-eru.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What an operator may set in `etc/insvc/sm-eru.json` below the host's root.

    Attributes:
        sample_s: seconds between two samples.
        samples, events: how many of each are kept.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    sample_s: float = 30.0
    samples: Bound = BOUNDS["sample"]
    events: Bound = BOUNDS["event"]


def read_settings(root: Path) -> Settings:
    """The settings of the host; those that everybody has where its file is not there or faulty."""
    return settings_of("sm-eru", root / SETTINGS, Settings())


class Ring:
    """The host's ring, for several threads: a full disk costs records, and never the daemon.

    Args:
        path: the file.
        settings: how much is kept.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self._bounds = {"sample": settings.samples, "event": settings.events}
        self._lock = threading.Lock()
        self.lost = 0
        """Writes that the disk refused."""
        self._recorder: Recorder | None = None
        self._write(lambda _: None)

    def note(self, states: Mapping[str, str]) -> None:
        """Record what is in another state than it last was."""
        self._write(lambda ring: ring.note(states, time.time()))

    def sample(self, one: Sample) -> None:
        """Record a sample."""
        self._write(lambda ring: ring.sample(one))

    def subjects(self) -> Collection[str]:
        """What has a recorded state."""
        with self._lock:
            return () if self._recorder is None else self._recorder.subjects

    def counts(self) -> dict[str, int]:
        """How many records are kept, and how many writes were refused."""
        with self._lock:
            kept = self._recorder
            return {
                "events": 0 if kept is None else kept.count("event"),
                "samples": 0 if kept is None else kept.count("sample"),
                "refused": self.lost,
            }

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()

    def _write(self, write: Callable[[Recorder], object]) -> None:
        with self._lock:
            try:
                self._write_or_begin_anew(write)
            except WorldError as fault:
                self.lost += 1
                if self.lost == 1:
                    say(f"sm-eru: {fault}; samples are lost until then")

    def _write_or_begin_anew(self, write: Callable[[Recorder], object]) -> None:
        try:
            write(self._opened())
        except CorruptStore as fault:
            say(f"sm-eru: {fault}")
            self._let_go()
            write(self._opened())

    def _opened(self) -> Recorder:
        """The ring, opened now where its disk has refused that until now."""
        if self._recorder is None:
            self._recorder = self._open()
        return self._recorder

    def _let_go(self) -> None:
        if self._recorder is not None:
            self._recorder.close()
        self._recorder = None

    def _open(self) -> Recorder:
        ring, aside = Recorder.open(self._path, self._bounds)
        if aside is not None:
            say(f"sm-eru: {self._path} could not be trusted and is kept as {aside.name}")
        return ring


class Watch:
    """Looks at sm and at the machine, and records what it sees.

    Args:
        run: the host's run directory; `root`: its root.
        ring: where it goes.
        settings: how often.
    """

    def __init__(self, run: Path, root: Path, ring: Ring, settings: Settings) -> None:
        self._run = run
        self._root = root
        self._ring = ring
        self._settings = settings
        self._interfaces = Interfaces(ring.note, ring.subjects)
        self._counters: Counters | None = None
        self._is_deaf = False

    def beat(self) -> None:
        """Look once."""
        self._ring.note(self._of_sm())
        why = self._interfaces.keep_listening()
        if why is not None and not self._is_deaf:
            say(f"sm-eru: {why}")
        self._is_deaf = why is not None
        now = time.clock_gettime(time.CLOCK_BOOTTIME)
        if self._counters is None or now >= self._counters.since_boot_s + self._settings.sample_s:
            self._sample()

    def answer(self, request: Request) -> Reply | None:
        """`/status`: how much is recorded."""
        return Reply(200, self._ring.counts()) if request.path == "/status" else None

    def _sample(self) -> None:
        seen = read_counters(self._root)
        self._ring.sample(sample(self._counters, seen))
        self._counters = seen

    def _of_sm(self) -> dict[str, str]:
        """The state of the manager and of each of its services, in its own words."""
        try:
            state = ask_sm(self._run, ANSWER_S)
        except WorldError:
            return {SM: "silent"}
        services: list[dict[str, Any]] = state["services"]
        return {
            SM: "answers",
            "role": str(state.get("role")),
            "locked": str(state.get("locked")),
            **{f"service {one['name']}": str(one["state"]) for one in services},
        }


def main() -> None:
    """Run the daemon."""
    root = Path(os.environ["INSVC_ROOT"])
    settings = read_settings(root)
    ring = Ring(root / FILE, settings)
    watch = Watch(Path(os.environ["INSVC_RUN"]), root, ring, settings)
    RoleDaemon("sm-eru", answer=watch.answer, beat=watch.beat, period_s=PERIOD_S).run()
    ring.close()
