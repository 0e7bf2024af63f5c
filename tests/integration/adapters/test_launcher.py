"""Programs started in a small world of their own."""

import json
import os
import select
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.launcher import LIBRARY, Launcher
from insvc.agent.strays import command_line, of_host
from insvc.errors import WorldError
from insvc.model.words import Manager
from insvc.supervise.definition import ServiceDefinition
from tests.fakes.host_folder import HostFolder

pytestmark = pytest.mark.integration
DEFINITION = ServiceDefinition(
    name="x",
    manager=Manager.PMON,
    package="x",
    command=("usr/bin/tell", "{root}", "{run}/a", "{address}", "{oam}", "{host}"),
    pidfile="run/x.pid",
    port=81,
)
TELL = """import json, os, sys
print(json.dumps({"argv": sys.argv, "env": dict(os.environ), "cwd": os.getcwd(),
    "session": os.getsid(0) == os.getpid(), "stdin": sys.stdin.read(),
    "flags": [sys.flags.isolated, sys.flags.no_site, sys.flags.dont_write_bytecode]}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[HostFolder]:
    made = HostFolder(tmp_path / "cloud" / "hosts" / "h")
    (made.root / "usr/bin/tell").write_text(TELL)
    yield made
    made.clean()


def test_a_program_sees_its_host_and_nothing_else(
    folder: HostFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "of the agent")
    held = Launcher(folder.path, folder.host).launch(DEFINITION)
    assert select.select([held.fd], [], [], 20)[0]
    held.reap()
    held.close()
    told = json.loads((folder.path / "log/x.log").read_text())
    root = str(folder.root)
    assert told["argv"] == [
        f"{root}/usr/bin/tell", root, f"{folder.path}/run/a", folder.address, folder.address, "h",
    ]  # fmt: skip
    assert (told["cwd"], told["session"], told["stdin"]) == (root, True, "")
    assert told["flags"] == [1, 1, 1]
    assert told["env"] == {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "INSVC_HOST": "h",
        "INSVC_ADDRESS": folder.address,
        "INSVC_OAM_ADDRESS": folder.address,
        "INSVC_ROOT": root,
        "INSVC_RUN": f"{folder.path}/run",
        "INSVC_PERSONALITY": "controller",
        "INSVC_CLOUD": str(folder.path.parent.parent),
        "INSVC_PIDFILE": f"{root}/run/x.pid",
        "INSVC_PORT": "81",
        "INSVC_SERVICE": "x",
        "INSVC_START": "1",
        "INSVC_LIBRARY": str(LIBRARY),
    }


def test_where_it_listens_follows_its_definition(folder: HostFolder) -> None:
    host = folder.path / "host.json"
    host.write_text(json.dumps({**json.loads(host.read_text()), "oam_address": "127.0.0.9"}))
    launcher = Launcher(folder.path, folder.host)
    other = ServiceDefinition(
        name="y", manager=Manager.SM, package="y", command=("p",), pidfile="p", port=82, on_oam=True
    )
    quiet = ServiceDefinition(
        name="z", manager=Manager.SM, package="z", command=("p",), pidfile="p"
    )
    assert launcher.endpoint(DEFINITION) == f"{folder.address}:81"
    assert launcher.endpoint(other) == "127.0.0.9:82"
    assert launcher.endpoint(quiet) is None
    assert "INSVC_PORT" not in launcher.environment(quiet)


def test_a_program_that_cannot_be_started_is_named(folder: HostFolder) -> None:
    (folder.path / "host.json").write_text(
        (folder.path / "host.json").read_text().replace('"python": "', '"python": "/nowhere')
    )
    with pytest.raises(WorldError, match="x: cannot be started"):
        Launcher(folder.path, folder.host).launch(DEFINITION)


def test_a_program_is_known_as_its_host_s_as_soon_as_it_is_launched(folder: HostFolder) -> None:
    launcher = Launcher(folder.path, folder.host)
    definition = replace(DEFINITION, command=("usr/bin/mute",), pidfile="run/mute.pid")
    for _ in range(20):
        held = launcher.launch(definition)
        assert held.identity in tuple(of_host(folder.root))
        assert command_line(held.identity.pid).endswith("usr/bin/mute")
        held.signal(signal.SIGKILL)
        assert select.select([held.fd], [], [], 20)[0]
        held.reap()
        held.close()


def test_a_native_program_is_executed_as_it_is(folder: HostFolder) -> None:
    program = folder.root / "usr/bin/native"
    program.write_text('#!/bin/sh\necho "$0 $1 $INSVC_SERVICE"\n')
    program.chmod(0o755)
    native = replace(DEFINITION, command=("usr/bin/native", "{address}"), is_native=True)
    held = Launcher(folder.path, folder.host).launch(native)
    assert select.select([held.fd], [], [], 20)[0]
    held.reap()
    held.close()
    log = (folder.path / "log/x.log").read_text()
    assert log == f"{program} {folder.address} x\n"
