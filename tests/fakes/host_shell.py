"""A shell on a host of an embedded cloud, with the page's commands in its path."""

import subprocess
from pathlib import Path

from insvc.compat.commands import COMMANDS
from insvc.compat.install import install
from insvc.compat.place import Place
from insvc.model.topology import Host
from insvc.model.words import Personality

CONTROLLER = Host(name="controller-0", personality=Personality.CONTROLLER)
STANDBY = Host(name="controller-1", personality=Personality.CONTROLLER)
WORKER = Host(name="compute-0", personality=Personality.WORKER)


class Shell:
    """A shell on one host of a cloud.

    Args:
        folder: where its commands are put.
        cloud: the cloud.
        host: the host.
    """

    def __init__(self, folder: Path, cloud: Path, host: Host) -> None:
        self.folder = folder
        self.place = Place(cloud=cloud, host=host.name)
        install(folder, COMMANDS, self.place, host)

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line and wait for its end."""
        return subprocess.run(
            ["/bin/sh", "-c", line],
            env={"PATH": f"{self.folder}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )


def pid_of(shell: Shell, service: str) -> str:
    """Its main process, as sm tells it."""
    lines = shell.run("sm-dump --pid").stdout.splitlines()
    return next(line.split()[-1] for line in lines if line.split()[0] == service)
