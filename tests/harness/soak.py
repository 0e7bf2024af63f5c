"""Hours of a manager's life in minutes: restarts by the thousand, deaths by chance, killed agents.

`make soak` runs all three stories in full; tests/scenario/test_soak.py runs each for a short while.
The agent is a real one in a process of its own. What it holds (descriptors, memory, threads,
zombies) is sampled all along, and what it may not do is asserted: lose a service, run one twice,
start one needlessly, grow.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from insvc.adapters.ask import ask
from insvc.adapters.pidfd import Held, read_identity
from insvc.adapters.wire import to_json
from insvc.agent.strays import environment as environment_of
from insvc.agent.strays import kill_all, of_host
from insvc.errors import AgentUnreachable
from insvc.model.act import Intent
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Action
from tests.fakes.host_folder import PORT, HostFolder, until

NATIVE = """#!/bin/sh
echo "up $INSVC_SERVICE" >> "$INSVC_RUN/told"
echo $$ > "$INSVC_PIDFILE"
exec sleep 1000000
"""
SERVER = """import os, socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((os.environ["INSVC_ADDRESS"], int(os.environ["INSVC_PORT"])))
listener.listen()
with open(os.environ["INSVC_PIDFILE"], "w") as file:
    file.write(str(os.getpid()))
while True:
    client, _ = listener.accept()
    client.recv(4096)
    client.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\nok")
    client.close()
