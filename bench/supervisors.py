"""Starts each supervisor of the bench with its defaults, and knows how to ask it for a restart."""

import json
import os
import shutil
import subprocess
import sys
import xmlrpc.client
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.victims import PORT, Victim, children, running
from insvc.adapters.ask import ask
from insvc.adapters.wire import to_json
from insvc.model.act import Intent
from insvc.model.words import Action

BIN = Path(sys.executable).parent
MONIT_S = 1
"""Monit looks at its processes once a cycle, of a second at least; Debian's default is 120."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Supervisor:
    """One that runs.

    Attributes:
        process: of the supervisor itself.
        restart: asks it to restart the program; returns when it has answered.
        seen: pids among which a new one shows that a restart was begun.
    """

    process: subprocess.Popen[bytes]
    restart: Callable[[], object]
    seen: Callable[[], set[int]]


class NotMeasured(Exception):
    """A peer cannot be had here; the text says why."""


def _start(command: Sequence[str], directory: Path) -> subprocess.Popen[bytes]:
    with (directory / "supervisor.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=directory)


def write_host(directory: Path) -> Path:
    """The files of a host whose agent supervises; answers with the folder of definitions."""
    host: dict[str, object] = {
        "host": "bench",
        "personality": "worker",
        "subfunctions": [],
        "address": "127.0.0.1",
        "oam_address": "127.0.0.1",
        "initial_role": None,
        "python": sys.executable,
    }
    (directory / "host.json").write_text(json.dumps(host))
    definitions = directory / "root/etc/insvc/services.d"
    definitions.mkdir(parents=True)
    return definitions


def insvc(victim: Victim) -> Supervisor:
    """A host's agent whose pmon supervises the program; restarts are asked of the agent."""
    directory = victim.directory
    definition = {
        "name": "victim",
        "manager": "pmon",
        "package": "victim",
        "command": ["usr/bin/victim", str(PORT), str(victim.pidfile)],
        "pidfile": "run/victim.pid",
        "port": PORT,
        "health_path": None,
        "debounce_s": 0.5,
    }
    (write_host(directory) / "victim.json").write_text(json.dumps(definition))
    process = _start([sys.executable, "-m", "insvc.agent", str(directory)], directory)
    steps = iter(range(1_000_000))

    def restart() -> None:
        step = f"victim-{next(steps)}"
        intent = Intent(run="b", step=step, action=Action.RESTART, service="victim", dwell_s=0.0)
        question = {"ask": "perform", "intent": to_json(intent)}
        facts = ask(directory / "run/agent.sock", question, 60.0, patience_s=10.0)
        assert facts["manager_done"], facts["said"]

    return Supervisor(process=process, restart=restart, seen=lambda: children(process.pid))


def write_supervisord(directory: Path, programs: Mapping[str, Sequence[str]]) -> Path:
    """A configuration with supervisord's defaults and those programs."""
    lines = [
        f"[unix_http_server]\nfile={directory}/sock",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        f"[supervisord]\nnodaemon=true\nlogfile={directory}/log\npidfile={directory}/pid",
        f"childlogdir={directory}\nminfds=8192",
    ]
    for name, command in programs.items():
        lines.append(f"[program:{name}]\nautorestart=true\ncommand={' '.join(command)}")
    path = directory / "supervisord.conf"
    path.write_text("\n".join(lines) + "\n")
    return path


def supervisord(victim: Victim) -> Supervisor:
    """Supervisord; restarts are asked by its XML-RPC, as supervisorctl does."""
    directory = victim.directory
    config = write_supervisord(directory, {"victim": victim.command})
    process = _start([str(BIN / "supervisord"), "-c", str(config)], directory)

    def restart() -> None:
        from supervisor.xmlrpc import SupervisorTransport

        transport = SupervisorTransport(None, None, f"unix://{directory}/sock")
        proxy = xmlrpc.client.ServerProxy("http://localhost", transport=transport)
        proxy.supervisor.stopProcess("victim")
        proxy.supervisor.startProcess("victim", False)

    return Supervisor(process=process, restart=restart, seen=lambda: children(process.pid))


def circus(victim: Victim) -> Supervisor:
    """Circusd; restarts are asked over its endpoint, as circusctl does."""
    directory = victim.directory
    config = directory / "circus.ini"
    endpoint = f"ipc://{directory}/a"
    config.write_text(
        f"[circus]\nendpoint = {endpoint}\npubsub_endpoint = ipc://{directory}/b\n"
        f"[watcher:victim]\ncmd = {' '.join(victim.command)}\n"
    )
    process = _start([str(BIN / "circusd"), str(config)], directory)

    def restart() -> None:
        from circus.client import CircusClient

        client = CircusClient(endpoint=endpoint, timeout=20.0)
        client.send_message("restart", name="victim", waiting=False)
        client.stop()

    return Supervisor(process=process, restart=restart, seen=lambda: children(process.pid))


def _monit_program() -> Path:
    """Debian's monit, unpacked below the cache of the bench.

    Raises:
        NotMeasured: it cannot be had.
    """
    found = shutil.which("monit")
    if found:
        return Path(found)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "insvc-bench"
    program = cache / "monit/usr/bin/monit"
    if not program.exists():
        cache.mkdir(parents=True, exist_ok=True)
        try:
            for command in (["apt-get", "download", "monit"], ["dpkg", "-x"]):
                packages = [str(one) for one in cache.glob("monit_*.deb")]
                more = [*packages[:1], str(cache / "monit")] if command[0] == "dpkg" else []
                subprocess.run([*command, *more], cwd=cache, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as fault:
            raise NotMeasured(f"Debian's package monit cannot be had: {fault}") from fault
    return program


def monit(victim: Victim) -> Supervisor:
    """Monit with its shortest cycle; it starts daemons, which are no children of its own.

    Raises:
        NotMeasured: it cannot be had here.
    """
    directory, program = victim.directory, str(_monit_program())
    config = directory / "monitrc"
    config.write_text(
        f"set daemon {MONIT_S}\nset log {directory}/monit.log\n"
        f"set pidfile {directory}/monit.pid\nset statefile {directory}/monit.state\n"
        f"set idfile {directory}/monit.id\n"
        f"set httpd unixsocket {directory}/monit.sock allow monit:monit\n"
        f"check process victim with pidfile {victim.pidfile}\n"
        f"  start program = \"/bin/sh -c '{' '.join(victim.command)} >/dev/null 2>&1 &'\"\n"
        f"  stop program = \"/bin/sh -c 'kill $(cat {victim.pidfile})'\"\n"
    )
    config.chmod(0o600)
    process = _start([program, "-I", "-c", str(config)], directory)

    def restart() -> None:
        subprocess.run([program, "-c", str(config), "restart", "victim"], check=True)

    return Supervisor(process=process, restart=restart, seen=lambda: running(victim.program))


ALL: Mapping[str, Callable[[Victim], Supervisor]] = {
    "insvc": insvc,
    "supervisord": supervisord,
    "circus": circus,
    f"monit ({MONIT_S} s)": monit,
}
