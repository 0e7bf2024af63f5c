"""Where clouds and this machine keep what they know."""

import os
from pathlib import Path

TOPOLOGY = "topology.json"
_SYSTEM = Path("/var/lib/insvc")


def cloud_directory(given: Path | None) -> Path:
    """Where the cloud is: as given, else by INSVC_CLOUD, else below the user's state folder."""
    if given is not None:
        return given.expanduser().absolute()
    by_environment = os.environ.get("INSVC_CLOUD")
    if by_environment:
        return Path(by_environment).expanduser().absolute()
    return _state() / "cloud"


def host_directory() -> Path:
    """Where runs of this machine are kept: the system's state folder for root, else the user's."""
    return _SYSTEM if os.geteuid() == 0 else _state() / "host"


def world_directory(given: Path | None) -> Path:
    """Where the world is that a command works on: a cloud's, or this very machine's.

    As given, else by INSVC_CLOUD, else this user's cloud where there is one, else this machine.
    """
    directory = cloud_directory(given)
    is_meant = given is not None or bool(os.environ.get("INSVC_CLOUD"))
    return directory if is_meant or (directory / TOPOLOGY).is_file() else host_directory()


def _state() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return (Path(state) / "insvc").expanduser()
