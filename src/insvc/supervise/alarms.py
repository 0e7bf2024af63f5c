"""From what a manager knows to the alarms that stand, and from one moment to the next."""

from collections.abc import Iterable, Mapping

from insvc.model.alarm import PROCESS_FAILED, SERVICE_FAILED, Alarm, AlarmChange, AlarmKey
from insvc.model.words import Manager
from insvc.supervise.unit import Unit


def of_units(host: str, units: Iterable[Unit]) -> tuple[Alarm, ...]:
    """One alarm for each service that has failed as often as it may and is not well again.

    What was stopped on purpose has not failed; what is only started once more has, until it has
    run unbroken for long enough.
    """
    return tuple(_alarm(host, one) for one in units if one.is_called_failed and one.managed)


def reconcile(
    standing: Mapping[AlarmKey, Alarm], found: Iterable[Alarm], at: float
) -> tuple[AlarmChange, ...]:
    """What has to change so that exactly the alarms stand that facts support; cleared ones first.

    Args:
        standing: the alarms that stood until now.
        found: those that facts support.
        at: seconds since the epoch.
    """
    now = {one.key: one for one in found}
    cleared = (
        AlarmChange(at=at, what="cleared", alarm=one)
        for key, one in standing.items()
        if key not in now
    )
    fresh = (
        AlarmChange(at=at, what="changed" if key in standing else "raised", alarm=one)
        for key, one in now.items()
        if standing.get(key) != one
    )
    return (*cleared, *fresh)


def _alarm(host: str, unit: Unit) -> Alarm:
    definition = unit.definition
    name, manager = definition.name, definition.manager
    kind = "process" if manager is Manager.PMON else "service"
    allowed = definition.restarts
    going_on = (
        f"it is tried again, at most every {definition.interval_s * 64:g} s"
        if allowed
        else "it is not tried again: its definition allows no restart"
    )
    return Alarm(
        alarm=PROCESS_FAILED if manager is Manager.PMON else SERVICE_FAILED,
        entity=f"host={host}.{kind}={name}",
        severity=definition.severity,
        text=f"{name} failed {max(allowed, 1)} times in a row or more; {going_on}",
        next_act=f"read log/{name}.log of {host}, then restart it",
    )
