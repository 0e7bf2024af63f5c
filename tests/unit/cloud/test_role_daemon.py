"""The frame of our own daemons."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from insvc.cloud import role_sm_api, role_sm_eru, role_sm_watchdog
from insvc.cloud.role_daemon import RoleDaemon, ask_sm, say
from insvc.errors import WorldError
from insvc.standin.web import Reply, Request
from tests.fakes.sm_socket import FakeSm
from tests.fakes.stop_signal import told_to_stop


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a program of the embedded cloud is started with; its pid file."""
    pidfile = tmp_path / "run" / "sm-api.pid"
    values = {"HOST": "c0", "ADDRESS": "127.0.0.1", "PORT": "0", "PIDFILE": str(pidfile)}
    for name, value in {**values, "VERSION": "1.0-7", "PACKAGE": "sm-api"}.items():
        monkeypatch.setenv(f"INSVC_{name}", value)
    return pidfile


def request(path: str) -> Request:
    """A GET of that path."""
    return Request("GET", path, {}, b"")


def daemon() -> RoleDaemon:
    """A daemon that knows one path."""

    def answer(asked: Request) -> Reply | None:
        return Reply(200, {"own": True}) if asked.path == "/own" else None

    return RoleDaemon("sm-api", answer=answer, beat=lambda: None, period_s=3600.0)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/healthz", 200, b'"ready": true'),
        ("/version", 200, b'"version": "1.0-7"'),
        ("/own", 200, b'"own": true'),
        ("/other", 404, b"/other is not served here"),
    ],
)
def test_each_path_has_its_answer(path: str, status: int, words: bytes) -> None:
    reply = daemon().answer(request(path))
    assert reply.status == status
    assert words in reply.body


def test_it_writes_its_pid_beats_and_ends_at_the_signal(
    environment: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    beats: list[str] = []
    one = RoleDaemon(
        "sm-eru", answer=lambda _: None, beat=lambda: beats.append("beat"), period_s=3600.0
    )
    with told_to_stop():
        one.run()
    assert environment.read_text("ascii") == f"{os.getpid()}\n"
    assert beats == ["beat"]
    said = capfd.readouterr().out
    assert "sm-eru: ready on port" in said
    assert "sm-eru: ended" in said


def test_sm_is_asked_for_its_services(tmp_path: Path) -> None:
    with FakeSm(tmp_path) as sm:
        sm.states["haproxy"] = "running"
        answer = ask_sm(tmp_path, 5.0)
    assert answer["role"] == "active"
    assert answer["services"] == [{"name": "haproxy", "state": "running"}]
    assert sm.questions == [{"ask": "services"}]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{"ok": true, "answer": 7}\n', "answered 7, expected its services"),
        (b'{"ok": true, "answer": {}}\n', "expected its services"),
        (b'{"ok": false, "reason": "locked"}\n', "locked"),
        (b"", "ended before the answer"),
    ],
)
def test_any_other_answer_is_an_error(tmp_path: Path, raw: bytes, words: str) -> None:
    with FakeSm(tmp_path) as sm:
        sm.raw = raw
        with pytest.raises(WorldError, match=words):
            ask_sm(tmp_path, 5.0)


def test_silence_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="cannot connect"):
        ask_sm(tmp_path, 5.0)


@pytest.mark.parametrize(
    ("name", "main"),
    [
        ("sm-api", role_sm_api.main),
        ("sm-eru", role_sm_eru.main),
        ("sm-watchdog", role_sm_watchdog.main),
    ],
)
def test_every_role_looks_once_and_ends_when_told_to_stop(
    name: str,
    main: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    values = {"HOST": "c0", "ADDRESS": "127.0.0.1", "PORT": "0"}
    folders = {"ROOT": "root", "RUN": "run", "PIDFILE": "run/role.pid"}
    paths = {key: str(tmp_path / folder) for key, folder in folders.items()}
    for key, value in (values | paths).items():
        monkeypatch.setenv(f"INSVC_{key}", value)
    host = {"host": "c0", "personality": "controller", "python": "python3"}
    host |= {"address": "127.0.0.1", "oam_address": "127.0.0.1"}
    (tmp_path / "host.json").write_text(json.dumps(host))
    with told_to_stop():
        main()
    said = capfd.readouterr().out
    assert f"{name}: ready" in said
    assert said.endswith(f"{name}: ended\n")
    assert (tmp_path / "run/role.pid").read_text("ascii") == f"{os.getpid()}\n"


def test_what_a_daemon_says_is_one_line_whatever_others_put_into_it(
    capfd: pytest.CaptureFixture[str],
) -> None:
    say("sm-api: me\n2026-01-01T00:00:00Z sm-api: lock c0: 0 \ud800 asks: swact c0")
    told = capfd.readouterr().out
    assert told.count("\n") == 1
    assert told.endswith("me\\n2026-01-01T00:00:00Z sm-api: lock c0: 0 \\ud800 asks: swact c0\n")


def test_a_log_that_cannot_be_written_stops_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    full, usual = os.open("/dev/full", os.O_WRONLY), os.dup(1)
    os.dup2(full, 1)
    try:
        say("sm-api: me asks: swact c0")
    finally:
        os.dup2(usual, 1)
        os.close(full)
        os.close(usual)
    assert capfd.readouterr().out == ""
