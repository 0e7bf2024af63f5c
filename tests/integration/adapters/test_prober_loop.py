"""The prober's own program: its records by hand, its questions against a real server."""

import json
import os
import selectors
import socket
from collections.abc import Iterator

import pytest

from insvc.adapters.prober_loop import Loop, Question, Record, answer_end, may_keep, status_of
from tests.fakes.threads import begin, end
from tests.fakes.web_server import WebServer

pytestmark = pytest.mark.integration

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_an_outage_reaches_from_the_last_answer_to_the_next() -> None:
    record = Record(10.0)
    record.asked(10.0)
    record.answered(10.001)
    record.asked(10.008)
    record.failed()
    record.asked(10.016)
    record.failed()
    record.asked(10.030)
    record.answered(10.031)
    (outage,) = record.outages
    assert (outage["from_at"], outage["until_at"]) == (10.001, 10.031)
    assert outage["resolution_s"] == pytest.approx(0.014)


def test_an_outage_without_an_end_lasts() -> None:
    record = Record(10.0)
    record.asked(10.0)
    record.failed()
    (outage,) = record.outages
    assert (outage["from_at"], outage["until_at"]) == (10.0, None)


def test_two_outages_are_two() -> None:
    record = Record(10.0)
    for _ in range(2):
        record.asked(10.1)
        record.failed()
        record.asked(10.2)
        record.answered(10.2)
    assert len(record.outages) == 2


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (OK, 200),
        (b"HTTP/1.0 503 No\r\n", 503),
        (b"hello", None),
        (b"", None),
        (b"HTTP/1.1 x", None),
    ],
)
def test_a_status_is_read_from_the_first_line(answer: bytes, status: int | None) -> None:
    assert status_of(answer) == status


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (OK, len(OK)),
        (OK[:-1], None),
        (OK[:10], None),
        (b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", None),
    ],
)
def test_an_answer_is_whole_by_its_own_length(answer: bytes, end: int | None) -> None:
    assert answer_end(answer) == end


@pytest.mark.parametrize(
    ("answer", "keeps"),
    [
        (OK, True),
        (OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), False),
        (OK.replace(b"1.1", b"1.0"), False),
        (
            OK.replace(b"1.1", b"1.0").replace(b"\r\n\r\n", b"\r\nconnection: Keep-Alive\r\n\r\n"),
            True,
        ),
    ],
)
def test_a_connection_is_kept_where_its_server_allows_that(answer: bytes, keeps: bool) -> None:
    assert may_keep(answer) is keeps


class MeetsItself(socket.socket):
    """As when the kernel picks the asked port for the asking end."""

    def connect_ex(self, address: object, /) -> int:
        self.bind(address)  # type: ignore[arg-type]
        return super().connect_ex(address)  # type: ignore[arg-type]


def test_a_connection_to_itself_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port = chosen.getsockname()[1]
    monkeypatch.setattr(socket, "socket", MeetsItself)
    with selectors.DefaultSelector() as selector:
        question = Question(selector, "127.0.0.1", port, None)
        question.ask()
        ((key, events),) = selector.select(5.0)
        key.data.on_ready(events)
        question.close()
    assert len(question.record.outages) == 1


class Asker:
    """The other end of a loop that runs in a thread."""

    def __init__(self) -> None:
        orders, self._write = os.pipe()
        self._read, answers = os.pipe()
        self._ends = (orders, answers, self._read)
        self._thread = begin(Loop(orders, answers).run)

    def ask(self, **order: object) -> object:
        os.write(self._write, json.dumps(order).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            answer += os.read(self._read, 65536)
        return json.loads(answer)["answer"]

    def watch(self, server: WebServer, path: str | None = "/") -> None:
        order = {"ask": "watch", "name": "x", "address": "127.0.0.1", "port": server.port}
        assert self.ask(**order, path=path) is True

    def outages(self) -> list[dict[str, float | None]]:
        found = self.ask(ask="unwatch", name="x")
        assert isinstance(found, list)
        return found

    def close(self) -> None:
        os.close(self._write)
        end(self._thread)
        for one in self._ends:
            os.close(one)


@pytest.fixture
def asker() -> Iterator[Asker]:
    one = Asker()
    yield one
    one.close()


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as one:
        yield one


def test_a_server_that_closes_after_each_answer_serves(asker: Asker, server: WebServer) -> None:
    server.closes = True
    asker.watch(server)
    server.wait_for_questions(12)
    assert asker.outages() == []


def test_an_answer_that_ends_with_its_connection_is_one(asker: Asker, server: WebServer) -> None:
    server.answer = b"HTTP/1.0 200 OK\r\n\r\nhello"
    server.closes = True
    asker.watch(server)
    server.wait_for_questions(8)
    assert asker.outages() == []


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 503 Not yet\r\nContent-Length: 0\r\n\r\n", b"no http at all", b"HTTP/1"]
)
def test_an_answer_that_is_no_success_is_an_outage(
    asker: Asker, server: WebServer, answer: bytes
) -> None:
    server.answer = answer
    server.closes = True
    asker.watch(server)
    server.wait_for_questions(6)
    server.answer = OK
    server.wait_for_questions(6)
    (outage,) = asker.outages()
    assert outage["until_at"] is not None


def test_silence_is_an_outage_in_the_end(asker: Asker, server: WebServer) -> None:
    server.answer = b""
    asker.watch(server)
    server.wait_for_questions(2)
    server.answer = OK
    server.wait_for_questions(4)
    (outage,) = asker.outages()
    assert outage["until_at"] is not None


@pytest.mark.parametrize("path", ["/", None])
def test_a_server_that_is_gone_is_an_outage_that_lasts(
    asker: Asker, server: WebServer, path: str | None
) -> None:
    asker.watch(server, path)
    server.wait_for_questions(4)
    server.stop()
    with WebServer() as other:
        order = {"ask": "watch", "name": "y", "address": "127.0.0.1", "port": other.port}
        asker.ask(**order, path=None)
        other.wait_for_questions(3)
    (outage,) = asker.outages()
    assert outage["until_at"] is None


def test_a_second_watch_of_the_same_name_replaces_the_first(
    asker: Asker, server: WebServer
) -> None:
    asker.watch(server)
    asker.watch(server, None)
    server.wait_for_questions(2)
    assert asker.outages() == []
    assert asker.ask(ask="unwatch", name="x") is None


def test_an_address_of_the_sixth_version_is_asked_too(asker: Asker) -> None:
    order = {"ask": "watch", "name": "x", "address": "::1", "port": 1, "path": "/"}
    assert asker.ask(**order) is True
    assert isinstance(asker.ask(ask="unwatch", name="x"), list)
