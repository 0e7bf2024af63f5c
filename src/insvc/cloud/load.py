"""A continuous client load on the embedded cloud, in a process of its own.

`python -m insvc.cloud.load CLOUD` asks until it is told to end, then writes what it counted.
"""

import json
import os
import random
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from insvc.adapters.procfs import ProcfsTable
from insvc.adapters.wire import from_json, to_json
from insvc.cloud.detached import start_detached
from insvc.cloud.files import json_text, write_whole
from insvc.cloud.layout import network_of
from insvc.cloud.load_client import Client, Counter
from insvc.cloud.load_targets import LoadTarget, load_targets
from insvc.cloud.processes import end, reap
from insvc.errors import WorldError
from insvc.model.observation import ProcessIdentity
from insvc.model.topology import Topology
from insvc.report.report import Requests

RESULT = "controller/load.json"
MARK = "controller/load.pid"
START_S = 20.0
END_S = 10.0
PAUSE_S = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """A load that was started.

    Attributes:
        process: who makes it.
        directory: the cloud it asks.
    """

    process: ProcessIdentity
    directory: Path


def start_load(directory: Path) -> Load:
    """Start the load; return when its clients ask.

    Raises:
        WorldError: it ended, or did not begin in time; its words are in `load.log`.
    """
    directory = directory.absolute()
    for name in (RESULT, MARK):
        (directory / name).unlink(missing_ok=True)
    pid = start_detached("insvc.cloud.load", directory, directory / "load.log")
    until = time.monotonic() + START_S
    while (process := ProcfsTable().identity(pid)) and time.monotonic() < until:
        if (directory / MARK).exists():
            return Load(process=process, directory=directory)
        time.sleep(PAUSE_S)
    if process:
        end(process, by=signal.SIGKILL, patience_s=END_S)
    reap(pid)
    raise _not_working(directory, "did not begin")


def stop_load(load: Load) -> Requests:
    """End the load.

    Returns:
        What its clients experienced.

    Raises:
        WorldError: it left no result, since something else ended it before.
    """
    for one in (signal.SIGTERM, signal.SIGKILL):
        end(load.process, by=one, patience_s=END_S)
    try:
        text = (load.directory / RESULT).read_text("utf-8")
    except OSError as fault:
        raise _not_working(load.directory, "left no result") from fault
    return from_json(Requests, json.loads(text))


def _not_working(directory: Path, what: str) -> WorldError:
    return WorldError("the client load", what, next_act=f"read {directory}/load.log")


def _targets(directory: Path) -> tuple[LoadTarget, ...]:
    text = (directory / "topology.json").read_text("utf-8")
    topology = from_json(Topology, json.loads(text))
    return load_targets(topology, network_of(topology))


def main(directory: Path) -> None:
    """Ask until told to end."""
    signals = (signal.SIGTERM, signal.SIGINT)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    counter = Counter()
    for target in _targets(directory):
        client = Client(target, counter)
        pause = random.uniform(0.0, target.period_s)  # noqa: S311 - spreads the first requests
        beginner = threading.Timer(pause, client.ask_for_ever)
        beginner.daemon = True
        beginner.start()
    write_whole(directory / MARK, f"{os.getpid()}\n")
    signal.sigwait(signals)
    write_whole(directory / RESULT, json_text(to_json(counter.requests())))
    os._exit(0)  # clients that still wait for an answer are not waited for


if __name__ == "__main__":
    main(Path(sys.argv[1]))
