"""Looks at services that should be down: one that answers all the same is told and taken down."""

from collections.abc import Mapping
from functools import partial

from insvc.agent.loop import Loop
from insvc.agent.strays import end_all_of_service
from insvc.agent.supervisor import Supervisor
from insvc.model.alarm import SERVICE_FAILED, Alarm
from insvc.supervise.sm import State
from insvc.supervise.unit import Event, Unit


class DisabledAudits:
    """The looks at one service manager's disabled services. In the loop's thread alone.

    Each is looked at every `audit_s` of its definition, by its port or its script's word. One on
    the floating address is not: there its active twin answers.

    Args:
        supervisor: whose services they are.
        loop: what serves its events.
    """

    def __init__(self, supervisor: Supervisor, loop: Loop) -> None:
        self._supervisor = supervisor
        self._next: dict[str, float] = {}
        self._found: dict[str, Unit] = {}
        loop.add_timed(self)

    @property
    def found(self) -> Mapping[str, Unit]:
        """The services that answered the last time, though they should be down."""
        return {name: one for name, one in self._found.items() if self._is_idle(name)}

    def refresh(self) -> tuple[Alarm, ...]:
        """Plan anew after a change; answers with an alarm for each that answers though disabled."""
        self._plan()
        host = self._supervisor.launcher.host.host
        return tuple(
            Alarm(
                alarm=SERVICE_FAILED,
                entity=f"host={host}.service={name}",
                severity=unit.definition.severity,
                text=f"{name} answers although it is disabled; it is taken down again",
                next_act=f"look at who started it on {host}",
            )
            for name, unit in self.found.items()
        )

    def wait_s(self) -> float | None:
        """Seconds until the next look."""
        return min(self._next.values()) - self._supervisor.clock() if self._next else None

    def tick(self) -> None:
        """Look at what is due."""
        now = self._supervisor.clock()
        due = [name for name, at in self._next.items() if at <= now]
        for name in due:
            del self._next[name]
            if self._is_idle(name):
                unit = self._supervisor.engine.units[name]
                self._next[name] = now + unit.definition.audit_s
                self._supervisor.engine.looks.answers(unit, partial(self._hear, unit))

    def _plan(self) -> None:
        """Have a look in the calendar for every idle service, and for no other."""
        now = self._supervisor.clock()
        units = self._supervisor.engine.units
        idle = {name for name in units if self._is_idle(name)}
        self._next = {
            name: self._next.get(name, now + units[name].definition.audit_s) for name in idle
        }

    def _is_idle(self, name: str) -> bool:
        supervisor = self._supervisor
        unit = supervisor.engine.units.get(name)
        if unit is None or unit.state != State.DISABLED or not unit.managed:
            return False
        definition = unit.definition
        can_be_asked = definition.script is not None or definition.port is not None
        is_due = definition.audit_s > 0 and can_be_asked and not definition.on_oam
        return is_due and not supervisor.is_wanted(unit)

    def _hear(self, asked: Unit, answers: bool) -> None:
        """Take an answer, unless the service has been something else meanwhile."""
        name, engine = asked.definition.name, self._supervisor.engine
        now = engine.units.get(name)
        if now is None or now.starts != asked.starts or not self._is_idle(name):
            return
        was_found = self._found.pop(name, None) is not None
        if answers:
            self._found[name] = now
            if now.definition.script is not None:
                engine.feed(name, Event.STRAY)
            else:
                end_all_of_service(engine.launcher.root, name, now.definition.helpers)
        if answers or was_found:
            self._supervisor.reconcile()
