"""A host in a folder with tiny programs, and its agent's parts running in threads of the test."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from insvc.adapters.definitions import HostFile, read_host
from insvc.adapters.dpkg import DpkgPackages
from insvc.adapters.launcher import Launcher
from insvc.agent.loop import Loop
from insvc.agent.strays import kill_all
from insvc.agent.supervisor import Supervisor
from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager
from tests.fakes.threads import begin, end

PORT = 18_000
_numbers = count(1)

_START = """import os, signal, socket, subprocess, sys, time
def tell(word):
    with open(os.path.join(os.environ["INSVC_RUN"], "told"), "a") as file:
        file.write(word + " " + os.environ["INSVC_SERVICE"] + "\\n")
def announce():
    fresh = os.environ["INSVC_PIDFILE"] + ".new"
    with open(fresh, "w") as file:
        file.write(str(os.getpid()))
    os.rename(fresh, os.environ["INSVC_PIDFILE"])
"""
PROGRAMS = {
    "plain": "tell('up')\nannounce()\nsignal.pause()\n",
    "fails": "tell('up')\nsys.exit(1)\n",
    "mute": "tell('up')\nsignal.pause()\n",
    "stubborn": "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nannounce()\n"
    "while True: signal.pause()\n",
    "finishes": "def end(*_):\n    tell('finished')\n    os._exit(0)\n"
    "signal.signal(signal.SIGUSR1, end)\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "announce()\nwhile True: signal.pause()\n",
    "job": "announce()\ntell('run')\n"
    "while not os.path.exists(os.path.join(os.environ['INSVC_RUN'], 'go')): time.sleep(0.01)\n",
    "family": "subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import signal; signal.pause()',"
    " 'metadata-helper'])\nannounce()\nsignal.pause()\n",
    "daemons": "subprocess.Popen([sys.executable, '-I', '-S', '-c',"
    " 'import signal; signal.pause()', 'metadata-helper'], start_new_session=True)\n"
    "announce()\ntell('up')\nsignal.pause()\n",
    "serves": """listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((os.environ["INSVC_ADDRESS"], int(os.environ["INSVC_PORT"])))
listener.listen()
def end(*_):
    tell("down")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
announce()
tell("up")
while True:
    client, _ = listener.accept()
    with client:
        client.recv(4096)
        refuses = os.path.exists(os.path.join(os.environ["INSVC_RUN"], "refuse"))
        status = b"503 No" if refuses else b"200 OK"
        client.sendall(b"HTTP/1.0 " + status + b"\\r\\n\\r\\nok")
""",
    "hands": """import select
def fails(word): return os.path.exists(os.path.join(os.environ["INSVC_RUN"], word))
assert os.environ["LISTEN_PID"] == str(os.getpid()) and os.environ["LISTEN_FDS"] == "1"
assert os.environ["LISTEN_FDNAMES"] == os.environ["INSVC_SERVICE"]
listener = socket.socket(fileno=3)
listener.setblocking(False)
wake, waker = os.pipe()
signal.signal(signal.SIGTERM, lambda *_: os.write(waker, b"."))
announce()
tell("up")
if fails("die-early"): sys.exit(1)
if not fails("mute"):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.sendto(b"READY=1", "\\0" + os.environ["NOTIFY_SOCKET"][1:])
while True:
    ready, _, _ = select.select([listener, wake], [], [])
    if wake in ready:
        while fails("linger"): time.sleep(0.01)
        tell("down")
        sys.exit(0)
    try:
        client, _ = listener.accept()
    except BlockingIOError:
        continue
    with client:
        client.setblocking(True)
        client.recv(4096)
        client.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\n" + str(os.getpid()).encode())
""",
    "alone": """import fcntl
cloud = os.environ["INSVC_CLOUD"]
def mark(word):
    with open(os.path.join(cloud, "served"), "a") as file:
        now = time.clock_gettime(time.CLOCK_BOOTTIME)
        words = (now, os.environ["INSVC_HOST"], word, os.environ.get("INSVC_EPOCH"))
        file.write(" ".join(map(str, words)) + "\\n")
