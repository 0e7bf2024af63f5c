"""Processes without which a host is unfit to serve (pmon: `quorum`), and what their failure means.

As often as its definition allows: the quorum has failed, which is an alarm. As often once more: the
host is unfit. No single failure ever leads to a reboot, nor does one that is never tried again.
"""

from collections.abc import Iterable
from typing import Literal

from insvc.model.alarm import PROCESS_FAILED, Alarm
from insvc.supervise.unit import Duty, Unit

Standing = Literal["fine", "failed", "unfit"]


def standing_of(unit: Unit) -> Standing:
    """What the failures of this process in a row mean to its host."""
    if not unit.definition.is_essential or not unit.is_called_failed:
        return "fine"
    allowed = unit.definition.restarts
    return "unfit" if allowed and unit.failures >= 2 * allowed else "failed"


def unfit_for(duty: Duty, units: Iterable[Unit]) -> tuple[str, ...]:
    """The processes for want of which the host is unfit, by name; a locked host is left alone."""
    if duty.locked or duty.closing:
        return ()
    return tuple(one.definition.name for one in units if standing_of(one) == "unfit")


def alarms_of(host: str, units: Iterable[Unit], *, reboots: bool) -> tuple[Alarm, ...]:
    """What is to be told of essential processes that have failed.

    Args:
        host: its name.
        units: its processes.
        reboots: whether an unfit host is rebooted.
    """
    found = ((one.definition.name, standing_of(one)) for one in units)
    return tuple(
        Alarm(
            alarm=PROCESS_FAILED,
            entity=f"host={host}.process={name}",
            severity="critical",
            text=_said(host, standing, reboots=reboots),
            next_act=f"read log/{name}.log of {host}, then restart {name} or the host",
        )
        for name, standing in found
        if standing != "fine"
    )


def _said(host: str, standing: Standing, *, reboots: bool) -> str:
    if standing == "failed":
        return f"quorum failure: {host} is unfit without it"
    follows = (
        "it is rebooted once" if reboots else "it names no reboot_command, and is left as it is"
    )
    return f"quorum failure, and not cured: {host} is unfit, and {follows}"
