"""The controller's way to the hosts of an embedded cloud: one Unix socket an agent.

One line of JSON asks, one line answers. When the line does not come, what the agent did is
unknown, and the error says so; it is never taken for a refusal.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from insvc.adapters.unix_socket import connect
from insvc.adapters.wire import from_json, to_json
from insvc.errors import AgentUnreachable, FaultyDocument, InsvcError, UnknownName, WorldError
from insvc.model.act import ActFacts, Intent, PackageChange
from insvc.model.alarm import HostAlarms
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import HostObservation
from insvc.model.restart import Restarted
from insvc.model.sm_table import SmTable
from insvc.supervise.provisioning import Change

T = TypeVar("T")

CONNECT_S = 5.0
SHORT_ANSWER_S = 30.0
INSTALL_S = 300.0
SHUTDOWN_S = 120.0
MARGIN_S = 15.0
_LONGEST_LINE_BYTES = 64 * 1024 * 1024


class UnixAgents:
    """The port `Agents` over `hosts/HOST/run/agent.sock`.

    Args:
        cloud: the cloud's directory.
    """

    def __init__(self, cloud: Path) -> None:
        self._hosts = cloud / "hosts"

    async def observe(self, host: str) -> HostObservation:
        """What the host looks like now.

        Raises:
            AgentUnreachable: it does not answer; nothing is known.
            UnknownName: the cloud has no such host.
        """
        answer = await self._ask(host, "observe", SHORT_ANSWER_S)
        return _understood(host, HostObservation, answer)

    async def perform(self, host: str, intent: Intent) -> ActFacts:
        """Carry out one intent, wait for its end, answer with what was seen.

        Raises:
            AgentUnreachable: whether it acted is unknown.
            StaleEpoch: the host has seen a newer controller.
        """
        drain_s = intent.drain.timeout_s if intent.drain else 0.0
        wait_s = intent.timeout_s + intent.dwell_s + drain_s + MARGIN_S
        answer = await self._ask(host, "perform", wait_s, intent=to_json(intent))
        return _understood(host, ActFacts, answer)

    async def recall(self, host: str, run: str, step: str, attempt: int) -> ActFacts | None:
        """What the host's ledger holds of an act, or nothing if it was never begun there.

        Raises:
            AgentUnreachable: it does not answer.
        """
        answer = await self._ask(
            host, "recall", SHORT_ANSWER_S, run=run, step=step, attempt=attempt
        )
        return None if answer is None else _understood(host, ActFacts, answer)

    async def install(self, host: str, epoch: int, changes: Sequence[PackageChange]) -> str:
        """Install packages in one transaction; answer with the package manager's last words.

        Raises:
            AgentUnreachable: it does not answer.
            StaleEpoch: the host has seen a newer controller.
            WorldError: the package manager refused.
        """
        answer = await self._ask(
            host, "install", INSTALL_S, epoch=epoch, changes=to_json(tuple(changes))
        )
        return _understood(host, str, answer)

    async def managers(self, host: str) -> tuple[ManagerRow, ...]:
        """What the host's managers say of their services, unchecked.

        Raises:
            AgentUnreachable: it does not answer.
        """
        answer = await self._ask(host, "managers", SHORT_ANSWER_S)
        return _understood(host, tuple[ManagerRow, ...], answer)

    async def sm_table(self, host: str) -> SmTable:
        """The groups and services of the host's sm, in sm's words.

        Raises:
            AgentUnreachable: it does not answer.
            WorldError: its sm does not.
        """
        return _understood(host, SmTable, await self._ask(host, "sm-table", SHORT_ANSWER_S))

    async def provision(self, host: str, change: Change, *, at_once: bool) -> str:
        """Take a row of its sm's tables into use, or out of it; answers with what became of it.

        Raises:
            AgentUnreachable: it does not answer; what it did is unknown.
            UnknownName: the row names something that is nowhere described.
            InputError: the tables would contradict themselves; nothing was changed.
            WorldError: its sm does not answer, or the disk refused; nothing was changed.
        """
        answer = await self._ask(
            host, "sm-provision", SHORT_ANSWER_S, change=to_json(change), at_once=at_once
        )
        return _understood(host, str, answer)

    async def carry_out(self, host: str, wish: str, service: str, timeout_s: float) -> Restarted:
        """Do what an operator asks of one service: stop, start, manage, unmanage or run it.

        Raises:
            AgentUnreachable: it does not answer; what it did is unknown.
            UnknownName: the manager that it is for does not know the service.
            InputError: it cannot be carried out now.
        """
        answer = await self._ask(
            host, "wish", timeout_s + MARGIN_S, wish=wish, service=service, timeout_s=timeout_s
        )
        return _understood(host, Restarted, answer)

    async def alarms(self, host: str) -> HostAlarms:
        """What the host's managers hold of alarms.

        Raises:
            AgentUnreachable: it does not answer.
        """
        return _understood(host, HostAlarms, await self._ask(host, "alarms", SHORT_ANSWER_S))

    async def ping(self, host: str) -> dict[str, Any]:
        """Who answers: `host`, `pid`, and the highest `epoch` it has seen.

        Raises:
            AgentUnreachable: it does not answer.
        """
        answer = await self._ask(host, "ping", CONNECT_S)
        return _understood(host, dict[str, Any], answer)

    async def shutdown(self, host: str) -> None:
        """Stop every service of the host and its agent.

        Raises:
            AgentUnreachable: it does not answer.
        """
        await self._ask(host, "shutdown", SHUTDOWN_S)

    async def _ask(self, host: str, name: str, wait_s: float, **arguments: object) -> Any:  # noqa: ANN401 - any JSON
        """Send one question and wait that long for its answer."""
        path = self._socket(host)
        try:
            client = await asyncio.to_thread(connect, path, CONNECT_S)
        except WorldError as fault:
            raise AgentUnreachable(
                host, f"its agent cannot be reached: {fault.reason}", next_act=_NEXT
            ) from fault
        reader, writer = await asyncio.open_unix_connection(sock=client, limit=_LONGEST_LINE_BYTES)
        try:
            writer.write(json.dumps({"ask": name, **arguments}).encode() + b"\n")
            async with asyncio.timeout(wait_s):
                await writer.drain()
                line = await reader.readline()
        except TimeoutError as fault:
            reason = f"no answer to `{name}` within {wait_s:g} s; what it did is unknown"
            raise AgentUnreachable(host, reason, next_act=_NEXT) from fault
        except (OSError, ValueError) as fault:
            reason = f"the connection broke during `{name}` ({fault}); what it did is unknown"
            raise AgentUnreachable(host, reason, next_act=_NEXT) from fault
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        return _answer(host, name, line)

    def _socket(self, host: str) -> Path:
        """The socket of a host's agent.

        Raises:
            UnknownName: the cloud has no such host.
        """
        folder = self._hosts / host
        if not host or "/" in host or not folder.is_dir():
            known = sorted(one.name for one in self._hosts.glob("*") if one.is_dir())
            raise UnknownName(
                host,
                "no host of this cloud is called so",
                next_act=f"use one of: {', '.join(known)}" if known else "start the cloud first",
            )
        return folder / "run" / "agent.sock"


_NEXT = "wait for the agent to come back, then look again with `insvc scan`"


def _answer(host: str, name: str, line: bytes) -> Any:  # noqa: ANN401 - any JSON
    """The answer in one line.

    Raises:
        AgentUnreachable: the line is cut or no answer.
        InsvcError: what the agent said instead, as the class its code names.
    """
    try:
        said = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        said = None
    if not isinstance(said, dict) or "ok" not in said:
        raise AgentUnreachable(
            host,
            f"its agent closed the connection in the middle of `{name}`; what it did is unknown",
            next_act=_NEXT,
        )
    if said["ok"] is True:
        return said.get("answer")
    raise _refusal(host, said)


def _refusal(host: str, said: dict[str, Any]) -> InsvcError:
    """What the agent refused with, as an error of the class it was raised as there."""
    kind = _class_of(str(said.get("code", "")))
    subject = str(said.get("subject") or host)
    reason = str(said.get("reason") or "refused without a reason")
    next_act = str(said.get("next") or "read the agent's log")
    if issubclass(kind, FaultyDocument):
        return FaultyDocument(subject, (reason,), next_act=next_act)
    return kind(subject, reason, next_act=next_act)


def _class_of(code: str) -> type[InsvcError]:
    remaining: list[type[InsvcError]] = [InsvcError]
    while remaining:
        kind = remaining.pop()
        if kind.code == code:
            return kind
        remaining += kind.__subclasses__()
    return WorldError


def _understood(host: str, kind: type[T], answer: object) -> T:
    """The answer as a value of that type.

    Raises:
        AgentUnreachable: it is of another form; what the host did is unknown.
    """
    try:
        return from_json(kind, answer)
    except InsvcError as fault:
        raise AgentUnreachable(
            host, f"its agent answers in another form: {fault}", next_act=fault.next_act
        ) from fault
