"""What a patch has restarted on a host already, so that its script may be run again.

The originals leave such a flag before they act, so that a failed restart counts as done. Here it
is written after success, holds which process came of it, and counts only while that one lives.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from insvc.cloud.files import write_whole
from insvc.model.observation import HostObservation, ProcessIdentity
from insvc.model.words import Verdict


class Flags:
    """The flags of one host.

    Args:
        folder: where they are; made when the first is set.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def forget(self, services: Iterable[str]) -> None:
        """Nothing was restarted yet of these."""
        for service in services:
            self._path(service).unlink(missing_ok=True)

    def is_done(self, service: str, seen: HostObservation) -> bool:
        """Whether it was restarted under this patch and what came of it runs on, and not stale."""
        one = seen.instance(service)
        if one is None or one.verdict is Verdict.STALE:
            return False
        return self._noted(service) == _words(one.processes[:1])

    def note(self, service: str, main: Sequence[ProcessIdentity]) -> None:
        """It was restarted, and this is its main process now.

        Raises:
            WorldError: it cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._path(service), json.dumps(_words(main[:1])) + "\n")

    def _noted(self, service: str) -> object:
        try:
            return json.loads(self._path(service).read_text("utf-8"))
        except (OSError, ValueError):
            return None

    def _path(self, service: str) -> Path:
        return self._folder / f"{service}.restarted"


def _words(main: Sequence[ProcessIdentity]) -> list[list[object]]:
    return [[one.boot_id, one.pid, one.start_ticks] for one in main]
