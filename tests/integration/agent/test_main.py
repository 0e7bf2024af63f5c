"""The agent as the process that a keeper starts: killed, replaced, terminated, shut down."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from insvc.adapters.launcher import LIBRARY
from insvc.adapters.pidfd import read_identity
from insvc.agent import __main__ as agent
from insvc.agent.strays import of_host
from tests.fakes.agent_process import running
from tests.fakes.host_folder import PORT, HostFolder, until

pytestmark = pytest.mark.integration


def test_killed_it_comes_back_without_restarting_what_it_supervises(folder: HostFolder) -> None:
    folder.define("sm", "sm", port=PORT)
    folder.define("x", "serves", port=PORT + 1)
    folder.define("y", "serves", manager="sm", port=PORT + 2)
    with running(folder) as first:
        before = first.wait_until_up()
        assert sorted(before) == ["sm", "x", "y"]
        first.end(signal.SIGKILL)
    with running(folder) as second:
        assert second.wait_until_up() == before
        pid = before["x"][1]
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until(lambda: second.rows()["x"] not in {before["x"], ("starting", None)})
        assert second.wait_until_up()["x"][1] != pid
        assert second.ask("shutdown") == {"left": []}
        assert second.process.wait(20) == 0
    until(lambda: not list(of_host(folder.root)))


def test_terminated_it_leaves_its_services_running(folder: HostFolder) -> None:
    folder.define("x")
    with running(folder) as made:
        (pid,) = [pid for _, pid in made.wait_until_up().values()]
        assert made.end(signal.SIGTERM) == 0
    assert pid is not None
    assert read_identity(pid) is not None
    assert not (folder.path / "run/agent.sock").exists()


def test_a_second_agent_of_a_host_ends_and_leaves_the_first_alone(folder: HostFolder) -> None:
    folder.define("x")
    with running(folder) as made:
        before = made.wait_until_up()
        with running(folder) as second:
            assert second.process.wait(20) == 6
        assert made.rows() == before
        assert folder.told() == ["up x"]


def test_in_the_test_s_own_process_it_serves_until_it_is_shut_down(folder: HostFolder) -> None:
    folder.define("x")
    before = signal.getsignal(signal.SIGTERM)
    asked = subprocess.Popen(
        [sys.executable, "-c", _SHUT_DOWN, str(folder.path)],
        env={**os.environ, "PYTHONPATH": str(LIBRARY)},
    )
    try:
        agent.serve(folder.path)
    finally:
        signal.signal(signal.SIGTERM, before)
        with suppress(subprocess.TimeoutExpired):
            asked.wait(20)
    assert asked.returncode == 0
    assert not list(of_host(folder.root))


_SHUT_DOWN = """
import sys
from pathlib import Path
from insvc.adapters.ask import ask
ask(Path(sys.argv[1]) / "run/agent.sock", {"ask": "shutdown"}, 30.0, patience_s=20.0)
"""


def test_a_wrong_call_says_how(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["agent"])
    assert agent.main() == 2
    assert capsys.readouterr().err == "usage: python -m insvc.agent HOSTDIR\n"


def test_a_folder_that_is_no_host_is_refused_by_its_file(
    folder: HostFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder.path / "host.json").unlink()
    monkeypatch.setattr(sys, "argv", ["agent", str(folder.path)])
    interval = sys.getswitchinterval()
    try:
        assert agent.main() == 2
    finally:
        sys.setswitchinterval(interval)
    said = capsys.readouterr().err
    assert said.startswith("error[input.invalid]")
    assert "host.json: cannot be read: No such file or directory" in said


def test_the_agent_ends_with_0_after_its_last_answer(
    monkeypatch: pytest.MonkeyPatch, folder: HostFolder
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(agent, "serve", lambda path: ran.append(str(path)))
    monkeypatch.setattr(sys, "argv", ["agent", str(folder.path)])
    interval = sys.getswitchinterval()
    try:
        assert agent.main() == 0
    finally:
        sys.setswitchinterval(interval)
    assert ran == [str(folder.path)]
