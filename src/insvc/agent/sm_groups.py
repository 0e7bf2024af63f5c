"""The groups of one service manager: kept true by its services, told by rows and alarms."""

from collections.abc import Callable, Collection
from pathlib import Path

from insvc.agent.loop import Loop
from insvc.agent.supervisor import Supervisor
from insvc.model.alarm import Alarm
from insvc.model.sm_table import GroupRow, ServiceRow, SmTable
from insvc.model.words import Role
from insvc.supervise.alarms import of_groups
from insvc.supervise.groups import GroupView, Status, forget_at, view
from insvc.supervise.sm_tables import Group, Tables
from insvc.supervise.sm_words import condition_of, member_of, state_word, status_of
from insvc.supervise.unit import Duty, Unit


class Groups:
    """What stands of each group that has a service here. In the loop's thread alone.

    Args:
        supervisor: whose services they are.
        tables: which groups there are; asked anew at every look.
        loop: what tells when a failure is to be forgotten.

    Attributes:
        strays: the services that answer though they should be down.
    """

    def __init__(self, supervisor: Supervisor, tables: Callable[[], Tables], loop: Loop) -> None:
        self._supervisor = supervisor
        self._tables = tables
        self.strays: Callable[[], Collection[str]] = frozenset
        self._views: dict[str, GroupView] = {}
        self._groups: dict[str, Group] = {}
        self._seen: dict[str, Unit] = {}
        self._seen_duty: Duty | None = None
        self._seen_tables: Tables | None = None
        loop.add_timed(self)

    def refresh(self) -> tuple[Alarm, ...]:
        """Look at every group with a service that has changed; answers with what calls for help."""
        engine = self._supervisor.engine
        units = engine.units
        tables = self._tables()
        is_all = (
            engine.duty != self._seen_duty
            or tables is not self._seen_tables
            or units.keys() != self._seen.keys()
        )
        changed = {
            unit.definition.group
            for name, unit in units.items()
            if is_all or self._seen[name] is not unit
        }
        self._seen, self._seen_duty, self._seen_tables = dict(units), engine.duty, tables
        if is_all:
            self._groups = {one.name: one for one in tables.groups}
            there = {unit.definition.group for unit in units.values()}
            self._views = {name: one for name, one in self._views.items() if name in there}
        for name in sorted(filter(None, changed)):
            self._look(name)
        return of_groups(self._supervisor.launcher.host.host, self._views.values(), self._groups)

    def table(self) -> SmTable:
        """What is in use here now, by name."""
        self.refresh()
        units = tuple(self._supervisor.engine.units.values())
        left_out = self._supervisor.engine.duty.unprovisioned
        services = (self._row(one) for one in units if one.definition.name not in left_out)
        in_use = {unit.definition.group for unit in units if unit.definition.name not in left_out}
        groups = (_group_row(one) for one in tuple(self._views.values()) if one.name in in_use)
        return SmTable(
            groups=tuple(sorted(groups, key=lambda one: one.name)),
            services=tuple(sorted(services, key=lambda one: one.name)),
        )

    def wait_s(self) -> float | None:
        """Seconds until a failure is told no longer."""
        due = [at for at in map(self._forget_at, self._views.values()) if at is not None]
        return min(due) - self._supervisor.clock() if due else None

    def tick(self) -> None:
        """Forget what is over."""
        now = self._supervisor.clock()
        late = [
            name
            for name, one in self._views.items()
            if (at := self._forget_at(one)) is not None and at <= now
        ]
        for name in late:
            self._look(name)
        if late:
            self._supervisor.reconcile()

    def _forget_at(self, one: GroupView) -> float | None:
        # A failure that still lasts is forgotten by nobody.
        return None if one.blamed else forget_at(one, self._debounce_s(one.name))

    def _debounce_s(self, name: str) -> float:
        group = self._groups.get(name) or Group(name=name)
        return group.debounce_s

    def _look(self, name: str) -> None:
        supervisor = self._supervisor
        duty = supervisor.engine.duty
        members = (
            member_of(unit, is_wanted=duty.wants(unit.definition))
            for unit in supervisor.engine.units.values()
            if unit.definition.group == name and unit.definition.name not in duty.unprovisioned
        )
        self._views[name] = view(
            self._views.get(name) or GroupView(name=name),
            members,
            supervisor.clock(),
            debounce_s=self._debounce_s(name),
            stands_by=duty.role is Role.STANDBY and not duty.locked,
            is_closing=duty.closing,
        )

    def _status(self, unit: Unit) -> Status:
        return Status.FAILED if unit.definition.name in self.strays() else status_of(unit)

    def _row(self, unit: Unit) -> ServiceRow:
        definition = unit.definition
        pid = None if unit.main is None else unit.main.pid
        return ServiceRow(
            name=definition.name,
            group=definition.group or "",
            desired="enabled-active" if self._supervisor.is_wanted(unit) else "disabled",
            state=state_word(unit),
            status=self._status(unit).value,
            condition=condition_of(unit).value,
            impact=definition.severity,
            pid=pid,
            process="" if pid is None else _process_name(pid),
            pidfile=definition.pidfile,
        )


def _group_row(one: GroupView) -> GroupRow:
    return GroupRow(
        name=one.name,
        desired=one.desired.value,
        state=one.state.value,
        status=one.status.value,
        condition=one.condition.value,
        blamed=one.blamed,
    )


def _process_name(pid: int) -> str:
    """As the kernel calls it; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
