"""Asks the service manager of a host over `run/sm.sock`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from insvc.adapters.ask import ask
from insvc.adapters.wire import from_json, to_json
from insvc.errors import InputError
from insvc.model.act import DrainRule
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Restarted
from insvc.model.sm_table import SmTable
from insvc.model.words import Action, Role
from insvc.supervise.provisioning import Change
from insvc.supervise.swact import Nodes, PreCheck, Swacted, What

ANSWER_S = 5.0
RETURN_S = 2.0
"""How long to wait for a service manager that is being started again."""
MARGIN_S = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SmStatus:
    """What the service manager says of itself.

    Attributes:
        role: the role in which it serves; absent where hosts do not take turns.
        locked: its services are out of service.
        services: its account of each of them.
        faults: definitions that it could not read, one line each.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    role: Role | None
    locked: bool
    services: tuple[ManagerRow, ...]
    faults: tuple[str, ...] = ()


class SmClient:
    """The service manager of the host in `folder`.

    Every method raises WorldError when it does not answer.
    """

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "run" / "sm.sock"

    def services(self) -> SmStatus:
        """What it says of itself and of its services."""
        return from_json(SmStatus, self._ask({"ask": "services"}, ANSWER_S))

    def table(self) -> SmTable:
        """Its groups and services in its own words."""
        return from_json(SmTable, self._ask({"ask": "table"}, ANSWER_S))

    def provision(self, change: Change, *, at_once: bool) -> str:
        """Take a row of its tables into use, or out of it; answers with what became of it.

        Raises:
            UnknownName: the row names something that is nowhere described.
            InputError: the tables would contradict themselves; nothing was changed.
        """
        question = {"ask": "provision", "change": to_json(change), "at_once": at_once}
        told = from_json(Restarted, self._ask(question, ANSWER_S))
        if not told.done:
            next_act = "look at `sm-dump`, and name what is there"
            raise InputError(change.subject, told.said, next_act=next_act)
        return told.said

    def restart(
        self,
        service: str,
        *,
        action: Action = Action.RESTART,
        with_dependants: bool,
        drain: DrainRule | None,
        clears_sessions: bool,
        timeout_s: float,
    ) -> dict[str, Any]:
        """Restart a service, or let it hand over.

        The answer holds `done`, `said`, `drained` and `times`.

        Raises:
            UnknownName: it has no such service.
        """
        question = {
            "ask": "restart",
            "service": service,
            "action": action,
            "with_dependants": with_dependants,
            "drain": to_json(drain),
            "clears_sessions": clears_sessions,
            "timeout_s": timeout_s,
        }
        return from_json(dict[str, Any], self._ask(question, timeout_s + MARGIN_S))

    def carry_out(self, wish: str, service: str, timeout_s: float) -> Restarted:
        """Let it act on a service again (`manage`), or leave it as it is (`unmanage`).

        Raises:
            UnknownName: it has no such service.
        """
        question = {"ask": "wish", "wish": wish, "service": service, "timeout_s": timeout_s}
        return from_json(Restarted, self._ask(question, timeout_s + MARGIN_S))

    def take_role(self, role: Role, timeout_s: float) -> tuple[str, ...]:
        """Go active or standby; answers with the services that did not follow in time."""
        return self._change({"ask": "role", "role": role, "timeout_s": timeout_s}, timeout_s)

    def set_locked(self, *, locked: bool, timeout_s: float) -> tuple[str, ...]:
        """Take its services out of service or back; answers with those that did not follow."""
        name = "lock" if locked else "unlock"
        return self._change({"ask": name, "timeout_s": timeout_s}, timeout_s)

    def read_again(self) -> tuple[str, ...]:
        """Let it learn of new and changed definitions; answers with what it could not read."""
        return self._change({"ask": "read-again"}, ANSWER_S)

    def nodes(self) -> Nodes:
        """How the controllers stand, as this one sees them."""
        return from_json(Nodes, self._ask({"ask": "nodes"}, ANSWER_S))

    def pre_check(self, what: What) -> PreCheck:
        """Everything that stands against a swact away from the host, or against locking it."""
        return from_json(PreCheck, self._ask({"ask": "pre-check", "what": what}, ANSWER_S))

    def swact(self, *, force: bool, timeout_s: float) -> Swacted:
        """Hand the services over to the peer, and wait until that holds the lease.

        Args:
            force: how well both are does not count.
            timeout_s: how long it may take.
        """
        question = {"ask": "swact", "force": force, "timeout_s": timeout_s}
        return from_json(Swacted, self._ask(question, timeout_s + MARGIN_S))

    def _ask(self, question: dict[str, Any], timeout_s: float) -> Any:  # noqa: ANN401 - JSON
        return ask(self._socket, question, timeout_s, patience_s=RETURN_S)

    def _change(self, question: dict[str, Any], timeout_s: float) -> tuple[str, ...]:
        return from_json(tuple[str, ...], self._ask(question, timeout_s + MARGIN_S))
