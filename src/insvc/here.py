"""This very machine as a world of one host: its managers, its packages, what is known of them.

Beside `bootstrap` the only module that knows ports and adapters. What a scan does not need is
imported only where it is used: a scan is to end before anybody waits for it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from insvc.adapters.boot import boot
from insvc.adapters.conditions import conditions
from insvc.adapters.host_packages import NO_DATABASE, host_packages
from insvc.adapters.machine import Machine
from insvc.adapters.places import host_directory
from insvc.adapters.procfs import booted_at
from insvc.errors import WorldError
from insvc.inspect.instances import is_notable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from insvc.adapters.remembered import SourceMemory
    from insvc.agent.host_managers import HostManagers
    from insvc.catalog.account import Account
    from insvc.catalog.entry import Catalog, Entry
    from insvc.controller.world import World
    from insvc.model.observation import HostObservation
    from insvc.model.topology import Topology
    from insvc.ports import HostManager, Packages


class Here:
    """The machine this process runs on.

    Args:
        is_alone: whether this process has one thread, and looks once.
    """

    def __init__(self, *, is_alone: bool = False) -> None:
        self.name = os.uname().nodename
        self.packages: Packages | None = host_packages()
        self.machine = Machine(
            host=self.name,
            look=self._look,
            packages=self.packages,
            memory=_memory,
            is_alone=is_alone,
        )
        self._entries: dict[str, Entry] = {}

    @cached_property
    def managers(self) -> HostManagers:
        """Whatever starts, stops and watches services here."""
        from insvc.agent.host_managers import HostManagers

        return HostManagers(self.name, _managers())

    @property
    def topology(self) -> Topology:
        """The machine alone."""
        from insvc.model.topology import Host, Topology
        from insvc.model.words import Personality

        return Topology(hosts=(Host(name=self.name, personality=Personality.HOST),))

    def observe(self, taken_at: float, *, everything: bool = True) -> HostObservation:
        """What it looks like now.

        Args:
            taken_at: now, seconds since the epoch.
            everything: also what is current; otherwise managers are asked about the rest alone.
        """
        seen = self.machine.observe(everything=everything, taken_at=taken_at)
        loaded = boot(Path("/"), booted_at(), self.packages)
        unseen = [*seen.unseen, *loaded.unseen, *(loaded.beyond if everything else ())]
        return replace(
            seen,
            instances=(
                *seen.instances,
                *(one for one in loaded.instances if everything or is_notable(one)),
            ),
            unseen=(*unseen, *(() if self.packages is not None else (NO_DATABASE,))),
            conditions=conditions(Path("/")),
        )

    def catalog(self, seen: HostObservation) -> Catalog:
        """What is known of what was seen: discovered, then the distribution's, then the site's.

        Raises:
            FaultyDocument: a layer of this host has faults.
        """
        from insvc.adapters.people import with_people
        from insvc.adapters.shipped import family, host_layers, shipped, shipped_for
        from insvc.catalog.settle import known_entries, settle

        layers = host_layers()
        wanted = {one.service for one in seen.instances} | _names(self._entries.values())
        known = shipped(family()) if layers else shipped_for(family(), wanted)
        settled = settle(_native(self._entries.values()), known, layers)
        told = {service.name for entry in settled.entries for service in entry.services}
        names = [one.service for one in seen.instances if one.service not in told]
        others = with_people(known_entries(names, known, layers), self.machine.user_units)
        return replace(settled, entries=(*settled.entries, *others))

    def _look(self, names: Collection[str] | None) -> Account:
        account = self.managers.look() if names is None else _units(self.name, names)
        self._entries |= {entry.name: entry for entry in account.entries}
        return account


def _native(entries: Collection[Entry]) -> Collection[Entry]:
    """The entries, made wise by the operators' page where StarlingX's own managers are."""
    from insvc.adapters.shipped import shipped
    from insvc.catalog.native import OF_STARLINGX, native

    if not any(one.managed_by in OF_STARLINGX for one in entries):
        return entries
    return native(entries, shipped("titanium"))


def _names(entries: Iterable[Entry]) -> set[str]:
    """What the entries and their services are called."""
    return {name for one in entries for name in (one.name, *(s.name for s in one.services))}


def _units(host: str, names: Collection[str]) -> Account:
    """What systemd says of these units: nobody else is asked of services by such names."""
    from insvc.adapters import systemd
    from insvc.agent.host_managers import HostManagers

    manager = systemd.find() if names else None
    return HostManagers(host, () if manager is None else (manager,)).look(names)


def connect_here(directory: Path, *, catalog: Catalog | None = None) -> World:
    """This machine with a real adapter behind every port; it is looked at for a catalog's sake.

    Args:
        directory: where its runs are kept; made where it is missing.
        catalog: what is known of its processes. Where absent, the machine is looked at, and what
            was discovered, shipped and laid on by the site is taken.

    Raises:
        WorldError: the directory cannot be made.
        CorruptStore: its journal or ledger cannot be trusted.
    """
    from insvc.adapters.clock_system import SystemClock
    from insvc.adapters.journal_sqlite import SqliteJournal
    from insvc.adapters.lease_file import FileLease
    from insvc.adapters.ledger_sqlite import SqliteLedger
    from insvc.adapters.prober_process import ProcessProber
    from insvc.agent.acts import Acts
    from insvc.agent.performing import Performer
    from insvc.agent.this_host import ThisHost
    from insvc.controller.world import World
    from insvc.plan.policy import CAREFUL

    controller = directory / "controller"
    _make(controller)
    here, clock = Here(), SystemClock()
    if catalog is None:
        catalog = here.catalog(here.observe(clock.now()))
    ledger = SqliteLedger(directory / "agent.db")
    agents = ThisHost(
        host=here.name,
        observe=here.observe,
        performer=Performer(Acts(here.managers, here.machine, Path("/"), now=clock.now), ledger),
        ledger=ledger,
        packages=here.packages,
        now=clock.now,
    )
    return World(
        directory=directory,
        topology=here.topology,
        catalog=catalog,
        agents=agents,
        journal=SqliteJournal(controller / "journal.db"),
        lease=FileLease(controller / "lease.lock"),
        prober=ProcessProber(),
        clock=clock,
        policy=CAREFUL,
    )


def _memory() -> SourceMemory:
    """What is remembered of this machine's sources; only this user's, or root's, own memory."""
    from insvc.adapters.remembered import NAME, SourceMemory

    return SourceMemory(host_directory() / NAME)


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise WorldError(
            str(directory),
            f"cannot be made: {fault.strerror}",
            next_act="make room or give this user the right to write there",
        ) from fault


def _managers() -> tuple[HostManager, ...]:
    """Those this machine has; who owns what others start for it comes first."""
    from insvc.adapters import (
        cron,
        init_scripts,
        pacemaker,
        starlingx_pmon,
        starlingx_sm,
        supervisord,
        systemd,
    )

    of_clusters = (starlingx_sm, starlingx_pmon, pacemaker)
    of_hosts = (supervisord, cron, init_scripts, systemd)
    found = (module.find() for module in (*of_clusters, *of_hosts))
    return tuple(manager for manager in found if manager is not None)
