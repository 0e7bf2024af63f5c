"""Any agents behind the sockets of a cloud directory, as real agents would answer there."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from insvc.adapters.unix_socket import listen
from insvc.adapters.wire import from_json, to_json
from insvc.errors import AgentUnreachable, InsvcError
from insvc.model.act import Intent, PackageChange
from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager
from tests.fakes.agents import FakeAgents
from tests.fakes.threads import begin, end


@asynccontextmanager
async def served(cloud: Path, agents: FakeAgents) -> AsyncIterator[None]:
    """Serve every host of these agents below that directory, inside the block."""
    servers = []
    for host in agents.hosts:
        run = cloud / "hosts" / host / "run"
        run.mkdir(parents=True)
        answer = partial(_serve, agents, host)
        listener = listen(run / "agent.sock")
        servers.append(await asyncio.start_unix_server(answer, sock=listener))
    try:
        yield
    finally:
        for server in servers:
            server.close()
            await server.wait_closed()


async def _serve(
    agents: FakeAgents, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer line by line; an agent that is out of reach closes the connection instead."""
    try:
        while line := await reader.readline():
            writer.write(json.dumps(await _answer(agents, host, json.loads(line))).encode() + b"\n")
            await writer.drain()
    except AgentUnreachable:
        pass
    finally:
        writer.close()


async def _answer(agents: FakeAgents, host: str, question: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"ok": True, "answer": to_json(await _carry_out(agents, host, question))}
    except AgentUnreachable:
        raise
    except InsvcError as fault:
        return {
            "ok": False,
            "code": fault.code,
            "subject": fault.subject,
            "reason": fault.reason,
            "next": fault.next_act,
        }


async def _carry_out(agents: FakeAgents, host: str, question: dict[str, Any]) -> object:
    ask = question.pop("ask")
    if ask == "observe":
        return await agents.observe(host)
    if ask == "perform":
        return await agents.perform(host, from_json(Intent, question["intent"]))
    if ask == "recall":
        return await agents.recall(host, **question)
    if ask == "install":
        changes = from_json(tuple[PackageChange, ...], question["changes"])
        return await agents.install(host, question["epoch"], changes)
    if ask == "managers":
        return (ManagerRow(name="x", manager=Manager.PMON, state=InstanceState.RUNNING, pid=7),)
    return {"host": host, "pid": 1, "epoch": 0} if ask == "ping" else {}


@contextmanager
def served_in_background(cloud: Path, agents: FakeAgents) -> Iterator[None]:
    """As `served`, from a thread of its own, for callers that run a loop themselves."""
    ready, ends = threading.Event(), threading.Event()

    async def serve() -> None:
        async with served(cloud, agents):
            ready.set()
            await asyncio.to_thread(ends.wait)

    thread = begin(lambda: asyncio.run(serve()))
    try:
        assert ready.wait(30.0)
        yield
    finally:
        ends.set()
        end(thread)
