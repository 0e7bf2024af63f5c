"""The service manager's state over HTTP."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.cloud import role_sm_api
from insvc.standin.web import Request
from tests.fakes.sm_socket import FakeSm
from tests.fakes.stop_signal import told_to_stop


@pytest.fixture
def sm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSm]:
    """A service manager with two services."""
    monkeypatch.setenv("INSVC_HOST", "c0")
    monkeypatch.setenv("INSVC_RUN", str(tmp_path))
    with FakeSm(tmp_path) as made:
        made.states.update(haproxy="running", horizon="stopped")
        yield made


def get(path: str, method: str = "GET") -> tuple[int, dict[str, object]]:
    """Status and body of the answer."""
    reply = role_sm_api.answer(Request(method, path, {}, b""))
    assert reply is not None
    return reply.status, json.loads(reply.body)


@pytest.mark.usefixtures("sm")
def test_services_one_service_and_the_node_are_answered() -> None:
    haproxy = {"name": "haproxy", "state": "running"}
    horizon = {"name": "horizon", "state": "stopped"}
    assert get("/v1/services") == (200, {"services": [haproxy, horizon]})
    assert get("/v1/services/horizon") == (200, horizon)
    assert get("/v1/node") == (200, {"host": "c0", "role": "active", "locked": False})


@pytest.mark.usefixtures("sm")
def test_an_unknown_service_is_named() -> None:
    assert get("/v1/services/vim") == (404, {"fault": "sm has no service called vim"})


def test_nothing_can_be_changed(sm: FakeSm) -> None:
    status, said = get("/v1/services/vim", "POST")
    assert (status, sm.questions) == (405, [])
    assert "read only" in str(said["fault"])


def test_other_paths_are_not_its_own() -> None:
    assert role_sm_api.answer(Request("GET", "/v2", {}, b"")) is None


def test_while_sm_is_silent_the_answer_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSVC_RUN", str(tmp_path))
    status, said = get("/v1/node")
    assert status == 503
    assert "sm.sock: cannot connect" in str(said["fault"])


def test_the_daemon_looks_once_and_ends_when_told_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    values = {"HOST": "c0", "ADDRESS": "127.0.0.1", "PORT": "0"}
    folders = {"ROOT": "root", "RUN": "run", "PIDFILE": "run/role.pid"}
    paths = {name: str(tmp_path / folder) for name, folder in folders.items()}
    for name, value in (values | paths).items():
        monkeypatch.setenv(f"INSVC_{name}", value)
    with told_to_stop():
        role_sm_api.main()
    said = capfd.readouterr().out
    assert "sm-api: ready" in said
    assert said.endswith("sm-api: ended\n")
    assert (tmp_path / "run/role.pid").read_text("ascii") == f"{os.getpid()}\n"
