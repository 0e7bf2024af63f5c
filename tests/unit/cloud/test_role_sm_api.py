"""The service manager's state over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.cloud import role_sm_api
from insvc.standin.web import Request
from tests.fakes.sm_socket import FakeSm


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
