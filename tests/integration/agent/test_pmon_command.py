"""`insvc.agent.pmon_command`: datagrams of old clients, on a real agent and beside it."""

import json
import os
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from insvc.agent.loop import Loop
from insvc.agent.pmon_command import PmonCommands
from insvc.errors import AgentUnreachable, UnknownName
from insvc.model.restart import Restarted
from insvc.supervise.pmon_command import PmonCommand
from tests.fakes import pmon_host
from tests.fakes.agent_process import running
from tests.fakes.host_folder import HostFolder, looping, until

pytestmark = pytest.mark.integration
ADDRESS = "127.77.2.1"


def send(address: str, port: int, text: bytes) -> None:
    """Send a datagram as old clients do."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(text, (address, port))


def command(verb: str, process: str) -> bytes:
    """The datagram of an old client."""
    return json.dumps({"command": verb, "process": process}).encode() + b"\n"


def test_commands_are_carried_out_one_at_a_time_a_process_and_others_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    acted: list[PmonCommand] = []
    go = threading.Event()

    def act(one: PmonCommand) -> Restarted:
        acted.append(one)
        if one.process == "none":
            raise UnknownName("none", "pmon has no service of this name", next_act="use another")
        go.wait(20.0)
        return Restarted(done=True, said="running again")

    loop = Loop()
    commands = PmonCommands(ADDRESS, 0, loop, act)
    with looping(loop):
        loop.call(commands.begin)
        for text in (b"junk", command("restart", "x"), command("restart", "x")):
            send(ADDRESS, commands.port, text)
        send(ADDRESS, commands.port, command("stop", "none"))
        until(lambda: len(acted) == 2)
        go.set()
        told: list[str] = []

        def has_told() -> bool:
            told.append(capsys.readouterr().err)
            return "x: restart: running again" in "".join(told)

        until(has_told)
        loop.call(commands.close)
        assert commands.port == 0
    said = "".join(told)
    assert acted == [PmonCommand("restart", "x"), PmonCommand("stop", "none")]
    assert "a command to pmon is none: found b'junk'" in said
    assert "x: restart left out: another is under way" in said
    assert "none: stop: none: pmon has no service of this name" in said


def test_where_the_port_is_taken_that_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    loop = Loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((ADDRESS, 0))
        port = other.getsockname()[1]
        commands = PmonCommands(ADDRESS, port, loop, lambda _: Restarted(done=True, said=""))
        commands.begin()
    assert f"are not heard at {ADDRESS}:{port}" in capsys.readouterr().err
    commands.close()
    loop.close()


def test_an_old_client_restarts_a_process_and_pmon_itself(folder: HostFolder) -> None:
    pmon_host.write(folder.root / "etc/mtc/pmond.conf", "start_delay = 1\npmon_cmd_port = 2117\n")
    for name in ("etc/platform/.initial_config_complete", "var/run/.goenabled"):
        pmon_host.mark(folder, name)
    pmon_host.passive(folder, "fm-api")
    folder.define("plain")
    with running(folder) as agent:
        until(lambda: agent.rows().get("fm-api", ("", None))[0] == "running")
        before = agent.wait_until_up()
        send(folder.address, 2117, command("restart", "fm-api"))
        until(lambda: agent.rows()["fm-api"][1] not in {None, before["fm-api"][1]})
        after = agent.wait_until_up()
        assert after["plain"] == before["plain"]
        began = agent.ask("ping")
        send(folder.address, 2117, command("restart", "pmond"))

        def is_another_life() -> bool:
            # A connection that the former life had taken ends with it.
            with suppress(AgentUnreachable):
                return bool(agent.ask("ping")["began"] != began["began"])
            return False

        until(is_another_life)
        again = agent.ask("ping")
        assert again["pid"] == began["pid"] == agent.process.pid
        assert agent.wait_until_up() == after
        send(folder.address, 2117, command("stop", "fm-api"))
        until(lambda: agent.rows()["fm-api"][0] == "stopped")
        send(folder.address, 2117, command("stop", "sm"))
        until(lambda: "sm: stop: " in agent.log())
        assert "in service there is no stop of it" in agent.log()


def test_an_unfit_host_is_rebooted_once_by_its_own_command(folder: HostFolder) -> None:
    told = folder.path / "run/rebooted-by-command"
    host = json.loads((folder.path / "host.json").read_text())
    host["reboot_command"] = [sys.executable, "-c", f"open({str(told)!r}, 'a').write('r')"]
    (folder.path / "host.json").write_text(json.dumps(host))
    pmon_host.flag(folder, "broken-x")
    pmon_host.passive(folder, "x", restarts=1, quorum=1)
    with running(folder) as agent:
        until(told.exists)
        until(lambda: "quorum failure, and not cured" in json.dumps(agent.ask("alarms")))
        assert json.loads(Path(folder.path / "run/rebooted.json").read_text())["reason"] == (
            "unfit without x"
        )
        until(lambda: agent.ask("alarms")["standing"])
    with running(folder) as agent:
        until(lambda: agent.rows()["x"][0] == "failed")
        assert told.read_text() == "r"
        os.kill(agent.process.pid, 0)
