"""One manager of one host in working order: its engine, its file, and what can be asked of it."""

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from insvc.adapters.definitions import FOLDER, read_definitions
from insvc.adapters.launcher import Launcher
from insvc.adapters.pmon_d import SETTINGS
from insvc.agent.alarms import AlarmKeeper
from insvc.agent.engine import Engine
from insvc.agent.loop import Loop
from insvc.agent.memory import Memory, of_this_boot
from insvc.agent.pmon import PmonPart
from insvc.agent.reload import Reload
from insvc.agent.rows import holds_without_process, row_of, state_of
from insvc.agent.rules import Rules
from insvc.errors import UnknownName
from insvc.model.act import DrainRule
from insvc.model.alarm import Alarm
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import ProcessIdentity
from insvc.model.words import InstanceState, Manager, Role
from insvc.supervise import cron, pmon, pmon_d, sm
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.pmon_conf import is_of_file
from insvc.supervise.unit import Duty, Unit

RULES = {
    Manager.PMON: Rules(pmon.State.STOPPED, pmon.advance, pmon.decide, is_each_alone=True),
    Manager.SM: Rules(sm.State.DISABLED, sm.advance, sm.decide, sm.release),
    Manager.CRON: Rules(cron.State.IDLE, cron.advance, cron.decide, is_each_alone=True),
}
STOPPED_S = 1800.0
"""How long a service that an operator has stopped stays down by itself."""
_ALWAYS_UP = {Manager.PMON: pmon.ALWAYS_UP}
_FOLDERS = {
    Manager.PMON: (FOLDER, pmon_d.FOLDER, str(Path(SETTINGS).parent)),
    Manager.SM: (FOLDER,),
    Manager.CRON: (FOLDER,),
}
_DOWN = frozenset({InstanceState.STOPPED})
_ENDED = frozenset({InstanceState.RUNNING, InstanceState.SCHEDULED, InstanceState.FAILED})


