import errno
import json
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from insvc.standin import web
from insvc.standin.web import Reply, Request, Server, ask, ask_whole
from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration


class Echo:
    """Answers with what it was asked; `/hold` waits until it is let go."""

    def __init__(self) -> None:
        self.held = threading.Event()
        self.let_go = threading.Event()

    def answer(self, request: Request) -> Reply:
        if request.path == "/hold":
            self.held.set()
            self.let_go.wait(30)
        said = {"method": request.method, "query": request.query, "fields": request.fields()}
        return Reply(200, said, X_Mark="here")


@pytest.fixture
def echo() -> Iterator[tuple[Echo, Server]]:
    behaviour = Echo()
    server = Server("127.0.0.1", 0, behaviour.answer)
    yield behaviour, server
    behaviour.let_go.set()
    server.stop_accepting()
    assert server.wait_for_open(30)


def test_a_request_arrives_whole_and_its_answer_returns(echo: tuple[Echo, Server]) -> None:
    body = json.dumps({"text": "x" * 200_000}).encode()
    status, headers, answer = ask_whole(
        "127.0.0.1", echo[1].port, "POST", "/a/b?c=d", {}, body, 30.0
    )
    said = json.loads(answer)
    assert status == 200
    assert headers["x-mark"] == "here"
    assert said["method"] == "POST"
    assert said["query"] == {"c": "d"}
    assert len(said["fields"]["text"]) == 200_000


@pytest.mark.parametrize("body", [b"{", b"[1]", b"", b"[" * 100_000])
def test_a_body_that_is_no_object_has_no_fields(body: bytes) -> None:
    assert Request("POST", "/", {}, body).fields() == {}


def test_no_new_request_is_taken_while_the_open_ones_finish(echo: tuple[Echo, Server]) -> None:
    behaviour, server = echo
    answers: list[int] = []
    client = begin(
        lambda: answers.append(ask("127.0.0.1", server.port, "GET", "/hold", timeout_s=30)[0])
    )
    assert behaviour.held.wait(30)
    server.stop_accepting()
    with pytest.raises(ConnectionRefusedError):
        ask("127.0.0.1", server.port, "GET", "/")
    assert not server.wait_for_open(0.0)
    behaviour.let_go.set()
    assert server.wait_for_open(30)
    end(client)
    assert answers == [200]


@pytest.mark.parametrize("sent", [b"", b"nonsense\r\n\r\n", b"GET nowhere HTTP/1.1\r\n\r\n"])
def test_a_malformed_request_gets_no_answer(echo: tuple[Echo, Server], sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", echo[1].port), timeout=30) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100) == b""


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"GET /" + b"x" * (web.MAX_HEAD_BYTES - 5), "the head has more than 65536 bytes"),
        (b"GET / HTTP/1.1\r\nContent-Length: abc\r\n\r\n", "found 'abc' as Content-Length"),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "found '-1' as Content-Length"),
        (b"GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", "the body has 99999999 bytes"),
        (b"GET / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", "found '999"),
    ],
)
def test_a_request_of_no_known_size_is_told_so(
    echo: tuple[Echo, Server], sent: bytes, said: str
) -> None:
    with socket.create_connection(("127.0.0.1", echo[1].port), timeout=30) as client:
        client.sendall(sent)
        answer = client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request")
    assert said.encode() in answer


class Refusing:
    """A listener that runs out of descriptors for a while."""

    def __init__(self, listener: socket.socket, times: int) -> None:
        self._listener = listener
        self._times = times

    def accept(self) -> Any:
        """Refuse a few times, then accept."""
        if self._times:
            self._times -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return self._listener.accept()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)


def test_one_that_runs_out_of_descriptors_serves_again_once_it_has_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = {**vars(socket), "socket": lambda *kind: Refusing(socket.socket(*kind), 2)}
    monkeypatch.setattr(web, "socket", SimpleNamespace(**kinds))
    server = Server("127.0.0.1", 0, lambda _: Reply(200, {}))
    monkeypatch.undo()
    assert ask("127.0.0.1", server.port, "GET", "/", timeout_s=10.0)[0] == 200
    server.stop_accepting()


def test_a_client_that_breaks_off_harms_nobody(echo: tuple[Echo, Server]) -> None:
    with socket.create_connection(("127.0.0.1", echo[1].port), timeout=30) as client:
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
    assert ask("127.0.0.1", echo[1].port, "GET", "/")[0] == 200


def test_an_address_that_is_taken_is_refused(echo: tuple[Echo, Server]) -> None:
    with pytest.raises(OSError, match="in use"):
        Server("127.0.0.1", echo[1].port, echo[0].answer)


def test_a_server_that_ends_without_an_answer_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def close_at_once() -> None:
            connection, _ = listener.accept()
            connection.recv(1000)
            connection.close()

        closer = begin(close_at_once)
        with pytest.raises(ConnectionError, match="without an answer"):
            ask("127.0.0.1", listener.getsockname()[1], "GET", "/")
        end(closer)
