"""Ports and the adapters behind them: for a cloud here, for this very machine in `here`."""

import functools
from pathlib import Path

from insvc.adapters.agent_client import UnixAgents
from insvc.adapters.catalog_files import builtin
from insvc.adapters.clock_system import SystemClock
from insvc.adapters.cloud_definitions import undescribed
from insvc.adapters.formats import load, read_text
from insvc.adapters.journal_sqlite import SqliteJournal
from insvc.adapters.lease_file import FileLease
from insvc.adapters.places import TOPOLOGY, host_directory
from insvc.adapters.prober_process import ProcessProber
from insvc.catalog.entry import Catalog
from insvc.controller.world import World
from insvc.errors import UnknownName, WorldError
from insvc.here import connect_here
from insvc.model.topology import Topology
from insvc.plan.puzzle import Solve
from insvc.supervise.discovered import with_discovered


def connect(directory: Path, *, catalog: Catalog | None = None) -> World:
    """The world in that directory, with a real adapter behind every port. Nothing is started.

    Args:
        directory: the cloud's directory, or this machine's.
        catalog: what is known of its processes; absent means for a cloud the built-in `titanium`
            and what its hosts define beyond that, for this machine what it discovers.

    Raises:
        UnknownName: no cloud was ever started there.
        FaultyDocument: its topology cannot be read.
        CorruptStore: its journal cannot be trusted.
    """
    if directory == host_directory():
        return connect_here(directory, catalog=catalog)
    topology = directory / TOPOLOGY
    if not topology.is_file():
        raise UnknownName(
            str(directory),
            "holds no cloud (topology.json is missing)",
            next_act="start one there with `insvc cloud start`, or name another with --cloud",
        )
    controller = directory / "controller"
    hosts = load(Topology, read_text(topology), str(topology))
    page = builtin("titanium")
    return World(
        directory=directory,
        topology=hosts,
        catalog=with_discovered(page, undescribed(directory, hosts, page))
        if catalog is None
        else catalog,
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
