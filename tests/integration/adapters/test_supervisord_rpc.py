"""Answers that a supervisord in order would not give."""

import socket
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from insvc.adapters.supervisord import Supervisord
from insvc.adapters.supervisord_rpc import Refused, Rpc
from insvc.adapters.unix_socket import listen
from insvc.errors import WorldError
from insvc.inspect.supervisord import Access
from tests.fakes.supervisord import configure

pytestmark = pytest.mark.integration


def http(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.0 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def reply(value: object) -> bytes:
    return http(xmlrpc.client.dumps((value,), methodresponse=True).encode())  # type: ignore[arg-type]


@contextmanager
def answering(path: Path, *answers: bytes) -> Iterator[Rpc]:
    """Something that listens at that socket and gives these answers, one a connection."""
    server = listen(path)

    def serve() -> None:
        for answer in answers:
            client, _ = server.accept()
            with client:
                client.recv(1 << 16)
                client.sendall(answer)
                client.shutdown(socket.SHUT_WR)
                client.recv(1 << 16)

    thread = Thread(target=serve)
    thread.start()
    try:
        yield Rpc(Access(socket=str(path)))
    finally:
        thread.join()
        server.close()


def test_an_answer_is_read(tmp_path: Path) -> None:
    with answering(tmp_path / "s", reply({"pid": 7})) as rpc:
        assert rpc.ask("supervisor.x") == {"pid": 7}


@pytest.mark.parametrize(
    ("code", "words"),
    [(10, r"supervisord has no such program \(BAD\)"), (999, r"supervisord refuses \(BAD\)")],
)
def test_a_fault_is_told_in_words(tmp_path: Path, code: int, words: str) -> None:
    fault = xmlrpc.client.dumps(xmlrpc.client.Fault(code, "BAD"), methodresponse=True)
    with (
        answering(tmp_path / "s", http(fault.encode())) as rpc,
        pytest.raises(Refused, match=words) as refused,
    ):
        rpc.ask("supervisor.x")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (http(b"", "500 Oops"), "with HTTP status 500"),
        (http(b"", "401 No"), "refuses the name and password"),
        (http(b"<nonsense"), "with what is no XML-RPC"),
        (http(b"<?xml version='1.0'?><methodResponse></methodResponse>"), "what is no XML-RPC"),
        (http(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"), "with what is no plain answer"),
        (b"SSH-2.0-x\r\n", "does not answer supervisor.x"),
        (b"", "does not answer supervisor.x"),
    ],
)
def test_an_answer_that_is_none_is_told(tmp_path: Path, answer: bytes, words: str) -> None:
    with answering(tmp_path / "s", answer) as rpc, pytest.raises(WorldError, match=words):
        rpc.ask("supervisor.x")


def test_one_that_hangs_is_told_in_time(tmp_path: Path) -> None:
    server = listen(tmp_path / "s")
    try:
        rpc = Rpc(Access(socket=str(tmp_path / "s")))
        with pytest.raises(WorldError, match=r"does not answer supervisor\.x within 0\.05 s"):
            rpc.ask("supervisor.x", timeout_s=0.05)
    finally:
        server.close()


def test_an_account_that_is_none_is_told(tmp_path: Path) -> None:
    configure(tmp_path)
    with (
        answering(tmp_path / "etc/s.sock", reply(3)),
        pytest.raises(WorldError, match="'int' object is not iterable"),
    ):
        Supervisord(tmp_path).look()


def test_a_pid_that_is_none_of_its_own_is_told(tmp_path: Path) -> None:
    configure(tmp_path)
    info = {"name": "web", "group": "web", "state": 20, "pid": 1}
    fault = xmlrpc.client.dumps(xmlrpc.client.Fault(1, "OLD"), methodresponse=True)
    answers = (reply([info]), reply("none"), http(fault.encode()))
    with answering(tmp_path / "etc/s.sock", *answers):
        account = Supervisord(tmp_path).look()
    assert account.rows[0].pid is None
    assert account.unseen == ("web: supervisord says pid 1, none of its own",)


def test_a_configuration_that_is_none_is_left_aside(tmp_path: Path) -> None:
    configure(tmp_path)
    info = {"name": "web", "group": "web", "state": 0}
    with answering(tmp_path / "etc/s.sock", reply([info]), reply(1), reply(["x"])):
        assert Supervisord(tmp_path).look().entries[0].impact.longest_s is None
