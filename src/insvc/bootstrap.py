"""The only module that knows both the ports and the adapters behind them."""

import functools
import os
from pathlib import Path

from insvc.adapters.agent_client import UnixAgents
from insvc.adapters.catalog_files import builtin
from insvc.adapters.clock_system import SystemClock
from insvc.adapters.formats import load, read_text
from insvc.adapters.journal_sqlite import SqliteJournal
from insvc.adapters.lease_file import FileLease
from insvc.adapters.prober_process import ProcessProber
from insvc.catalog.entry import Catalog
from insvc.controller.world import World
from insvc.errors import UnknownName, WorldError
from insvc.model.topology import Topology
from insvc.plan.puzzle import Solve


def cloud_directory(given: Path | None) -> Path:
    """Where the cloud is: as given, else by INSVC_CLOUD, else below the user's state folder."""
    if given is not None:
        return given.expanduser().absolute()
    by_environment = os.environ.get("INSVC_CLOUD")
    if by_environment:
        return Path(by_environment).expanduser().absolute()
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return (Path(state) / "insvc" / "cloud").expanduser()


def connect(directory: Path, *, catalog: Catalog | None = None) -> World:
    """The cloud in that directory, with a real adapter behind every port. Nothing is started.

    Args:
        directory: the cloud's directory.
        catalog: what is known of its processes; the built-in `titanium` where absent.

    Raises:
        UnknownName: no cloud was ever started there.
        FaultyDocument: its topology cannot be read.
        CorruptStore: its journal cannot be trusted.
    """
    topology = directory / "topology.json"
    if not topology.is_file():
        raise UnknownName(
            str(directory),
            "holds no cloud (topology.json is missing)",
            next_act="start one there with `insvc cloud start`, or name another with --cloud",
        )
    controller = directory / "controller"
    return World(
        directory=directory,
        topology=load(Topology, read_text(topology), str(topology)),
        catalog=builtin("titanium") if catalog is None else catalog,
        agents=UnixAgents(directory),
        journal=SqliteJournal(controller / "journal.db"),
        lease=FileLease(controller / "lease.lock"),
        prober=ProcessProber(),
        clock=SystemClock(),
    )


def make_solver(within: float) -> Solve:
    """The solver behind `--improve`, loaded only when it is wanted.

    Args:
        within: how much work it may do, in its own deterministic seconds.

    Raises:
        WorldError: it is not installed.
    """
    try:
        from insvc.adapters import improve_cpsat
    except ImportError as fault:
        raise WorldError(
            "OR-Tools",
            "is not installed, and --improve needs it",
            next_act="install the extra with `pip install 'insvc[improve]'`, in a checkout with "
            "`make .venv/.improve`, or plan without --improve",
        ) from fault
    return functools.partial(improve_cpsat.solve, within=within)