"""
SIGNALS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM)
LIMIT_S = 120.0
FREELY = 1_000_000
"""So many failures in a row are allowed: what is killed on purpose is started again at once."""


class Sample(NamedTuple):
    """What the agent held at one moment.

    Attributes:
        at_s: seconds since the story began.
        fds: open descriptors; `threads`: threads; `zombies`: children that nobody has reaped.
        rss_kib: resident memory.
        cpu_s: processor time used so far.
    """

    at_s: float
    fds: int
    threads: int
    zombies: int
    rss_kib: int
    cpu_s: float


@dataclass
class Told:
    """What a story has found.

    Attributes:
        samples: of the agent, oldest first, when nothing was under way.
        counts: how often what has happened.
        figures: measured values by name.
        faults: what should not have happened.
    """

    samples: list[Sample] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    figures: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The account, one line a fact."""
        yield from (f"{name}: {count}" for name, count in sorted(self.counts.items()))
        yield from (f"{name}: {value:.2f}" for name, value in sorted(self.figures.items()))
        for one in (
            self.samples[:1],
            self.samples[len(self.samples) // 2 :][:1],
            self.samples[-1:],
        ):
            yield from (f"agent after {sample.at_s:7.1f} s: {sample}" for sample in one)
        yield from (f"FAULT {fault}" for fault in self.faults)


class Soaked:
    """A host with a real agent.

    Args:
        folder: where its host is.
    """

    def __init__(self, folder: Path) -> None:
        self.host = HostFolder(folder)
        self.socket = self.host.path / "run/agent.sock"
        self.began = time.monotonic()
        self.told = Told()
        native = self.host.root / "usr/bin/native"
        native.write_text(NATIVE)
        native.chmod(0o755)
        (self.host.root / "usr/bin/server").write_text(SERVER)
        self.agent: subprocess.Popen[bytes] | None = None
        self._killed: set[ProcessIdentity] = set()

    def define(self, count: int, **fields: Any) -> list[str]:
        """Define so many services, each a native program that sleeps; answers with their names."""
        names = [f"s{number:04}" for number in range(count)]
        for name in names:
            self.host.define(name, "native", is_native=True, **{**PATIENT, **fields})
        return names

    def start_agent(self) -> None:
        """Start the agent; its log is kept in the host's folder."""
        with (self.host.path / "agent.log").open("ab") as log:
            self.agent = subprocess.Popen(
                [sys.executable, "-m", "insvc.agent", str(self.host.path)],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, pid: int | None, number: int) -> None:
        """Kill one of its processes, which counts as a death unless it was dead or dying."""
        identity = None if pid is None else read_identity(pid)
        held = None if identity is None or identity in self._killed else Held.by_identity(identity)
        if held is not None and identity is not None:
            self._killed.add(identity)
            self.told.counts["deaths"] += 1
            held.signal(number)
            held.close()

    def start_twin(self, name: str) -> subprocess.Popen[bytes]:
        """Start a second process of that service behind the manager's back."""
        environment = {"INSVC_ROOT": str(self.host.root), "INSVC_SERVICE": name}
        return subprocess.Popen(["/bin/sleep", "1000"], env=environment)

    @property
    def pid(self) -> int:
        """Of the agent."""
        assert self.agent is not None
        return self.agent.pid

    def kill_agent(self) -> None:
        """End it without a word."""
        assert self.agent is not None
        self.agent.kill()
        self.agent.wait()

    def rows(self) -> dict[str, dict[str, Any]]:
        """What pmon says of each service.

        A child that an agent had forked, but that was not yet its program when the agent was
        killed, holds the agent's socket for a moment: who asks just then is hung up on.
        """
        try:
            found = ask(self.socket, {"ask": "managers"}, 60.0, patience_s=60.0)
        except AgentUnreachable:
            self.told.counts["asked an agent that had just died"] += 1
            found = ask(self.socket, {"ask": "managers"}, 60.0, patience_s=60.0)
        return {row["name"]: row for row in found}

    def wait_until_up(self, limit_s: float = LIMIT_S) -> dict[str, dict[str, Any]]:
        """Wait until every service is running."""
        until_s = time.monotonic() + limit_s
        while True:
            rows = self.rows()
            missing = [name for name, row in rows.items() if row["state"] != "running"]
            if not missing:
                return rows
            if time.monotonic() > until_s:
                raise TimeoutError(f"{len(missing)} are not running: {missing[:5]}")
            time.sleep(0.2)

    def sample(self) -> Sample:
        """Look at the agent, and keep what it holds."""
        proc = Path(f"/proc/{self.pid}")
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        status = dict(
            line.split(":", 1) for line in (proc / "status").read_text().splitlines() if ":" in line
        )
        found = Sample(
            at_s=time.monotonic() - self.began,
            fds=sum(1 for _ in os.scandir(proc / "fd")),
            threads=int(status["Threads"]),
            zombies=zombies_of(self.pid),
            rss_kib=int(status["VmRSS"].split()[0]),
            cpu_s=(int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
        )
        self.told.samples.append(found)
        return found

    def look_for_twins(self) -> None:
        """See that no service runs twice; what is seen dying is looked at again."""
        by_service: dict[str, list[Any]] = {}
        for one in of_host(self.host.root):
            by_service.setdefault(environment_of(one.pid).get("INSVC_SERVICE", ""), []).append(one)
        for service, found in by_service.items():
            alive = [one for one in found if read_identity(one.pid) == one]
            if service and len(alive) > 1:
                self.told.faults.append(f"{service} runs {len(alive)} times: {alive}")
        self.told.counts["looks for twins"] += 1

    def starts(self) -> Counter[str]:
        """How often each native program was started, in its own words."""
        path = self.host.path / "run/told"
        return Counter(path.read_text().split("\n")[:-1]) if path.exists() else Counter()

    def check_starts(self, names: list[str]) -> None:
        """Each was started once, and once more for each of its deaths."""
        starts, deaths = sum(self.starts().values()), self.told.counts["deaths"]
        self.told.counts["starts"] = starts
        if starts != len(names) + deaths:
            self.told.faults.append(f"{len(names)} services, {deaths} deaths, but {starts} starts")

    def close(self) -> None:
        """End the agent and everything that it has started."""
        if self.agent is not None:
            self.kill_agent()
        kill_all(self.host.root)


PATIENT: dict[str, Any] = {"restarts": FREELY, "debounce_s": 0.5, "ready_timeout_s": 60.0}


def zombies_of(parent: int) -> int:
    """Children of that process that have ended and were not reaped."""
    found = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):
                fields = Path(f"/proc/{entry.name}/stat").read_text().rpartition(")")[2].split()
                found += fields[0] == "Z" and int(fields[1]) == parent
    return found


@contextmanager
def soaked(folder: Path) -> Iterator[Soaked]:
    """A host to soak, without a trace afterwards."""
    made = Soaked(folder)
    try:
        yield made
    finally:
        made.close()


class Client:
    """Asks a service all the time from a thread, and counts what it is answered."""

    def __init__(self, address: str, counts: Counter[str]) -> None:
        self._address = (address, PORT)
        self._counts = counts
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ask no more."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(0.002):
            try:
                with socket.create_connection(self._address, 5.0) as client:
                    client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    is_ok = client.recv(100).startswith(b"HTTP/1.0 200")
            except OSError:
                is_ok = False
            self._counts["requests answered" if is_ok else "requests while it was down"] += 1


def restart_by_thousands(place: Soaked, restarts: int, others: int) -> Told:
    """One process restarted again and again under load, by order and by death in turn."""
    names = place.define(others)
    place.host.define("busy", "server", port=PORT, **{**PATIENT, "startup_s": 0.005})
    place.start_agent()
    before = place.wait_until_up()
    client = Client(place.host.address, place.told.counts)
    times: list[float] = []
    pid = before["busy"]["pid"]
    try:
        for number in range(restarts):
            began = time.monotonic()
            pid = _restart_once(place, number, pid)
            times.append(time.monotonic() - began)
            if number % max(1, restarts // 40) == 0:
                place.sample()
    finally:
        client.close()
    place.sample()
    after = place.rows()
    changed = [name for name in names if after[name]["pid"] != before[name]["pid"]]
    if changed:
        place.told.faults.append(f"restarted without need: {changed}")
    place.told.counts["restarts"] = len(times)
    place.told.figures["median restart to ready again, ms"] = sorted(times)[len(times) // 2] * 1000
    place.told.figures["slowest, ms"] = max(times) * 1000
    return place.told


def _restart_once(place: Soaked, number: int, pid: int) -> int:
    """By order or by death; answers with the new pid once it is ready."""
    if number % 2:
        held = Held.by_identity(read_identity(pid) or _gone(pid))
        assert held is not None
        held.signal(signal.SIGKILL)
        held.close()
        found: list[int] = []

        def is_back() -> bool:
            row = place.rows()["busy"]
            found[:] = [row["pid"]]
            return bool(row["state"] == "running" and row["pid"] not in {pid, None})

        until(is_back, LIMIT_S)
        return found[0]
    intent = Intent(
        run="soak", step=f"busy-{number}", action=Action.RESTART, service="busy", dwell_s=0.0
    )
    facts = ask(place.socket, {"ask": "perform", "intent": to_json(intent)}, LIMIT_S)
    if not facts["manager_done"]:
        place.told.faults.append(f"restart {number}: {facts['said']}")
    return int(facts["after"][0]["pid"])


def _gone(pid: int) -> Any:
    raise AssertionError(f"{pid} died by itself")


def die_by_chance(
    place: Soaked, services: int, seconds: float, a_second: float, seed: int = 1
) -> Told:
    """Supervised processes killed at random; in the end, all of them at once."""
    names = place.define(services)
    chance = random.Random(seed)
    place.start_agent()
    began = time.monotonic()
    rows = place.wait_until_up()
    place.told.figures["all up first, s"] = time.monotonic() - began
    place.sample()
    _kill_for(place, names, seconds, a_second, chance)
    place.wait_until_up()
    place.look_for_twins()
    place.sample()
    began = time.monotonic()
    rows = place.rows()
    for name in names:
        place.kill(rows[name]["pid"], signal.SIGKILL)
    place.told.figures["killing all at once, s"] = time.monotonic() - began
    rows = place.wait_until_up()
    place.told.figures["all back after all were killed at once, s"] = time.monotonic() - began
    place.look_for_twins()
    time.sleep(1.0)
    place.sample()
    place.check_starts(names)
    deaths, counted = place.told.counts["deaths"], sum(row["restarts"] for row in rows.values())
    if counted != deaths:
        place.told.faults.append(f"{deaths} deaths, and the manager tells of {counted}")
    return place.told


def _kill_for(
    place: Soaked, names: list[str], seconds: float, a_second: float, chance: random.Random
) -> None:
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        rows = place.rows()
        again_at = time.monotonic() + 2.0
        for name in chance.sample(names, min(len(names), round(a_second * 2))):
            place.kill(rows[name]["pid"], chance.choice(SIGNALS))
            time.sleep(max(0.0, min(1 / a_second, again_at - time.monotonic())))
        place.look_for_twins()
        place.sample()


def lose_the_agent(
    place: Soaked, services: int, seconds: float, a_second: float, seed: int = 1
) -> Told:
    """Processes and the agent itself killed at random: nothing is started without need."""
    names = place.define(services)
    chance = random.Random(seed)
    place.start_agent()
    place.wait_until_up()
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        rows = place.rows()
        victims = chance.sample(names, min(len(names), round(a_second * 2)))
        at = chance.randrange(len(victims))
        for number, name in enumerate(victims):
            if number == at:
                time.sleep(chance.random() * 0.01)
                place.kill_agent()
                place.told.counts["agents killed"] += 1
            place.kill(rows[name]["pid"], chance.choice(SIGNALS))
            if number == at:
                place.start_agent()
        place.wait_until_up()
        place.look_for_twins()
    place.check_starts(names)
    return place.told


def check_flat(told: Told, *, warm: int, rss_kib: int, fds: int = 0, threads: int = 2) -> None:
    """Note as faults what has grown since so many samples.

    Args:
        told: the story; its last sample was taken when nothing was under way.
        warm: samples before the agent counts as warm.
        rss_kib, fds, threads: by how much the last one may be above the highest of the warm-up.
    """
    first, last = told.samples[: warm + 1], told.samples[-1]
    allowed = {"rss_kib": rss_kib, "fds": fds, "threads": threads, "zombies": 0}
    for name, more in allowed.items():
        start = max(getattr(one, name) for one in first) if name != "zombies" else 0
        if getattr(last, name) > start + more:
            told.faults.append(f"{name} grew from {start} to {getattr(last, name)}")


def main() -> int:
    """Run the stories in full and tell what was measured; 1 where one tells a fault."""
    stories: dict[str, Callable[[Soaked], Told]] = {
        "restarts": lambda place: restart_by_thousands(place, 15_000, 20),
        "deaths": lambda place: die_by_chance(place, 1_000, 600.0, 20.0),
        "agents": lambda place: lose_the_agent(place, 200, 120.0, 20.0),
    }
    wanted = sys.argv[1:] or list(stories)
    failed = False
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="insvc-soak-") as directory:
            began = time.monotonic()
            with soaked(Path(directory) / "cloud/hosts/h") as place:
                told = stories[name](place)
                if told.samples:
                    # The interpreter's own tables grow by steps of up to 1 MiB.
                    check_flat(told, warm=len(told.samples) // 5, rss_kib=2048, fds=2)
            took_s = time.monotonic() - began
            sys.stdout.write(f"--- {name}: {took_s:.0f} s, load {os.getloadavg()}\n")
            sys.stdout.writelines(f"{line}\n" for line in told.lines())
            sys.stdout.flush()
            samples = json.dumps([one._asdict() for one in told.samples])
            sys.stderr.write(f"{samples}\n")
            failed = failed or bool(told.faults)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