class Supervisor:
    """The services of one manager, kept up.

    Args:
        manager: which manager.
        folder: the host's folder.
        loop: what serves its events.
        launcher: what starts its programs.

    Attributes:
        complete: adds to a definition what is known of its service beside it.
        unprovisioned: the services that are not in use here.
        more_alarms: what calls for somebody beside the services themselves; asked at every change.
        on_read: called when definitions have been read, before anything follows from them.
        write_managed: lets the manager act on a service again, or leave it as it is.
    """

    def __init__(self, manager: Manager, folder: Path, loop: Loop, launcher: Launcher) -> None:
        self.manager = manager
        self.loop = loop
        self.launcher = launcher
        self.clock: Callable[[], float] = time.time if manager is Manager.CRON else time.monotonic
        self.pmon = self._part() if manager is Manager.PMON else None
        rules = RULES[manager]
        if self.pmon is not None:
            rules = rules._replace(advance=self.pmon.advance, decide=self.pmon.decide)
        self.engine = Engine(rules, loop, launcher, self.clock)
        if self.pmon is not None:
            part, units = self.pmon, self.engine
            self.engine.takes_over = lambda name, do: part.takes_over(units.units[name], do)
        self._reload = Reload(launcher.root, _FOLDERS[manager], loop, self._read_and_settle)
        self.memory = Memory(folder / "run" / f"{manager}.json")
        self.alarms = AlarmKeeper(folder, launcher.host.host, manager)
        self.faults: tuple[str, ...] = ()
        self.complete: Callable[[ServiceDefinition], ServiceDefinition] = lambda one: one
        self.unprovisioned: Callable[[], frozenset[str]] = frozenset
        self.more_alarms: Callable[[], Iterable[Alarm]] = tuple
        self.on_read: Callable[[], object] = lambda: None
        self.write_managed: Callable[[str, bool], object] = self._keep_managed

    def begin(self, first_role: Role | None, *, is_decided: bool = False) -> None:
        """Take over what runs, then bring up what is wanted. In the loop's thread.

        Args:
            first_role: the host's role where no earlier life knew one, or where it `is_decided`.
            is_decided: it has that role now, whatever an earlier life knew.
        """
        known = self.memory.load()
        duty, units = Duty(role=first_role), dict[str, Unit]()
        if known is not None:
            told = Role(known.role) if known.role else None
            role = first_role if is_decided else told
            latest = self.clock() + STOPPED_S
            stopped = {name: min(until, latest) for name, until in known.stopped.items()}
            duty = Duty(role=role, locked=known.locked, held=frozenset(known.held), stopped=stopped)
            by_date = self.manager is Manager.CRON
            units = known.units if by_date else of_this_boot(known, self.engine.rules.first_state)
        self.engine.resume(units)
        self._read()
        self.engine.find_launched()
        self.engine.on_change = self._remember
        self.engine.on_told = self.reconcile
        if self.pmon is not None:
            self.pmon.begin()
        self._reload.begin()
        self.engine.change_duty(replace(duty, unprovisioned=self.unprovisioned()))

    def close(self) -> None:
        """Give back sockets and watches; what runs is left running. In the loop's thread."""
        self._reload.close()
        if self.pmon is not None:
            self.pmon.close()

    def read_again(self) -> tuple[str, ...]:
        """Learn of new and changed definitions; answers with what could not be read.

        What runs is left alone until it is restarted.
        """
        self.loop.call(self._read_and_settle)
        return self.faults

    def rows(self) -> tuple[ManagerRow, ...]:
        """The manager's account of every service."""
        units = tuple(self.engine.units.values())
        rows = tuple(self.row(unit) for unit in units)
        if self.pmon is None:
            return rows
        return (*rows, *self.pmon.rows({row.name for row in rows}))

    def row(self, unit: Unit) -> ManagerRow:
        """The manager's account of one service."""
        return row_of(
            unit,
            is_wanted=self.is_wanted(unit),
            endpoint=self.launcher.endpoint(unit.definition),
            epoch_of=self.epoch_of,
        )

    def require(self, name: str) -> Unit:
        """What is known of that service.

        Raises:
            UnknownName: the manager has none of that name.
            InputError: it has one that is misconfigured (pmon).
        """
        unit = self.engine.units.get(name)
        if unit is None:
            if self.pmon is not None:
                self.pmon.refuse_misconfigured(name)
            known = ", ".join(sorted(self.engine.units)) or "none"
            reason = f"{self.manager} has no service of this name"
            raise UnknownName(name, reason, next_act=f"use one of: {known}")
        return unit

    def require_process(self, name: str) -> Unit:
        """What is known of that service, which can be stopped and started.

        Raises:
            UnknownName: the manager has none of that name.
            InputError: it is misconfigured, or only its script looks after it (pmon).
        """
        unit = self.require(name)
        if self.pmon is not None:
            self.pmon.refuse_status_mode(unit.definition)
        return unit

    def is_wanted(self, unit: Unit) -> bool:
        """Whether the service is to be up."""
        always = _ALWAYS_UP.get(self.manager, ())
        is_waiting = self.pmon is not None and self.pmon.why_waiting(unit.definition) is not None
        may_run = unit.managed and not is_waiting
        return may_run and self.engine.duty.wants(unit.definition, always_up=always)

    def epoch_of(self, moment: float) -> float:
        """Seconds since the epoch of a moment of the manager's clock."""
        return moment - self.clock() + time.time()

    def follow(self, role: Role | None) -> None:
        """Serve in that role from now on. In the loop's thread."""
        self.engine.change_duty(replace(self.engine.duty, role=role))

    def take_role(self, role: Role, timeout_s: float) -> tuple[str, ...]:
        """Serve in that role; answers once all is as wanted, with the services that are not."""
        return self._change(lambda duty: replace(duty, role=role), timeout_s)

    def set_locked(self, *, locked: bool, timeout_s: float) -> tuple[str, ...]:
        """Take the services out of service or back; answers with those that did not follow."""
        return self._change(lambda duty: replace(duty, locked=locked), timeout_s)

    def end_all(self, timeout_s: float) -> tuple[str, ...]:
        """End every service for good, by force where a drain time ends; answers with survivors."""
        self.loop.call(self._force_drains)
        return self._change(lambda duty: replace(duty, closing=True), timeout_s)

    def unsettled(self) -> tuple[str, ...]:
        """Services that are not yet as wanted, by name."""
        return tuple(
            unit.definition.name
            for unit in tuple(self.engine.units.values())
            if unit.managed
            and unit.definition.status_check is None
            and state_of(unit) not in (_ENDED if self.is_wanted(unit) else _DOWN)
        )

    def _change(self, change: Callable[[Duty], Duty], timeout_s: float) -> tuple[str, ...]:
        failed = set(self._failed())
        self.loop.call(lambda: self.engine.change_duty(change(self.engine.duty)))
        self.engine.wait_for(lambda: not self.unsettled(), timeout_s)
        return (*self.unsettled(), *(name for name in self._failed() if name not in failed))

    def _failed(self) -> Iterable[str]:
        for unit in tuple(self.engine.units.values()):
            if self.is_wanted(unit) and state_of(unit) is InstanceState.FAILED:
                yield unit.definition.name

    def _force_drains(self) -> None:
        for name, unit in self.engine.units.items():
            rule: DrainRule = replace(unit.drain_rule, on_timeout="kill")
            self.engine.units[name] = replace(unit, drain=rule)

    def reconcile(self) -> None:
        """Let the alarms follow what is known now. In the loop's thread."""
        units = self.engine.units
        own: tuple[Alarm, ...] = ()
        if self.pmon is not None:
            self.pmon.judge(self.engine.duty, units)
            own = self.pmon.alarms(units)
        self.alarms.reconcile(units.values(), (*self.more_alarms(), *own))

    def _keep_managed(self, name: str, managed: bool) -> None:
        self.engine.units[name] = replace(self.engine.units[name], managed=managed)
        self.engine.settle()

    def _remember(self) -> None:
        changed, self.engine.units.unsaved = self.engine.units.unsaved, set()
        told = self.memory.fault
        self.memory.save(self.engine.duty, self.engine.units, changed)
        if self.memory.fault not in {"", told}:
            sys.stderr.write(f"what changes is not written down: {self.memory.fault}\n")

    def _part(self) -> PmonPart:
        return PmonPart(
            self.launcher,
            self.loop,
            settle=lambda: self.engine.settle(),
            feed=lambda name, event: self.engine.feed(name, event),
            main_of=self._main_of,
        )

    def _main_of(self, name: str) -> ProcessIdentity | None:
        unit = self.engine.units.get(name)
        return None if unit is None else unit.main

    def _read_and_settle(self) -> None:
        self._read()
        duty = replace(self.engine.duty, unprovisioned=self.unprovisioned())
        if duty == self.engine.duty:
            self.engine.settle()
        else:
            self.engine.change_duty(duty)

    def _read(self) -> None:
        found, faults = read_definitions(self.launcher.root, frozenset({self.manager}))
        definitions = dict(found)
        if self.pmon is not None:
            definitions |= self.pmon.read(found)
            faults = (*faults, *self.pmon.faults)
        self.faults = faults
        for name, definition in definitions.items():
            unit = self.engine.units.get(name)
            is_asked = definition.status_check is not None
            if unit is not None and (unit.definition.status_check is not None) != is_asked:
                self.engine.forget(name)  # what is known of it means nothing in the other mode
            self.engine.know(self.complete(definition))
        for name, unit in tuple(self.engine.units.items()):
            if name not in definitions:
                self._forget(name, unit)
        self.on_read()

    def _forget(self, name: str, unit: Unit) -> None:
        """What has no definition any more is left; a process of a removed file at once.

        A file that became faulty still is about its process: what was known of that counts.
        """
        if self.pmon is not None and is_of_file(unit.definition):
            if self.pmon.keeps(name):
                return
            sys.stderr.write(f"{name} is not looked after any more: its file was removed\n")
            self.engine.forget(name)
        elif unit.main is None and unit.acting is None and not holds_without_process(unit):
            del self.engine.units[name]
