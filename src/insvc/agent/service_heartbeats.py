"""Asks services of sm for signs of life, by the datagrams of pmon's active mode."""

from insvc.agent.active_check import ActiveChecks
from insvc.agent.loop import Loop
from insvc.agent.supervisor import Supervisor
from insvc.supervise.unit import Do


class ServiceHeartbeats:
    """The heartbeats of one sm's services. In the loop's thread alone.

    The kernel chooses the port that answers come to.

    Args:
        supervisor: whose services they are.
        loop: what serves its events.
    """

    def __init__(self, supervisor: Supervisor, loop: Loop) -> None:
        engine = supervisor.engine
        self._engine = engine
        self._checks = ActiveChecks(
            supervisor.launcher.host.address,
            loop,
            engine.feed,
            lambda name: None if (unit := engine.units.get(name)) is None else unit.main,
            engine.clock,
        )
        loop.add_timed(self._checks)

    def takes_over(self, name: str, do: Do) -> bool:
        """Whether the action is carried out by a heartbeat, which is then sent."""
        unit = self._engine.units[name]
        if do is not Do.AUDIT or unit.definition.active_check is None:
            return False
        self._checks.ask(unit)
        return True

    def close(self) -> None:
        """Ask nobody any more."""
        self._checks.close()
