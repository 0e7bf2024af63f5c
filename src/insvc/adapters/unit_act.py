"""A unit of systemd as if an init script looked after it: `start`, `stop`, `status` by exit code.

Runs as a process of its own, so that the agent loads none of it and its end is an event like any
script's. Only the systemd of the host's own root is asked, never another that runs nearby.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from insvc.adapters.dbus_link import CallRefused
from insvc.adapters.launcher import ROOT_VARIABLE
from insvc.adapters.systemd import find
from insvc.adapters.systemd_bus import SystemdBus, refused_call
from insvc.errors import InsvcError

DONE, FAILED, NOT_RUNNING, UNKNOWN, NOT_INSTALLED, NOT_CONFIGURED = 0, 1, 3, 4, 5, 6
"""What the Linux Standard Base has init scripts exit with."""
_LONGEST_S = 3600.0
_VERBS = {"start": "StartUnit", "stop": "StopUnit", "restart": "RestartUnit"}
_UP = frozenset({"active", "reloading"})


def main(arguments: Sequence[str]) -> int:
    """Do what the word asks of the unit; answers with the exit code an init script would have."""
    word, name = arguments
    unit = name if "." in name else f"{name}.service"
    root = Path(os.environ[ROOT_VARIABLE])
    systemd = find(root)
    if systemd is None:
        return _tell(f"no systemd runs the host below {root}", _unknown(word))
    try:
        bus = systemd.connect()
        try:
            return _look(bus, unit) if word == "status" else _job(bus, word, unit)
        finally:
            bus.close()
    except InsvcError as fault:
        return _tell(str(fault), _unknown(word))


def _look(bus: SystemdBus, unit: str) -> int:
    state = bus.states([unit]).get(unit, "")
    if state in _UP:
        return DONE
    return _tell(f"{unit} is {state or 'unknown'}", FAILED if state == "failed" else NOT_RUNNING)


def _job(bus: SystemdBus, word: str, unit: str) -> int:
    if word not in _VERBS:
        return _tell(f"found {word!r}, expected one of {', '.join(_VERBS)}, status", FAILED)
    policy = _restart_policy(bus, unit)
    if policy and word != "stop":
        reason = f"Restart={policy} has systemd start it again as well; set it to `no`"
        return _tell(f"{unit} would have two owners: {reason} by a drop-in", NOT_CONFIGURED)
    bus.follow_jobs()
    try:
        job = bus.begin(_VERBS[word], unit)
    except CallRefused as fault:
        code = NOT_INSTALLED if fault.name.endswith("NoSuchUnit") else FAILED
        return _tell(str(refused_call(fault, unit)), code)
    result = bus.result(job, time.monotonic() + _LONGEST_S)
    return DONE if result == "done" else _tell(f"{word} of {unit}: its job ended {result}", FAILED)


def _restart_policy(bus: SystemdBus, unit: str) -> str:
    """When systemd starts the unit again by itself; empty where it never does."""
    facts = bus.facts([unit]).get(unit)
    return "" if facts is None or facts.restart_policy == "no" else facts.restart_policy


def _unknown(word: str) -> int:
    return UNKNOWN if word == "status" else FAILED


def _tell(said: str, code: int) -> int:
    sys.stderr.write(f"{said}\n")
    return code
