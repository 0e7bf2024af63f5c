"""One connection to systemd: units, their properties, and jobs with their results.

Source: org.freedesktop.systemd1(5). systemd is asked through the socket that it keeps open for
the superuser itself, or over the system bus; both speak D-Bus.
"""

import functools
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insvc.adapters.dbus import Message, Reader
from insvc.adapters.dbus_link import Call, CallRefused, Link
from insvc.errors import WorldError
from insvc.inspect.systemd_unit import (
    SERVICE_PROPERTIES,
    UNIT_PROPERTIES,
    UnitFacts,
    unit_facts,
)

NAME = "org.freedesktop.systemd1"
BUS_SOCKET = "run/dbus/system_bus_socket"
PRIVATE_SOCKET = "run/systemd/private"
_PATH = "/org/freedesktop/systemd1"
_MANAGER = f"{NAME}.Manager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_SERVICE_END = ".service"
_DONE = f"type='signal',interface='{_MANAGER}',member='JobRemoved',path='{_PATH}'"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A unit in systemd's list: its name and states, in systemd's words."""

    name: str
    load: str
    active: str
    sub: str


class SystemdBus:
    """systemd at the other end of one connection.

    Args:
        link: the connection.
    """

    def __init__(self, link: Link) -> None:
        self._link = link

    @classmethod
    def open(cls, root: Path, *, timeout_s: float, directly: bool) -> "SystemdBus":
        """Connect to the systemd of the host whose files are below `root`.

        Raises:
            WorldError: it cannot be reached that way.
        """
        path = root / (PRIVATE_SOCKET if directly else BUS_SOCKET)
        link = Link.open(path, destination=NAME, is_bus=not directly, timeout_s=timeout_s)
        return cls(link)

    def close(self) -> None:
        """Let go of the connection."""
        self._link.close()

    def units(self) -> tuple[Listed, ...]:
        """Every unit that systemd has loaded.

        Raises:
            WorldError: it does not answer.
        """
        return _listed(self._call("ListUnits"))

    def states(self, names: Collection[str]) -> dict[str, str]:
        """The active state of these units by name, in systemd's words.

        Raises:
            WorldError: it does not answer.
        """
        found = self._call("ListUnitsByNames", "as", sorted(names)) if names else ([],)
        return {one.name: one.active for one in _listed(found)}

    def facts(self, names: Iterable[str]) -> dict[str, UnitFacts]:
        """What systemd says of these services, by the name asked for; only those it has.

        Raises:
            WorldError: it does not answer.
        """
        asked = [name for name in names if name.endswith(_SERVICE_END)]
        kinds = (f"{NAME}.Unit", f"{NAME}.Service")
        calls = [_all_properties(name, kind) for name in asked for kind in kinds]
        answers = iter(self._link.ask_all(calls))
        found = {}
        for name, unit, service in zip(asked, answers, answers, strict=True):
            properties = _picked(unit, UNIT_PROPERTIES) | _picked(service, SERVICE_PROPERTIES)
            facts = unit_facts(properties)
            if facts.is_there:
                found[name] = facts
        return found

    def elapses(self, timers: Sequence[str]) -> dict[str, tuple[int, int, int]]:
        """Of each timer: last and next time by the wall clock, next by the monotonic one, in µs.

        Raises:
            WorldError: it does not answer.
        """
        wanted = ("LastTriggerUSec", "NextElapseUSecRealtime", "NextElapseUSecMonotonic")
        calls = [_one_property(timer, f"{NAME}.Timer", one) for timer in timers for one in wanted]
        told = [_number(one) for one in self._link.ask_all(calls)]
        triples = zip(told[::3], told[1::3], told[2::3], strict=True)
        return dict(zip(timers, triples, strict=True))

    def follow_jobs(self) -> None:
        """Ask to be told of the end of jobs; to be called before the first of them.

        Raises:
            WorldError: it does not answer.
        """
        self._link.subscribe(_DONE)
        self._call("Subscribe")

    def begin(self, verb: str, name: str) -> str:
        """Give systemd a job (`RestartUnit`, `ReloadUnit`) and answer with the job's path.

        Raises:
            CallRefused: it takes no such job; nothing was done.
            WorldError: no answer, so that nobody knows whether it took the job.
        """
        (job,) = self._link.call(_manager(verb, "ss", name, "replace"))
        return str(job)

    def result(self, job: str, until: float) -> str | None:
        """How the job ended, in systemd's words; nothing where it has not ended by then.

        Args:
            job: its path.
            until: on the monotonic clock.

        Raises:
            WorldError: the connection is lost.
        """
        ended = self._link.signal(lambda signal: _ends(signal, job), until)
        return None if ended is None else str(ended.values()[3])

    def withdraw(self, job: str) -> bool:
        """Cancel a job that still waits for its turn; false where it has begun or ended.

        Raises:
            WorldError: it does not answer.
        """
        try:
            state = self._link.call(_get(job, f"{NAME}.Job", "State"))
            if state != ("waiting",):
                return False
            self._link.call(Call(path=job, interface=f"{NAME}.Job", member="Cancel"))
        except CallRefused:
            return False
        return True

    def read_files_again(self, timeout_s: float) -> None:
        """Let systemd read every unit file again.

        Raises:
            WorldError: it refuses, or has not ended in time.
        """
        self._call("Reload", timeout_s=timeout_s)

    def forget_failure(self, name: str) -> None:
        """Let systemd forget that the unit failed, and count its starts from none.

        Raises:
            WorldError: it refuses or does not answer.
        """
        self._call("ResetFailedUnit", "s", name)

    def processes(self, name: str) -> frozenset[int]:
        """The pids of every process of the unit.

        Raises:
            WorldError: it refuses or does not answer.
        """
        (found,) = self._call("GetUnitProcesses", "s", name)
        return frozenset(one[1] for one in found)

    def incarnation(self) -> tuple[int, str]:
        """What differs after systemd has executed itself: when it read units, its bus name.

        Raises:
            WorldError: it does not answer.
        """
        wanted = _get(_PATH, _MANAGER, "UnitsLoadTimestampMonotonic")
        (answer,) = self._link.ask_all([wanted])
        if isinstance(answer, CallRefused):
            raise refused_call(answer, "init.scope")
        is_unique = answer.sender.startswith(":")  # between two peers it is one that never changes
        return _number(answer), answer.sender if is_unique else ""

    def kill(self, name: str, number: int) -> None:
        """Send a signal to every process of the unit.

        Raises:
            WorldError: it refuses or does not answer.
        """
        self._call("KillUnit", "ssi", name, "all", number)

    def re_execute(self) -> None:
        """Let systemd replace itself by its installed program; the connection ends with it.

        Raises:
            WorldError: it cannot be told.
        """
        self._link.tell(_manager("Reexecute"))

    def _call(
        self,
        member: str,
        signature: str = "",
        *arguments: Any,  # noqa: ANN401 - as the signature says
        timeout_s: float | None = None,
    ) -> tuple[Any, ...]:
        try:
            return self._link.call(_manager(member, signature, *arguments), timeout_s=timeout_s)
        except CallRefused as fault:
            raise refused_call(fault, member) from fault


def refused_call(fault: CallRefused, subject: str) -> WorldError:
    """What systemd refused, as an error with the next act."""
    needs_root = fault.name.endswith((".AccessDenied", ".InteractiveAuthorizationRequired"))
    next_act = "run insvc as root" if needs_root else "look at systemd's log: journalctl -b _PID=1"
    return WorldError(subject, f"systemd refuses: {fault.text}", next_act=next_act)


def path_of(name: str) -> str:
    """The path of a unit's object: whatever is no plain letter or digit becomes `_` and hex."""
    plain = "".join(
        chr(byte)
        if chr(byte) in _PLAIN and not (at == 0 and chr(byte).isdigit())
        else f"_{byte:02x}"
        for at, byte in enumerate(name.encode("utf-8", "surrogateescape"))
    )
    return f"{_PATH}/unit/{plain or '_'}"


