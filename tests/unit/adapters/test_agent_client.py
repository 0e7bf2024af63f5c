"""Broken, late and malformed answers on an agent's socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from insvc.adapters import agent_client
from insvc.adapters.agent_client import UnixAgents
from insvc.adapters.unix_socket import listen
from insvc.errors import AgentUnreachable, CorruptStore, FaultyDocument, UnknownName, WorldError
from insvc.model.observation import HostObservation
from insvc.model.words import Manager
from tests.fakes.agent_socket import served
from tests.fakes.agents import FakeAgents


@asynccontextmanager
async def answering(cloud: Path, answer: bytes | None) -> AsyncIterator[UnixAgents]:
    """The agent of host c0 answers any question with these bytes; never, where absent."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    run = cloud / "hosts" / "c0" / "run"
    run.mkdir(parents=True)
    server = await asyncio.start_unix_server(serve, sock=listen(run / "agent.sock"))
    try:
        yield UnixAgents(cloud)
    finally:
        server.close()
        await server.wait_closed()


def observed(cloud: Path, answer: bytes | None) -> HostObservation:
    """What an observation through that socket gives."""

    async def ask() -> HostObservation:
        async with answering(cloud, answer) as agents:
            return await agents.observe("c0")

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "answer", [b"", b'{"ok": true, "answ', b"not json\n", b"[]\n", b'{"no": 1}\n']
)
def test_an_answer_that_is_cut_or_no_answer_leaves_the_act_unknown(
    tmp_path: Path, answer: bytes
) -> None:
    with pytest.raises(AgentUnreachable, match=r"in the middle of `observe`.*unknown"):
        observed(tmp_path, answer)


def test_an_answer_of_another_form_is_unknown_and_names_the_key(tmp_path: Path) -> None:
    with pytest.raises(AgentUnreachable, match="answers in another form: hots"):
        observed(tmp_path, b'{"ok": true, "answer": {"hots": "c0"}}\n')


def test_no_answer_in_time_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_client, "SHORT_ANSWER_S", 0.05)
    with pytest.raises(AgentUnreachable, match=r"no answer to `observe` within 0\.05 s"):
        observed(tmp_path, None)


def test_a_line_longer_than_the_limit_breaks_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_client, "_LONGEST_LINE_BYTES", 100)
    with pytest.raises(AgentUnreachable, match="the connection broke during `observe`"):
        observed(tmp_path, b"x" * 1000 + b"\n")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("store.corrupt", CorruptStore),
        ("input.faulty-document", FaultyDocument),
        ("of.tomorrow", WorldError),
    ],
)
def test_a_refusal_arrives_as_the_error_it_was(
    tmp_path: Path, code: str, kind: type[Exception]
) -> None:
    answer = f'{{"ok": false, "code": "{code}", "subject": "s", "reason": "r", "next": "n"}}\n'
    with pytest.raises(kind) as caught:
        observed(tmp_path, answer.encode())
    assert type(caught.value) is kind


def test_a_refusal_without_words_still_names_the_host(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="c0: refused without a reason"):
        observed(tmp_path, b'{"ok": false}\n')


def test_an_agent_that_is_gone_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "hosts" / "c0" / "run").mkdir(parents=True)
    with pytest.raises(AgentUnreachable, match="c0: its agent cannot be reached"):
        asyncio.run(UnixAgents(tmp_path).observe("c0"))


@pytest.mark.parametrize("name", ["", "../c0", "c7"])
def test_an_unknown_host_lists_those_that_are_known(tmp_path: Path, name: str) -> None:
    (tmp_path / "hosts" / "c0").mkdir(parents=True)
    with pytest.raises(UnknownName) as caught:
        asyncio.run(UnixAgents(tmp_path).observe(name))
    assert caught.value.next_act == "use one of: c0"


def test_a_directory_without_hosts_says_to_start_the_cloud(tmp_path: Path) -> None:
    with pytest.raises(UnknownName) as caught:
        asyncio.run(UnixAgents(tmp_path).observe("c0"))
    assert caught.value.next_act == "start the cloud first"


def test_managers_ping_and_shutdown_are_asked_by_name(tmp_path: Path) -> None:
    async def ask() -> None:
        async with served(tmp_path, FakeAgents([HostObservation(host="c0")])):
            agents = UnixAgents(tmp_path)
            rows = await agents.managers("c0")
            assert [(row.name, row.manager, row.pid) for row in rows] == [("x", Manager.PMON, 7)]
            assert await agents.ping("c0") == {"host": "c0", "pid": 1, "epoch": 0}
            await agents.shutdown("c0")

    asyncio.run(ask())