held = open(os.path.join(cloud, "alone"), "w")
try:
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    mark("clash")
    sys.exit(1)
mark("up")
announce()
tell("up")
signal.pause()
""",
    "sm": """sys.path.insert(0, os.environ["INSVC_LIBRARY"])
from insvc.agent.sm_daemon import main
main()
""",
}


class HostFolder:
    """One host's folder, empty of services at first.

    Args:
        path: where to make it.
        role: the host's first role.
        name: of the host.
    """

    def __init__(self, path: Path, role: str | None = "active", name: str = "h") -> None:
        self.path = path
        self.name = name
        self.pair: dict[str, object] | None = None
        self.root = path / "root"
        for folder in ("usr/bin", "run", "etc/insvc/services.d", "var/lib"):
            (self.root / folder).mkdir(parents=True)
        (path / "run").mkdir(exist_ok=True)
        DpkgPackages.initialise(self.root)
        number = next(_numbers)
        pid = os.getpid()
        self.address = f"127.{100 + (pid >> 8) % 100}.{pid % 256}.{1 + number % 250}"
        self.write_host(role)
        for program, text in PROGRAMS.items():
            self.write_program(program, text)

    def write_program(self, name: str, text: str) -> None:
        """Write a program that a definition can name; it has `tell` and `announce`."""
        (self.root / "usr/bin" / name).write_text(_START + text)

    def write_host(self, role: str | None) -> None:
        """Write `host.json`."""
        host: dict[str, object] = {
            "host": self.name,
            "personality": "controller",
            "subfunctions": [],
            "address": self.address,
            "oam_address": self.address,
            "initial_role": role,
            "python": sys.executable,
            "pair": self.pair,
        }
        (self.path / "host.json").write_text(json.dumps(host))

    @property
    def host(self) -> HostFile:
        """What `host.json` says."""
        return read_host(self.path)

    def define(self, name: str, program: str = "plain", **fields: Any) -> None:
        """Write the definition of a service; pmon runs it unless `manager` says otherwise."""
        definition = {
            "name": name,
            "manager": "pmon",
            "package": name,
            "command": [f"usr/bin/{program}"],
            "pidfile": f"run/{name}.pid",
            "startup_s": 0.01,
            "interval_s": 0.05,
            **fields,
        }
        path = self.root / "etc/insvc/services.d" / f"{name}.json"
        path.write_text(json.dumps(definition))

    def told(self) -> list[str]:
        """What the programs have told, in order, as `word service`."""
        path = self.path / "run" / "told"
        return path.read_text().splitlines() if path.exists() else []

    def clean(self) -> None:
        """Kill what is left of the host."""
        kill_all(self.root)


def until(is_true: Callable[[], Any], limit_s: float = 30.0) -> None:
    """Return once it is true."""
    deadline = time.monotonic() + limit_s
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not become true")
        time.sleep(0.005)


@contextmanager
def looping(loop: Loop) -> Iterator[None]:
    """Run the loop in a thread, inside the block."""
    thread = begin(loop.run)
    try:
        yield
    finally:
        loop.stop()
        end(thread)
        loop.close()


@contextmanager
def supervising(folder: HostFolder, manager: Manager = Manager.PMON) -> Iterator[Supervisor]:
    """One manager of the host at work, inside the block; what it runs is left running."""
    loop = Loop()
    found = Supervisor(manager, folder.path, loop, Launcher(folder.path, folder.host))
    with looping(loop):
        loop.call(lambda: found.begin(folder.host.initial_role))
        try:
            yield found
        finally:
            loop.call(found.close)


def row(supervisor: Supervisor, name: str) -> ManagerRow:
    """What the manager says of a service."""
    return supervisor.row(supervisor.engine.units[name])


def wait_for_state(supervisor: Supervisor, name: str, *states: InstanceState) -> ManagerRow:
    """What the manager says of the service once it is in one of those states."""
    until(lambda: row(supervisor, name).state in states)
    return row(supervisor, name)
