"""Many services asked at once, in the thread of a real loop."""

import os
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from insvc.agent import asking
from insvc.agent.asking import Asker, Words
from insvc.agent.health import HealthServer
from insvc.agent.loop import Loop
from tests.fakes.host_folder import looping, until

pytestmark = pytest.mark.integration


class Heard(list[Words | None]):
    """What has been heard so far."""


@contextmanager
def asking_asker() -> Iterator[tuple[Loop, Asker]]:
    loop = Loop()
    asker = Asker(loop)
    with looping(loop):
        yield loop, asker


def ask_many(loop: Loop, asker: Asker, endpoint: str, number: int) -> Heard:
    heard = Heard()

    def begin() -> None:
        for _ in range(number):
            asker.ask(endpoint, "/healthz", heard.append)

    loop.call(begin)
    return heard


def ask(loop: Loop, asker: Asker, endpoint: str, path: str | None) -> Words | None:
    heard = Heard()
    loop.call(lambda: asker.ask(endpoint, path, heard.append))
    until(lambda: len(heard) == 1)
    return heard[0]


@pytest.fixture
def silent() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def server() -> Iterator[str]:
    made = HealthServer("127.0.0.1", 0, "2.0")
    yield f"127.0.0.1:{made.port}"
    made.close()


def test_the_first_line_of_the_answer_is_heard(server: str) -> None:
    with asking_asker() as (loop, asker):
        assert ask(loop, asker, server, "/healthz") == (b"HTTP/1.0", b"200", b"OK")
        assert ask(loop, asker, server, "/other") == (b"HTTP/1.0", b"404", b"Not", b"Found")


def test_a_connection_is_answer_enough_where_no_path_is_asked_for(silent: str) -> None:
    with asking_asker() as (loop, asker):
        assert ask(loop, asker, silent, None) == ()


@pytest.mark.parametrize("endpoint", ["127.0.0.1:{}", "[::1]:{}", "no.such.name.invalid.:{}"])
def test_where_nobody_listens_nobody_answers(endpoint: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with asking_asker() as (loop, asker):
        for path in (None, "/healthz"):
            assert ask(loop, asker, endpoint.format(port), path) is None


def test_who_is_silent_is_given_up(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "LOOK_TIMEOUT_S", 0.05)
    with asking_asker() as (loop, asker):
        assert ask(loop, asker, silent, "/healthz") is None
        assert asker.wait_s() is None


def test_who_hangs_up_has_said_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, asking_asker() as (loop, asker):
        heard = Heard()
        endpoint = f"127.0.0.1:{listener.getsockname()[1]}"
        loop.call(lambda: asker.ask(endpoint, "/healthz", heard.append))
        listener.accept()[0].close()
        until(lambda: heard)
        assert heard[0] in {(), None}


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (b"HTTP/1.0 2", b"00 OK\r\n", (b"HTTP/1.0", b"200", b"OK")),
        (b"x" * 150, b"y" * 150, (b"x" * 150 + b"y" * 150,)),
    ],
)
def test_an_answer_in_pieces_is_put_together_and_one_without_end_is_cut(
    first: bytes, second: bytes, words: Words
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, asking_asker() as (loop, asker):
        heard = Heard()
        endpoint = f"127.0.0.1:{listener.getsockname()[1]}"
        loop.call(lambda: asker.ask(endpoint, "/healthz", heard.append))
        with listener.accept()[0] as client:
            client.recv(4096)
            client.sendall(first)
            until(lambda: asker._open[0].heard == first)
            client.sendall(second)
            until(lambda: heard == [words])


def test_those_who_hang_hold_up_nobody_else_and_need_no_threads(silent: str, server: str) -> None:
    with asking_asker() as (loop, asker):
        heard = ask_many(loop, asker, silent, 200)
        before = threading.active_count()
        assert ask(loop, asker, server, "/healthz") is not None
        assert heard == []
        assert threading.active_count() == before
        until(lambda: len(heard) == 200)
        assert set(heard) == {None}


def test_more_questions_than_are_asked_at_once_are_all_answered(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "AT_ONCE", 3)
    with asking_asker() as (loop, asker):
        heard = ask_many(loop, asker, server, 50)
        until(lambda: len(heard) == 50)
        assert set(heard) == {(b"HTTP/1.0", b"200", b"OK")}


def test_our_own_want_of_descriptors_is_nobody_s_silence(silent: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with asking_asker() as (loop, asker), ExitStack() as stack:
        heard = Heard()
        highest = os.open("/dev/null", os.O_RDONLY)
        stack.callback(os.close, highest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
        try:
            with pytest.raises(OSError, match="Too many open files"):
                os.dup(highest)
            loop.call(lambda: asker.ask(silent, None, heard.append))
            loop.call(lambda: None)
            assert heard == []
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        until(lambda: heard == [()])


def test_what_is_open_when_the_loop_is_closed_is_heard_by_nobody(silent: str) -> None:
    heard = Heard()
    with asking_asker() as (loop, asker):
        loop.call(lambda: asker.ask(silent, "/healthz", heard.append))
        loop.call(lambda: asker.ask(silent, "/healthz", heard.append))
    assert heard == []
