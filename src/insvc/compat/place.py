"""On which host of which cloud a command stands, and where that host keeps its patch flags."""

import os
from dataclasses import dataclass
from pathlib import Path

from insvc.cloud.layout import host_folder
from insvc.errors import InputError

CLOUD = "INSVC_CLOUD"
HOST = "INSVC_HOST"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a command was called.

    Attributes:
        cloud: the cloud's directory.
        host: the host it is called on.
    """

    cloud: Path
    host: str

    @property
    def flags(self) -> Path:
        """Where it is noted what a patch has restarted already."""
        return host_folder(self.cloud, self.host) / "run" / "patching" / "patch-flags"

    @property
    def scripts(self) -> Path:
        """Where a patch puts its own scripts."""
        return self.flags.parent / "patch-scripts"

    @property
    def log(self) -> Path:
        """Where patches and their commands write what they did."""
        return host_folder(self.cloud, self.host) / "log" / "patching.log"


def place() -> Place:
    """The place that the installed command names in its environment.

    Raises:
        InputError: it names none.
    """
    cloud, host = os.environ.get(CLOUD), os.environ.get(HOST)
    if not cloud or not host:
        raise InputError(
            f"{CLOUD} and {HOST}",
            "are not set, so nobody knows on which host this command stands",
            next_act="put the commands in place with `insvc compat install --bindir DIR`",
        )
    return Place(cloud=Path(cloud), host=host)
