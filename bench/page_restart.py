"""`patch-restart-processes` for nova's services: insvc's way beside that of the operators' page.

Both restart the same services of the same running cloud, on its active controller. The peer does
what the page's script does, step by step: for each process, in the given order, look for its flag,
read its pid file, ask sm for its state, set the flag, send the restart and sleep (5 s after one of
sm, 2 s after one of pmon; with `-p` these sleeps run side by side); then look every 2 s, for up to
120 s, whether each pid file holds another live pid. It sends the restarts through insvc's own
commands with `--no-wait`, so both ways use the same managers.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from insvc.adapters.pidfd import start_ticks
from insvc.cloud.layout import host_folder
from insvc.cloud.lifecycle import start_cloud, stop_cloud
from insvc.compat.services import NOVA

INSVC = str(Path(sys.executable).parent / "insvc")
CONTROLLER = "controller-0"
SLEEP_S = {"sm": 5.0, "pmon": 2.0}
POLL_S = 2.0
LIMIT_S = 120.0
NEEDS = (("nova-api", "nova-conductor"), ("nova-novnc", "nova-console-auth"))
"""What needs what among nova's services, by the operators' table of dependencies."""


class PageWay:
    """The page's algorithm on one host.

    Args:
        commands: the folder of installed commands.
        folder: the host's folder.
    """

    def __init__(self, commands: Path, folder: Path) -> None:
        self._commands = commands
        self._root = folder / "root"
        self._flags = Path(tempfile.mkdtemp(prefix="flags-", dir=commands.parent))

    def restart(self, names: tuple[str, ...], *, parallel: bool) -> dict[str, str]:
        """What became of each process, in the words of the page's script."""
        states: dict[str, str] = {}
        recorded: dict[str, int] = {}
        sleeps: list[threading.Thread] = []
        for name in names:
            pid = self._live_pid(name)
            if (self._flags / f"{name}.restarted").exists():
                states[name] = "skipped"
            elif pid == 0:
                states[name] = "not-running"
            else:
                recorded[name] = pid
                self._send(name, sleeps if parallel else None, states)
        for one in sleeps:
            one.join()
        self._wait_for_others(recorded, states)
        return states

    def _wait_for_others(self, recorded: dict[str, int], states: dict[str, str]) -> None:
        """Until each pid file holds another live pid than was recorded."""
        until = time.monotonic() + LIMIT_S
        while "restarting" in states.values() and time.monotonic() < until:
            for name in [one for one, state in states.items() if state == "restarting"]:
                if self._live_pid(name) not in {0, recorded[name]}:
                    states[name] = "restarted"
            if "restarting" in states.values():
                time.sleep(POLL_S)

    def _send(
        self, name: str, sleeps: list[threading.Thread] | None, states: dict[str, str]
    ) -> None:
        manager = "pmon" if name == "nova-compute" else "sm"
        if manager == "sm" and "enabled-active" not in self._run("sm-query", "service", name):
            states[name] = "disabled"
            return
        (self._flags / f"{name}.restarted").touch()
        states[name] = "restarting"

        def send() -> None:
            command = ("pmon-restart",) if manager == "pmon" else ("sm-restart-safe", "service")
            self._run(*command, name, "--no-wait")
            time.sleep(SLEEP_S[manager])

        if sleeps is None:
            send()
        else:
            sleeps.append(threading.Thread(target=send))
            sleeps[-1].start()

    def _run(self, name: str, *arguments: str) -> str:
        command = [str(self._commands / name), *arguments]
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout

    def _live_pid(self, name: str) -> int:
        with suppress(OSError, ValueError):
            pid = int((self._root / "run" / f"{name}.pid").read_text().split()[0])
            os.kill(pid, 0)
            return pid
        return 0


def insvc_way(
    commands: Path, names: tuple[str, ...], *, parallel: bool
) -> subprocess.CompletedProcess[str]:
    """Our command, which waits until each has run unbroken for its dwell time."""
    options = ["-c", "-p"] if parallel else ["-c"]
    command = [str(commands / "patch-restart-processes"), *options, *names]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def started_in_order(folder: Path, names: tuple[str, ...]) -> list[str]:
    """The services by the start of the processes that run now."""
    pids = {one: int((folder / f"root/run/{one}.pid").read_text()) for one in names}
    return sorted(names, key=lambda one: start_ticks(pids[one]))


def before(order: list[str], one: str, other: str) -> bool:
    """Whether the one comes before the other; both are there."""
    return {one, other} <= set(order) and order.index(one) < order.index(other)


def _timed(act: Callable[[], object]) -> tuple[float, object]:
    began = time.monotonic()
    found = act()
    return time.monotonic() - began, found


def report() -> Iterator[str]:
    """Seconds of both ways, one after another and side by side."""
    with tempfile.TemporaryDirectory(prefix="insvc-bench-") as place:
        cloud, commands = Path(place) / "cloud", Path(place) / "bin"
        start_cloud(cloud, said=lambda _line: None)
        try:
            folder = host_folder(cloud, CONTROLLER)
            install = ["compat", "install", "--cloud", str(cloud), "--host", CONTROLLER]
            subprocess.run([INSVC, *install, "--bindir", str(commands)], check=True)
            names = tuple(one for one in NOVA if (folder / f"root/run/{one}.pid").exists())
            yield f"{len(names)} of nova's eight run on {CONTROLLER}: {', '.join(names)}"
            for parallel, words in ((False, "one by one"), (True, "with -p")):
                yield from _both_ways(commands, folder, names, parallel=parallel, words=words)
        finally:
            stop_cloud(cloud)


def _both_ways(
    commands: Path, folder: Path, names: tuple[str, ...], *, parallel: bool, words: str
) -> Iterator[str]:
    theirs_s, states = _timed(lambda: PageWay(commands, folder).restart(names, parallel=parallel))
    theirs = started_in_order(folder, names)
    time.sleep(8.0)
    ours_s, done = _timed(lambda: insvc_way(commands, names, parallel=parallel))
    ours = started_in_order(folder, names)
    time.sleep(8.0)
    assert isinstance(done, subprocess.CompletedProcess)
    yield f"patch-restart-processes, {words:<11} insvc {ours_s:6.1f} s, exit {done.returncode}"
    yield f"patch-restart-processes, {words:<11} page  {theirs_s:6.1f} s, {states}"
    yield f"  page / insvc = {theirs_s / ours_s:.1f}"
    yield f"  insvc's order: {', '.join(ours)}"
    for way, order in (("insvc", ours), ("page", theirs)):
        early = [f"{one} before {need}" for one, need in NEEDS if before(order, one, need)]
        yield f"  started before what it needs, {way}: {', '.join(early) or 'nothing'}"
    if done.returncode:
        yield f"  {done.stdout} {done.stderr}"
