"""Asks by socket: answers, refusals, and what is no ask at all."""

import errno
import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters.ask import ask
from insvc.adapters.unix_socket import connect
from insvc.agent.server import Server
from insvc.errors import StaleEpoch, UnknownName, WorldError


def fail(request: Mapping[str, Any]) -> None:
    """Refuse, or break, as asked."""
    kinds = {"unknown": UnknownName, "stale": StaleEpoch}
    raise kinds[request["how"]]("x", "found nothing", next_act="look")


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    server = Server(tmp_path / "s", {"echo": lambda request: request["word"], "fail": fail})
    server.start()
    yield tmp_path / "s"
    server.close()
    assert not (tmp_path / "s").exists()


def test_an_ask_is_answered(path: Path) -> None:
    assert ask(path, {"ask": "echo", "word": "hello"}, 5.0) == "hello"


def test_many_asks_share_a_connection(path: Path) -> None:
    with connect(path, 5.0) as client, client.makefile("rb") as answers:
        for word in ("a", "b"):
            client.sendall(json.dumps({"ask": "echo", "word": word}).encode() + b"\n")
            assert json.loads(answers.readline()) == {"ok": True, "answer": word}


@pytest.mark.parametrize("line", [b"x\n", b"[]\n", b"{}\n", b"3\n"])
def test_what_is_no_ask_is_refused_and_the_connection_kept(path: Path, line: bytes) -> None:
    with connect(path, 5.0) as client, client.makefile("rb") as answers:
        client.sendall(line)
        said = json.loads(answers.readline())
        assert (said["ok"], said["code"]) == (False, "input.invalid")
        client.sendall(b'{"ask": "echo", "word": 1}\n')
        assert json.loads(answers.readline())["answer"] == 1


def test_an_ask_that_nobody_knows_is_answered_with_the_known_ones(path: Path) -> None:
    with pytest.raises(WorldError) as refusal:
        ask(path, {"ask": "dance"}, 5.0)
    assert refusal.value.next_act == "ask one of: echo, fail"


def test_a_refusal_keeps_its_words(path: Path) -> None:
    with pytest.raises(UnknownName) as unknown:
        ask(path, {"ask": "fail", "how": "unknown"}, 5.0)
    assert str(unknown.value) == "x: found nothing"
    with connect(path, 5.0) as client, client.makefile("rb") as answers:
        client.sendall(b'{"ask": "fail", "how": "stale"}\n')
        assert json.loads(answers.readline())["code"] == "lease.stale-epoch"


def test_a_defect_is_told_and_does_not_end_the_server(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(WorldError, match="defect: KeyError"):
        ask(path, {"ask": "echo"}, 5.0)
    assert "KeyError" in capsys.readouterr().err
    assert ask(path, {"ask": "echo", "word": 2}, 5.0) == 2


def test_one_that_runs_out_of_descriptors_serves_again_once_it_has_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept = socket.socket.accept
    refusals = [errno.EMFILE, errno.ECONNABORTED]

    def refusing(listener: socket.socket) -> Any:
        if refusals:
            raise OSError(refusals.pop(), "not now")
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", refusing)
    server = Server(tmp_path / "s", {"echo": lambda request: request["word"]})
    server.start()
    assert ask(tmp_path / "s", {"ask": "echo", "word": 3}, 5.0) == 3
    assert refusals == []
    server.close()


def test_who_connects_before_the_start_waits_for_it(tmp_path: Path) -> None:
    server = Server(tmp_path / "s", {"echo": lambda request: request["word"]})
    with connect(tmp_path / "s", 5.0) as client, client.makefile("rb") as answers:
        client.sendall(b'{"ask": "echo", "word": 1}\n')
        server.start()
        assert json.loads(answers.readline())["answer"] == 1
    server.close()
