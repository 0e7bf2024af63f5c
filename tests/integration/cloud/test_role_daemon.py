"""Our own daemons as real processes, with the environment a host gives them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import insvc
from insvc.adapters.recorder import read_recorder
from insvc.agent.alarms import alarms_of
from insvc.model.recorder import Event, Sample
from insvc.standin.web import ask
from tests.fakes.sm_socket import FakeSm
from tests.fakes.stalled import let_go, stalled

pytestmark = pytest.mark.integration

LIBRARY = Path(insvc.__file__).parents[1]
PATIENCE_S = 30.0


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def running(role: str, folder: Path) -> Iterator[tuple[int, int]]:
    """The daemon of that role, ready; its pid and port. At the end it is told to stop."""
    port = free_port()
    pidfile = folder / "root/run/role.pid"
    environment = {
        "PATH": "/usr/bin:/bin",
        "INSVC_HOST": "c0",
        "INSVC_ADDRESS": "127.0.0.1",
        "INSVC_PORT": str(port),
        "INSVC_ROOT": str(folder / "root"),
        "INSVC_RUN": str(folder / "run"),
        "INSVC_PIDFILE": str(pidfile),
        "INSVC_VERSION": "1.0-2",
    }
    program = f"import sys; sys.path.insert(0, {str(LIBRARY)!r}); import insvc.cloud.{role} as role"
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", f"{program}; role.main()"], env=environment
    )
    try:
        # The pid file is written last: who is asked already may not have written it yet.
        assert wait_for(lambda: pidfile.exists() and get(port, "/healthz")[0] == 200)
        yield process.pid, port
        if process.poll() is None:
            process.terminate()
            assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()


def get(port: int, path: str) -> tuple[int, dict[str, object]]:
    """Status and body; status 0 while nobody listens."""
    try:
        status, body = ask("127.0.0.1", port, "GET", path)
    except OSError:
        return 0, {}
    return status, json.loads(body)


def wait_for(is_true: Callable[[], bool]) -> bool:
    """Whether the condition became true in good time."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if is_true():
            return True
        time.sleep(0.02)
    return False


def test_sm_api_serves_what_sm_says(tmp_path: Path) -> None:
    with running("role_sm_api", tmp_path) as (pid, port):
        assert (tmp_path / "root/run/role.pid").read_text("ascii") == f"{pid}\n"
        assert get(port, "/v1/node")[0] == 503
        with FakeSm(tmp_path / "run") as sm:
            sm.states["haproxy"] = "running"
            assert get(port, "/v1/services/haproxy") == (
                200,
                {"name": "haproxy", "state": "running"},
            )
        assert get(port, "/version")[1]["version"] == "1.0-2"


def test_sm_eru_keeps_its_record_when_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "root/var/lib/sm/eru.db"

    def states() -> list[str]:
        events = read_recorder(path, Event, 1000) if path.exists() else ()
        return [one.after for one in events if one.subject == "service haproxy"]

    def subjects() -> list[str]:
        return [one.subject for one in read_recorder(path, Event, 1000)]

    def samples() -> int:
        return len(read_recorder(path, Sample, 9)) if path.exists() else 0

    with FakeSm(tmp_path / "run") as sm:
        sm.states["haproxy"] = "running"
        with running("role_sm_eru", tmp_path) as (pid, _):
            assert wait_for(lambda: states() == ["running"] and samples() == 1)
            os.kill(pid, signal.SIGKILL)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        sm.states["haproxy"] = "failed"
        with running("role_sm_eru", tmp_path):
            assert wait_for(lambda: states() == ["running", "failed"] and samples() == 2)
            assert wait_for(lambda: subjects().count("interface lo") == 1)


def a_host(folder: Path, **settings: object) -> None:
    """Say what the host is, and how its watchdog looks."""
    host = {
        "host": "c0",
        "personality": "controller",
        "address": "127.0.0.1",
        "oam_address": "127.0.0.1",
        "python": sys.executable,
    }
    (folder / "host.json").write_text(json.dumps(host))
    path = folder / "root/etc/insvc/sm-watchdog.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(settings))


def test_sm_watchdog_sees_sm_come_and_go(tmp_path: Path) -> None:
    a_host(tmp_path)
    (tmp_path / "run").mkdir()
    with running("role_sm_watchdog", tmp_path) as (_, port):
        assert get(port, "/status")[1]["sm_answers"] is False
        with FakeSm(tmp_path / "run"):
            assert wait_for(lambda: get(port, "/status")[1]["sm_answers"] is True)
        assert wait_for(lambda: get(port, "/status")[1]["sm_answers"] is False)


def test_sm_watchdog_tells_of_a_thread_that_really_hangs(tmp_path: Path) -> None:
    a_host(tmp_path, look_s=0.1, stalled_s=1.0)
    (tmp_path / "run").mkdir()
    with stalled(tmp_path) as (pid, pipe):
        (tmp_path / "run/agent.pid").write_text(f"{pid}\n")
        with running("role_sm_watchdog", tmp_path) as (_, port):
            assert wait_for(lambda: get(port, "/status")[1]["stalled_threads"] == [pid])
            (one,) = alarms_of(tmp_path).standing
            assert (one.alarm.alarm, one.alarm.severity) == ("200.900", "critical")
            assert "disk sleep" in (tmp_path / "log/sm-watchdog.debug").read_text()
            let_go(pipe)
            assert wait_for(lambda: alarms_of(tmp_path).standing == ())
            assert get(port, "/status")[1]["stalled_threads"] == []
