"""Ends the way of a service that is being brought up, or down, for too long with all its tries."""

from insvc.agent.loop import Loop
from insvc.agent.supervisor import Supervisor
from insvc.supervise.sm import ON_THE_WAY, way_limit_s
from insvc.supervise.unit import Event

_LOOK_EACH_S = 5.0


class WayLimits:
    """Watches how long the services of one sm are on their way. In the loop's thread alone.

    Every single try has a limit of its own, so this one is looked at now and then, with a round of
    the loop. A manager that was killed begins to count anew.

    Args:
        supervisor: whose services they are.
        loop: what serves its events.
    """

    def __init__(self, supervisor: Supervisor, loop: Loop) -> None:
        self._engine = supervisor.engine
        self._since: dict[str, tuple[str, float]] = {}
        self._looked_at = -_LOOK_EACH_S
        loop.add_timed(self)

    def wait_s(self) -> float | None:
        """It has no calendar of its own: the loop comes round often enough."""
        return None

    def tick(self) -> None:
        """Let happen what is out of time."""
        now = self._engine.clock()
        if now - self._looked_at < _LOOK_EACH_S:
            return
        self._looked_at = now
        before, self._since = self._since, {}
        late = []
        for name, unit in self._engine.units.items():
            if unit.state not in ON_THE_WAY:
                continue
            state, since = before.get(name, ("", now))
            since = since if state == unit.state else now
            if now - since >= way_limit_s(unit):
                late.append(name)
                since = now
            self._since[name] = (unit.state, since)
        for name in late:
            self._engine.feed(name, Event.OUT_OF_TIME)
