"""From what a manager knows to the alarms that stand, and from one moment to the next."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from insvc.model.alarm import (
    DEVELOPER_CERTIFICATE,
    PROCESS_FAILED,
    SERVICE_FAILED,
    THREAD_STALLED,
    Alarm,
    AlarmChange,
    AlarmKey,
    Severity,
)
from insvc.model.words import Manager
from insvc.supervise import pmon
from insvc.supervise.budget import Condition
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.groups import GroupView, Status
from insvc.supervise.sm_tables import Group
from insvc.supervise.stalls import Stall
from insvc.supervise.unit import Unit

_WORST: Mapping[str, int] = {"critical": 0, "major": 1, "minor": 2, "warning": 3}


def of_units(host: str, units: Iterable[Unit]) -> tuple[Alarm, ...]:
    """One alarm for each service that has failed as often as it may and is not well again.

    What was stopped on purpose has not failed; what is only started once more has, until it has
    run unbroken for long enough.
    """
    return tuple(_alarm(host, one) for one in units if _has_failed(one))


def _has_failed(unit: Unit) -> bool:
    is_at_rest = unit.definition.manager is Manager.PMON and unit.state == pmon.State.STOPPED
    return unit.is_called_failed and unit.managed and not is_at_rest


_SEVERITIES: Mapping[Status, Severity] = {
    Status.WARN: "warning",
    Status.DEGRADED: "major",
    Status.FAILED: "critical",
}


def of_groups(
    host: str, views: Iterable[GroupView], groups: Mapping[str, Group]
) -> tuple[Alarm, ...]:
    """One alarm for each group that is not well, by what its members mean to it.

    Args:
        host: the host's name.
        views: its groups.
        groups: what is known of them, by name.
    """
    return tuple(
        _of_group(host, one, groups.get(one.name)) for one in views if one.status in _SEVERITIES
    )


def _of_group(host: str, one: GroupView, known: Group | None) -> Alarm:
    blamed = ", ".join(one.blamed)
    text = f"{one.name} is {one.status}"
    text += f": {blamed}" if blamed else ", and is not proven well since"
    if one.condition is Condition.FATAL_FAILURE and known is not None and known.calls_for_reboot:
        text += f"; {host} is unfit to serve it until it is repaired or started anew"
    return Alarm(
        alarm=SERVICE_FAILED,
        entity=f"host={host}.service_group={one.name}",
        severity=_SEVERITIES[one.status],
        text=text,
        next_act=f"look at {blamed or one.name} with `sm-dump --verbose`",
    )


def of_certificate(host: str, path: str) -> tuple[Alarm, ...]:
    """The alarm of a host that accepts patches signed by developers; `path`: what lets it."""
    return (
        Alarm(
            alarm=DEVELOPER_CERTIFICATE,
            entity=f"host={host}",
            severity="critical",
            text=f"the developer certificate is enabled on {host}: {path} is there",
            next_act="install the host anew for production; in a laboratory, remove that file",
        ),
    )


def of_stalls(host: str, stalls: Iterable[Stall], *, reboots: bool) -> tuple[Alarm, ...]:
    """One alarm for each program that has threads which do not come back from the kernel.

    Args:
        host: whose threads they are.
        stalls: those that have lasted too long.
        reboots: whether the host is rebooted if they last on.
    """
    threads: dict[str, list[int]] = {}
    for one in stalls:
        threads.setdefault(one.look.program, []).append(one.look.key.tid)
    follows = "the host is rebooted if it lasts" if reboots else "the host is not rebooted for it"
    return tuple(
        Alarm(
            alarm=THREAD_STALLED,
            entity=f"host={host}.program={program}",
            severity="critical",
            text=f"threads of {program} stall in the kernel: "
            f"{', '.join(map(str, sorted(found)))}; {follows}",
            next_act=f"read log/sm-watchdog.debug of {host}: what they wait for stands there",
        )
        for program, found in sorted(threads.items())
    )


def merge(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """One alarm for each key: the worst severity, and all that was said."""
    merged: dict[AlarmKey, Alarm] = {}
    for one in alarms:
        former = merged.get(one.key)
        if former is None:
            merged[one.key] = one
            continue
        worst = min(former, one, key=lambda alarm: _WORST[alarm.severity])
        merged[one.key] = replace(worst, text=f"{former.text}; {one.text}")
    return tuple(merged.values())


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
    is_of_pmon = manager is Manager.PMON
    kind = "process" if is_of_pmon else "service"
    return Alarm(
        alarm=PROCESS_FAILED if is_of_pmon else SERVICE_FAILED,
        entity=f"host={host}.{kind}={name}",
        severity=definition.severity,
        text=_of_process(unit) if is_of_pmon else _of_service(unit),
        next_act=f"read log/{name}.log of {host}, mend what is wrong, then {_cure(definition)}",
    )


def _cure(definition: ServiceDefinition) -> str:
    """What starts it at once; a restart leaves what does not run as it is."""
    name = definition.name
    if definition.status_check is not None:
        return "run its script"
    if definition.manager is Manager.PMON:
        return f"`pmon-start {name}`"
    return f"`sm-unmanage service {name}` and `sm-manage service {name}`"


def _of_process(unit: Unit) -> str:
    definition = unit.definition
    allowed = definition.restarts
    going_on = (
        _tried(unit) if allowed else "it is not tried again: its definition allows no restart"
    )
    return f"{definition.name} failed {max(allowed, 1)} times in a row or more; {going_on}"


def _of_service(unit: Unit) -> str:
    """Why it is called failed. The numbers are those of its budget, so the text stays the same."""
    name, budget = unit.definition.name, unit.budget
    if unit.spent.is_stuck:
        return f"{name} does not end, though it was killed; nothing is started beside it"
    if unit.spent.is_given_up:
        return (
            f"{name} could not be brought up {budget.failed_transitions} times; "
            "it is given up until an operator has it managed anew"
        )
    if unit.spent.condition is Condition.ACTION_FAILURE:
        return f"{name} failed to start {budget.failed_actions} times in a row; {_tried(unit)}"
    return (
        f"{name} died {budget.deaths} times or more, of which time forgives {budget.forgiven} "
        f"in {budget.forgiven_each_s:g} s; {_tried(unit)}"
    )


def _tried(unit: Unit) -> str:
    return f"it is tried again, at most every {unit.definition.interval_s * 64:g} s"
