"""Agents that are killed at any moment of a restart: no second process, no watch that is lost."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from insvc.agent.strays import command_line, environment, of_host
from insvc.errors import InsvcError
from insvc.model.observation import ProcessIdentity
from tests.fakes.agent_process import Process, running
from tests.fakes.host_folder import PORT, HostFolder, until
from tests.fakes.service_scripts import define_agent, define_script
from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration
_DAEMON = """#!{python}
import os, signal, sys
def main():
    if os.fork():
        sys.exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(7))
    with open(os.environ["INSVC_PIDFILE"], "w") as file:
        file.write(str(os.getpid()))
    while True:
        signal.pause()
if sys.argv[1] == "start":
    main()
if sys.argv[1] == "stop":
    with open(os.environ["INSVC_PIDFILE"]) as file:
        os.kill(int(file.read()), signal.SIGTERM)
"""


def flag(folder: HostFolder, name: str) -> Path:
    path = folder.path / "run" / name
    path.touch()
    return path


def mains(folder: HostFolder, service: str = "x") -> list[ProcessIdentity]:
    """The processes of the service that are no script at work."""
    return [
        one
        for one in of_host(folder.root)
        if environment(one.pid).get("INSVC_SERVICE") == service
        and "init.d" not in command_line(one.pid)
        and "sleep 0.01" not in command_line(one.pid)
    ]


def ask_for_restart(agent: Process, service: str = "x", action: str = "restart") -> None:
    """Ask, as a controller does, and mind no answer: the agent may be killed meanwhile."""
    intent: dict[str, Any] = {
        "run": "r", "step": f"{service}@h", "attempt": 1, "epoch": 1, "service": service,
        "action": action, "timeout_s": 20.0, "dwell_s": 0.0,
    }  # fmt: skip
    with suppress(InsvcError, OSError):
        agent.ask("perform", intent=intent)


def is_one_and_watched(folder: HostFolder, agent: Process, service: str = "x") -> None:
    """The next life has one process of it, and meets its death."""
    until(lambda: agent.rows()[service][0] == "running" and len(mains(folder, service)) == 1)
    (state, pid) = agent.rows()[service]
    assert (state, pid) == ("running", mains(folder, service)[0].pid)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: agent.rows()[service][0] == "running" and agent.rows()[service][1] != pid)
    until(lambda: len(mains(folder, service)) == 1)


def restarts_of(agent: Process, service: str = "x") -> int:
    found = [row["restarts"] for row in agent.ask("managers") if row["name"] == service]
    return int(found[0])


@pytest.mark.parametrize("goes_on", ["before", "after"])
@pytest.mark.parametrize(
    ("moment", "sign"),
    [
        ("slow-stop", "stop x"),
        ("slow-down", "stop x"),
        ("slow", "start x"),
        ("slow-end", "up x"),
    ],
)
def test_killed_while_a_script_is_at_work_it_neither_calls_it_twice_nor_loses_its_end(
    folder: HostFolder, moment: str, sign: str, goes_on: str
) -> None:
    define_script(folder, "x")
    with running(folder) as first:
        first.wait_until_up()
        before = folder.told()
        flag(folder, moment)
        asking = begin(lambda: ask_for_restart(first))
        until(lambda: sign in folder.told()[len(before) :])
        first.end(signal.SIGKILL)
        end(asking)
    (folder.path / "run" / moment).unlink()
    go = folder.path / "run" / "go"
    if goes_on == "before":
        go.touch()
        until(lambda: not [one for one in of_host(folder.root) if _is_script(one)])
    with running(folder) as second:
        second.ask("ping")
        go.touch()
        until(lambda: second.rows()["x"][0] == "running")
        told = folder.told()[len(before) :]
        assert told.count("up x") == 1
        # How a stop ended that nobody saw is not known: it is called once more.
        assert told.count("stop x") == (2 if sign == "stop x" else 1)
        assert restarts_of(second) == 0
        is_one_and_watched(folder, second)


def _is_script(one: ProcessIdentity) -> bool:
    return "init.d" in command_line(one.pid)


@pytest.mark.parametrize("delay_ms", [0, 10, 30, 60, 120, 200])
def test_killed_at_any_moment_of_a_restart_everything_is_there_once(
    folder: HostFolder, delay_ms: int
) -> None:
    define_script(folder, "x")
    define_agent(folder, "ip")
    folder.define("y", "serves", port=PORT)
    folder.define("z", "hands", port=PORT + 1, hands_over=True)
    with running(folder) as first:
        first.wait_until_up()
        asks = [
            begin(lambda: ask_for_restart(first, "x")),
            begin(lambda: ask_for_restart(first, "y")),
            begin(lambda: ask_for_restart(first, "ip")),
            begin(lambda: ask_for_restart(first, "z", "handoff")),
        ]
        with suppress(Exception):
            first.process.wait(delay_ms / 1000)
        first.end(signal.SIGKILL)
        for one in asks:
            end(one)
    with running(folder) as second:
        second.wait_until_up()
        for name in ("x", "y", "z"):
            is_one_and_watched(folder, second, name)
        assert (folder.path / "run/state-ip").exists()
        assert second.ask("shutdown") == {"left": []}
        second.process.wait(20)
    until(lambda: not list(of_host(folder.root)))


def test_what_forks_twice_is_reaped_by_the_agent_and_leaves_no_zombie(folder: HostFolder) -> None:
    script = {"status_word": ""}
    define_script(folder, "x", text=_DAEMON.replace("{python}", sys.executable), script=script)
    with running(folder) as agent:
        (state, pid) = agent.wait_until_up()["x"]
        assert state == "running"
        assert _parent(pid or 0) == agent.process.pid
        os.kill(pid or 0, signal.SIGKILL)
        until(lambda: agent.rows()["x"] not in {(state, pid), ("starting", None)})
        agent.wait_until_up()
        ask_for_restart(agent)
        agent.wait_until_up()
        until(lambda: _zombies_of(agent.process.pid) == [])
        assert '"exit_code":7' in _memory(folder)
        assert len(list(of_host(folder.root))) == 1


def _memory(folder: HostFolder) -> str:
    return "".join(path.read_text() for path in (folder.path / "run").glob("pmon.json*"))


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _zombies_of(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if state == "Z" and int(parent) == pid:
                found.append(int(path.parent.name))
    return found
