"""Leaves alone what operators want left alone. The files are the one truth; memory follows them."""

from dataclasses import replace

from insvc.adapters.unmanaged import UnmanagedFiles
from insvc.agent.loop import Loop
from insvc.agent.supervisor import Supervisor
from insvc.supervise.unit import Event


class Unmanaged:
    """Keeps one service manager at what its host's files say. In the loop's thread alone.

    A file that is made or removed by hand counts within seconds: with the next round of the loop.

    Args:
        supervisor: whose services they are about.
        loop: what serves its events.
    """

    def __init__(self, supervisor: Supervisor, loop: Loop) -> None:
        self._supervisor = supervisor
        self._files = UnmanagedFiles(supervisor.launcher.root)
        self._seen_at: int | None = None
        loop.add_timed(self)

    def write(self, name: str, *, managed: bool) -> None:
        """Let sm act on a service again, or leave it as it is.

        Raises:
            WorldError: the file cannot be written; nothing has changed.
        """
        self._files.write(name, managed=managed)
        self.follow()

    def follow(self) -> None:
        """Take over what the files say, and let happen what follows."""
        self.read()
        self._supervisor.engine.settle()

    def read(self) -> None:
        """Take over what the files say. What was given up is tried again once it is managed."""
        self._seen_at = self._files.changed_at()
        left_alone = self._files.names()
        engine = self._supervisor.engine
        back = []
        for name, unit in tuple(engine.units.items()):
            managed = name not in left_alone
            if unit.managed != managed:
                engine.units[name] = replace(unit, managed=managed)
                back += [name] if managed and unit.spent.is_given_up else []
        for name in back:
            engine.later(name, Event.START)

    def wait_s(self) -> float | None:
        """It has no calendar of its own: the loop comes round often enough."""
        return None

    def tick(self) -> None:
        """Follow the files where one was made or removed."""
        if self._seen_at is not None and self._files.changed_at() != self._seen_at:
            self.follow()
