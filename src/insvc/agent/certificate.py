"""Whether the host accepts patches signed by developers: told for as long as it is so."""

import time
from collections.abc import Callable
from pathlib import Path

from insvc.agent.alarms import AGENT, AlarmKeeper
from insvc.supervise.alarms import of_certificate

FILE = "etc/pki/wrs/dev_certificate_enable.bin"
"""Below the host's root; with it there, the platform takes the developers' certificate too."""
LOOK_S = 5.0


class CertificateWatch:
    """Looks for the file at the start and then regularly, and lets the alarm follow it.

    Args:
        folder: the host's folder.
        host: its name.
        clock: seconds of a clock that nobody sets.
    """

    def __init__(
        self, folder: Path, host: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = folder / "root" / FILE
        self._host = host
        self._clock = clock
        self._alarms = AlarmKeeper(folder, host, AGENT)
        self._due = clock()
        self.tick()

    def wait_s(self) -> float | None:
        """Seconds until the next look."""
        return self._due - self._clock()

    def tick(self) -> None:
        """Look, if it is time."""
        if self._clock() < self._due:
            return
        self._due = self._clock() + LOOK_S
        self._alarms.hold(of_certificate(self._host, FILE) if self._path.exists() else ())
