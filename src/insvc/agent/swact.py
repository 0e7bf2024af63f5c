"""How this controller stands beside its peer, and what may be done to it: asks of sm."""

from collections.abc import Callable, Mapping
from typing import Any

from insvc.adapters.wire import from_json, to_json
from insvc.agent.role_change import RoleChange
from insvc.agent.rows import state_of
from insvc.agent.supervisor import Supervisor
from insvc.model.words import InstanceState
from insvc.supervise.swact import (
    Nodes,
    NodeState,
    PreCheck,
    Status,
    Swacted,
    What,
    first_of,
    refusals,
)
from insvc.supervise.unit import Unit

_MEANS: Mapping[str, Status] = {"critical": "failed", "major": "degraded", "minor": "warn"}
_WORST: tuple[Status, ...] = ("failed", "degraded", "warn")
SWACT_S = 60.0


def own_state(supervisor: Supervisor, host: str, *, is_ready: bool, epoch: int) -> NodeState:
    """How this controller stands now.

    Args:
        supervisor: the service manager.
        host: its name.
        is_ready: the service manager is not ending.
        epoch: number of the lease by which it serves, or served last.
    """
    duty = supervisor.engine.duty
    ailing = [unit for unit in tuple(supervisor.engine.units.values()) if _ails(unit)]
    found = {_MEANS[unit.definition.severity] for unit in ailing}
    return NodeState(
        host=host,
        role=duty.role,
        locked=duty.locked,
        is_ready=is_ready,
        in_transition=first_of(supervisor.unsettled()),
        held=first_of(tuple(sorted(duty.held))),
        ailing=first_of(tuple(unit.definition.name for unit in ailing)),
        status=next((one for one in _WORST if one in found), "none"),
        epoch=epoch,
    )


def _ails(unit: Unit) -> bool:
    return unit.managed and unit.is_called_failed


class SwactAsks:
    """Answers how the controllers stand, what stands against a swact or a lock, and swacts.

    Args:
        supervisor: the service manager.
        nodes: how both controllers stand now.
        changes: hands the services over; nothing where the host takes no turns.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        nodes: Callable[[], Nodes],
        changes: RoleChange | None,
    ) -> None:
        self._supervisor = supervisor
        self._nodes = nodes
        self._changes = changes

    def by_name(self) -> Mapping[str, Callable[[Mapping[str, Any]], Any]]:
        """What answers each ask."""
        return {
            "nodes": lambda _: to_json(self._nodes()),
            "pre-check": lambda ask: to_json(self.pre_check(from_json(What, ask.get("what")))),
            "swact": self._swact,
        }

    def pre_check(self, what: What) -> PreCheck:
        """All that stands against it, and the services that would go down here."""
        return PreCheck(
            refusals=tuple(refusals(what, self._nodes())), impacted=self._impacted(what)
        )

    def swact(self, *, force: bool, timeout_s: float) -> Swacted:
        """Hand the services over to the peer, or say at once all that stands against it."""
        if self._changes is not None:
            self._changes.hear_peer()
        against = tuple(refusals(What.SWACT, self._nodes(), force=force))
        if against or self._changes is None:
            return Swacted(done=False, said="nothing was begun", refusals=against)
        return self._changes.hand_over(timeout_s)

    def _swact(self, ask: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        force = from_json(bool, ask.get("force", False))
        timeout_s = from_json(float, ask.get("timeout_s", SWACT_S))
        return to_json(self.swact(force=force, timeout_s=timeout_s))

    def _impacted(self, what: What) -> tuple[str, ...]:
        return tuple(
            name
            for name, unit in tuple(self._supervisor.engine.units.items())
            if state_of(unit) is not InstanceState.STOPPED
            and (what is What.LOCK or unit.definition.runs_when == "active")
        )


def alone(supervisor: Supervisor, host: str) -> Callable[[], Nodes]:
    """How a host stands that takes no turns."""

    def nodes() -> Nodes:
        return Nodes(own=own_state(supervisor, host, is_ready=True, epoch=0))

    return nodes
