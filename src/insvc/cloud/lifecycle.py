"""Starts and stops the embedded cloud."""

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from insvc.adapters.ask import ask
from insvc.adapters.wire import from_json
from insvc.cloud.detached import start_detached
from insvc.cloud.hosts import make_hosts
from insvc.cloud.keeper import keeper_of
from insvc.cloud.layout import PLACES, host_folder
from insvc.cloud.processes import end, lives, reap, sweep
from insvc.cloud.readiness import failed, waiting_for
from insvc.cloud.start_faults import last_lines, not_ready
from insvc.errors import WorldError
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import ProcessIdentity

AGENT_S = 30.0
READY_S = 90.0
STOP_S = 70.0
ASK_S = 10.0
PAUSE_S = 0.1


def start_cloud(directory: Path, *, said: Callable[[str], None]) -> None:
    """Start all five hosts; return when every service is what its manager works towards.

    Args:
        directory: the cloud's directory; made where it is not there.
        said: told of the progress, a line at a time.

    Raises:
        WorldError: a cloud runs there, or a service did not become ready; the error holds the last
            lines of its log, and everything that was started is stopped again.
    """
    directory = directory.absolute()
    directory.mkdir(parents=True, exist_ok=True)
    with _alone(directory):
        if is_running(directory):
            raise WorldError(
                str(directory),
                "a cloud runs there already",
                next_act=f"stop it with `insvc cloud stop --cloud {directory}`",
            )
        leftovers = sweep(directory)
        if leftovers:
            said(f"{leftovers} processes of a former cloud were ended")
        make_hosts(directory, said=said)
        try:
            keeper = start_detached("insvc.cloud.keeper", directory, directory / "keeper.log")
            _wait_until_ready(directory, keeper, said)
        except BaseException:
            stop_cloud(directory)
            raise


def stop_cloud(directory: Path) -> None:
    """Stop every service, agent and the keeper; return when no process of the cloud is left."""
    directory = directory.absolute()
    keeper = _keeper(directory)
    if keeper is not None:
        end(keeper, by=signal.SIGTERM, patience_s=STOP_S)
    sweep(directory, patience_s=1.0)
    if keeper is not None:
        reap(keeper.pid)


def is_running(directory: Path) -> bool:
    """Whether the keeper of the cloud in that directory lives."""
    return _keeper(directory.absolute()) is not None


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Nobody else starts a cloud in that directory meanwhile."""
    with (directory / "start.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise WorldError(
                str(directory), "a cloud is being started there now", next_act="wait for it"
            ) from fault
        yield


def _keeper(directory: Path) -> ProcessIdentity | None:
    named = keeper_of(directory)
    if named is None:
        return None
    pid, ticks, boot = named
    identity = ProcessIdentity(boot_id=boot, pid=pid, start_ticks=ticks)
    return identity if lives(identity) else None


def _wait_until_ready(directory: Path, keeper: int, said: Callable[[str], None]) -> None:
    began = time.monotonic()
    waiting = {place.name: host_folder(directory, place.name) for place in PLACES}
    while waiting:
        for host, folder in tuple(waiting.items()):
            rows = _rows(folder)
            _check_progress(folder, rows, time.monotonic() - began)
            if rows and not waiting_for(rows):
                said(f"{host}: {len(rows)} services as wanted")
                del waiting[host]
        _check_keeper(directory, keeper)
        time.sleep(PAUSE_S)


def _check_progress(folder: Path, rows: tuple[ManagerRow, ...], waited_s: float) -> None:
    """Fail when a service was given up, or when an agent or a service takes too long."""
    given_up = failed(rows)
    if given_up:
        raise not_ready(folder, given_up)
    late = waiting_for(rows)
    if waited_s > (READY_S if rows else AGENT_S) and (late or not rows):
        raise not_ready(folder, late)


def _rows(folder: Path) -> tuple[ManagerRow, ...]:
    """What the host's managers say; nothing while its agent is not up."""
    try:
        rows = ask(folder / "run" / "agent.sock", {"ask": "managers"}, ASK_S)
    except WorldError:
        return ()
    return from_json(tuple[ManagerRow, ...], rows)


def _check_keeper(directory: Path, keeper: int) -> None:
    gone, _ = os.waitpid(keeper, os.WNOHANG)
    if gone:
        raise WorldError(
            "the keeper",
            f"ended before the cloud was up: {last_lines(directory / 'keeper.log')}",
            next_act=f"read {directory}/keeper.log",
        )
