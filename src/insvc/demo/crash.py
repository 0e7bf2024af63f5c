"""Let a controller die in the middle of a step: a real process, a real SIGKILL."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from insvc.adapters.formats import dump_text
from insvc.errors import WorldError
from insvc.execute.run import Record, RecordKind
from insvc.plan.plan import Plan
from insvc.ports import Journal

_LOOK_EVERY_S = 0.02


def run_and_kill(directory: Path, plan: Plan, journal: Journal, *, after_steps: int) -> str:
    """Carry the plan out in another process and kill that process in the middle of a step.

    Args:
        directory: the cloud's directory.
        plan: what to carry out.
        journal: where the other process writes what it does.
        after_steps: how many steps must have ended first.

    Returns:
        The id of the run that was cut short.

    Raises:
        WorldError: the process ended before it could be killed.
    """
    document = directory / "controller" / "plan.json"
    document.write_text(dump_text(plan), encoding="utf-8")
    known = set(journal.names())
    log = directory / "controller" / "killed.log"
    arguments = ["run", "start", str(document), "--cloud", str(directory)]
    with log.open("wb") as output:
        controller = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", "insvc.cli.main", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            return _kill_in_step(controller, journal, known, after_steps)
        finally:
            if controller.poll() is None:
                os.kill(controller.pid, signal.SIGKILL)
            controller.wait()


def _kill_in_step(
    controller: "subprocess.Popen[bytes]", journal: Journal, known: set[str], after_steps: int
) -> str:
    while controller.poll() is None:
        for name in journal.names():
            if name not in known and is_in_step(journal.records(name), after_steps):
                os.kill(controller.pid, signal.SIGKILL)
                return name
        time.sleep(_LOOK_EVERY_S)
    raise WorldError(
        f"controller process {controller.pid}",
        f"ended with exit code {controller.returncode} before it could be killed",
        next_act="read killed.log in the cloud's controller folder",
    )


def is_in_step(records: tuple[Record, ...], after_steps: int) -> bool:
    """Whether a step is under way and at least that many have ended."""
    started = {one.step for one in records if one.kind is RecordKind.STEP_STARTED}
    ended = {one.step for one in records if one.kind is RecordKind.STEP_ENDED}
    return bool(started - ended) and len(ended) >= after_steps