def _manager(member: str, signature: str = "", *arguments: Any) -> Call:  # noqa: ANN401 - as typed
    return Call(
        path=_PATH, interface=_MANAGER, member=member, signature=signature, arguments=arguments
    )


def _all_properties(name: str, kind: str) -> Call:
    return Call(
        path=path_of(name),
        interface=_PROPERTIES,
        member="GetAll",
        signature="s",
        arguments=(kind,),
    )


def _one_property(name: str, kind: str, wanted: str) -> Call:
    return _get(path_of(name), kind, wanted)


def _get(path: str, kind: str, wanted: str) -> Call:
    arguments = (kind, wanted)
    return Call(path=path, interface=_PROPERTIES, member="Get", signature="ss", arguments=arguments)


def _picked(answer: Message | CallRefused, wanted: frozenset[str]) -> dict[str, Any]:
    if isinstance(answer, CallRefused) or answer.signature != "a{sv}":
        return {}
    return Reader(answer.body, answer.order).pick(wanted)


def _number(answer: Message | CallRefused) -> int:
    found = () if isinstance(answer, CallRefused) else answer.values()
    return found[0] if found and isinstance(found[0], int) else 0


def _listed(values: tuple[Any, ...]) -> tuple[Listed, ...]:
    return tuple(Listed(name=one[0], load=one[2], active=one[3], sub=one[4]) for one in values[0])


def _ends(signal: Message, job: str) -> bool:
    return (
        signal.member == "JobRemoved" and signal.signature == "uoss" and signal.values()[1] == job
    )


@functools.cache
def monotonic_offset_s() -> float:
    """Seconds since the epoch when the monotonic clock was 0, by the clock when first asked."""
    return time.time() - time.monotonic()
