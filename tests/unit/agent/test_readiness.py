"""The one rule for "it serves"."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from insvc.agent import readiness
from insvc.agent.health import HealthServer
from insvc.agent.readiness import has_written_pid, is_serving, is_taken
from tests.fakes.threads import beside


@pytest.fixture
def server() -> Iterator[HealthServer]:
    made = HealthServer("127.0.0.1", 0, "2.0")
    yield made
    made.close()


def test_200_is_ready_and_any_other_answer_is_not(server: HealthServer) -> None:
    assert is_serving(f"127.0.0.1:{server.port}", "/healthz")
    assert not is_serving(f"127.0.0.1:{server.port}", "/other")


def test_without_a_path_a_connection_is_enough(server: HealthServer) -> None:
    assert is_serving(f"127.0.0.1:{server.port}", None)


def test_nobody_listening_is_not_ready() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert not is_serving(f"127.0.0.1:{port}", None)


@pytest.mark.parametrize("answer", [b"", b"\n", b"SMTP 200 hello\r\n", b"HTTP/1.0\r\n"])
def test_what_is_no_http_is_not_ready(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(1000)
                client.sendall(answer)

        with beside(serve):
            assert not is_serving(f"127.0.0.1:{listener.getsockname()[1]}", "/healthz")


def test_a_silent_listener_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "LOOK_TIMEOUT_S", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert not is_serving(f"127.0.0.1:{listener.getsockname()[1]}", "/healthz")


def test_a_pid_file_speaks_for_one_process(tmp_path: Path) -> None:
    path = tmp_path / "x.pid"
    assert not has_written_pid(path, 7)
    path.write_text("7\n")
    assert has_written_pid(path, 7)
    assert not has_written_pid(path, 77)


def test_a_port_is_taken_by_whoever_listens_there_and_free_afterwards() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = f"127.0.0.1:{listener.getsockname()[1]}"
        assert is_taken(endpoint)
    assert not is_taken(endpoint)


def test_a_port_whose_listener_takes_nobody_in_is_taken() -> None:
    with ExitStack() as held:
        listener = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = listener.getsockname()[1]
        with suppress(TimeoutError):
            for _ in range(10):
                held.enter_context(socket.create_connection(("127.0.0.1", port), 0.2))
        assert is_taken(f"127.0.0.1:{port}")
