"""Starts what only the active controller runs, and only while the lease is good."""

from collections.abc import Callable
from pathlib import Path

from insvc.adapters.definitions import HostFile
from insvc.adapters.launcher import Launcher
from insvc.adapters.listening import Handed
from insvc.adapters.pidfd import Held
from insvc.errors import WorldError
from insvc.supervise.definition import ServiceDefinition

EPOCH_VARIABLE = "INSVC_EPOCH"


class LeasedLauncher(Launcher):
    """A launcher that refuses what the lease does not allow.

    Args:
        folder: the host's folder.
        host: what the host is.

    Attributes:
        permits: whether services of the active role may be started at this moment.
        epoch: number of the lease; programs learn it, to show it to who fences by it.
    """

    def __init__(self, folder: Path, host: HostFile) -> None:
        super().__init__(folder, host)
        self.permits: Callable[[], bool] = lambda: True
        self.epoch: Callable[[], int] = lambda: 0

    def launch(
        self, definition: ServiceDefinition, start: int = 1, handed: Handed | None = None
    ) -> Held:
        """Start the program, unless the lease forbids it before or has run out meanwhile.

        Raises:
            WorldError: it cannot be started, or may not be.
        """
        if definition.runs_when != "active":
            return super().launch(definition, start, handed)
        if not self.permits():
            raise self._refused(definition.name)
        held = super().launch(definition, start, handed)
        if not self.permits():
            # This process was away between the first look and the start.
            held.signal_group(9)
            held.close()
            raise self._refused(definition.name)
        return held

    def environment(self, definition: ServiceDefinition) -> dict[str, str]:
        """All that the program learns of its place, and under which lease it was started."""
        return {**super().environment(definition), EPOCH_VARIABLE: str(self.epoch())}

    def _refused(self, name: str) -> WorldError:
        return WorldError(
            name,
            f"is not started: {self.host.host} does not hold the lease of the active controller",
            next_act="ask with `insvc cloud status` which controller is active",
        )
