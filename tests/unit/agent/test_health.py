"""The small HTTP answer of a daemon."""

import socket
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from insvc.agent.health import HealthServer
from insvc.errors import WorldError


def page(server: HealthServer, path: str) -> str:
    with urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5) as answer:
        text: bytes = answer.read()
    return text.decode()


def test_it_says_that_it_serves_and_which_version_it_is() -> None:
    server = HealthServer("127.0.0.1", 0, "2.0")
    try:
        assert page(server, "/healthz") == "ok\n"
        assert page(server, "/version") == "2.0\n"
        with pytest.raises(HTTPError) as refusal:
            page(server, "/else")
        assert refusal.value.code == 404
        refusal.value.close()
    finally:
        server.close()


def test_a_request_that_is_none_is_answered_too() -> None:
    server = HealthServer("127.0.0.1", 0, "")
    try:
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(b"\n")
            assert client.recv(100).startswith(b"HTTP/1.0 404")
    finally:
        server.close()


def test_a_taken_port_is_named() -> None:
    server = HealthServer("127.0.0.1", 0, "")
    try:
        with pytest.raises(WorldError) as refusal:
            HealthServer("127.0.0.1", server.port, "")
        assert refusal.value.subject == f"127.0.0.1:{server.port}"
    finally:
        server.close()


def test_it_listens_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INSVC_PORT", raising=False)
    assert HealthServer.from_environment("1") is None
    monkeypatch.setenv("INSVC_PORT", "0")
    monkeypatch.setenv("INSVC_ADDRESS", "127.0.0.1")
    server = HealthServer.from_environment("1")
    assert server is not None
    assert page(server, "/version") == "1\n"
    server.close()
