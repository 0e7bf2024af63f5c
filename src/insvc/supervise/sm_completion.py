"""What sm is told of a service by its package, completed by what the tables know of it."""

from dataclasses import replace

from insvc.supervise.definition import ActionRule, ActiveCheck, ScriptControl, ServiceDefinition
from insvc.supervise.sm_tables import Tables, Times, membership, serves_everywhere

START_RETRIES, STOP_RETRIES, AUDIT_RETRIES = 2, 1, 2
"""Tries after the first one of an action, whatever the service."""


def completed(definition: ServiceDefinition, tables: Tables) -> ServiceDefinition:
    """The definition with what the tables know beside it: needs, group, impact, budget, times.

    What its package says of a budget or of a script's times stays. Where its group serves on every
    node, the service does, whichever node is the active one.
    """
    definition = _with_needs(_with_heartbeat(definition), tables)
    member = membership(tables, definition.name)
    if member is not None:
        definition = replace(definition, group=member.group, severity=member.impact)
    if serves_everywhere(tables, definition.name):
        definition = replace(definition, runs_when="always")
    own = next((one for one in reversed(tables.services) if one.name == definition.name), None)
    if own is None:
        return definition
    if definition.budget is None:
        definition = replace(definition, budget=own.budget)
    kinds = {one.name: one for one in tables.times}
    times = kinds.get(own.times or "")
    script = definition.script
    if script is None or times is None or _has_own_times(script):
        return definition
    every_s = definition.audit_s or times.audit_every_s or 0.0
    return replace(definition, script=_timed(script, times), audit_s=every_s)


def _with_needs(definition: ServiceDefinition, tables: Tables) -> ServiceDefinition:
    needs = (one.needs for one in tables.dependencies if one.service == definition.name)
    together = tuple(dict.fromkeys((*definition.depends_on, *needs)))
    return replace(definition, depends_on=together)


def _with_heartbeat(definition: ServiceDefinition) -> ServiceDefinition:
    """The definition whose audits are its heartbeats, where it has some."""
    beat = definition.heartbeat
    if beat is None:
        return definition
    check = ActiveCheck(
        port=beat.port, period_s=beat.interval_s, timeout_s=beat.interval_s, threshold=beat.fail
    )
    return replace(definition, active_check=check, audit_s=beat.interval_s, audit_misses=beat.fail)


def _has_own_times(script: ScriptControl) -> bool:
    plain = ScriptControl(style=script.style, name=script.name)
    return (script.start, script.stop, script.status) != (plain.start, plain.stop, plain.status)


def _timed(script: ScriptControl, times: Times) -> ScriptControl:
    status = script.status
    if times.audit_s is not None:
        status = replace(status, timeout_s=times.audit_s, retries=AUDIT_RETRIES)
    return replace(
        script,
        start=ActionRule(timeout_s=times.enable_s, retries=START_RETRIES),
        stop=ActionRule(timeout_s=times.disable_s, retries=STOP_RETRIES),
        status=status,
    )
