"""What can be learnt from systemd about how to restart a unit that no catalog knows."""

from collections.abc import Iterable

from insvc.catalog.entry import Entry, Impact, Note, Rule, Service
from insvc.inspect.systemd_unit import UnitFacts
from insvc.model.words import Action, Manager, Personality, Redundancy, RestartClass

DISCOVERED = "discovered"
"""The provenance of every field that systemd was asked for."""
_FIELDS = ("title", "function", "managed_by", "services", "action", "restart_class", "depends_on")
_RE_EXECUTES = {("haproxy", "USR2")}
"""Programs known to replace themselves by their installed file on a signal, sockets kept open."""


def entry_of(facts: UnitFacts, open_sockets: Iterable[str] = ()) -> Entry:
    """How the unit is to be restarted, as far as systemd knows.

    Args:
        facts: what systemd says of it.
        open_sockets: socket units that listen now.
    """
    action = action_of(facts, open_sockets)
    return Entry(
        name=facts.name,
        title=facts.name,
        function=facts.title or facts.name,
        in_service_patchable=True,
        managed_by=Manager.SYSTEMD,
        runs_on=(Personality.HOST,),
        redundancy=Redundancy.PER_HOST,
        services=(Service(name=facts.name),),
        action=action,
        restart_class=_class_of(facts),
        depends_on=needs(facts),
        impact=_impact(facts, action),
        special_handling=tuple(_rules(facts)),
        provenance=dict.fromkeys(_FIELDS, DISCOVERED),
    )


def action_of(facts: UnitFacts, open_sockets: Iterable[str] = ()) -> Action:
    """The least that surely makes the unit run what is installed (law 8).

    A reload mostly reads configuration alone, so it counts only where the program is known to
    replace itself. Where systemd keeps a socket open, clients wait while the service is restarted.
    """
    if facts.is_job:
        return Action.NEXT_RUN
    if replaces_itself(facts) or set(facts.sockets) & set(open_sockets):
        return Action.HANDOFF
    return Action.RESTART


def replaces_itself(facts: UnitFacts) -> bool:
    """Whether its reload surely ends in a process of the installed program, sockets kept open.

    So it is with haproxy in master-worker mode (`-W`, `-Ws`): on SIGUSR2 the master executes
    its program again and starts new workers, while the old ones finish what they serve.
    """
    if not facts.can_reload or not facts.start:
        return False
    program = facts.start[0][0].rpartition("/")[2]
    masters = any(one in {"-W", "-Ws"} for one in facts.start[0])
    return masters and any((program, one) in _RE_EXECUTES for one in _signals(facts))


def _signals(facts: UnitFacts) -> Iterable[str]:
    """Names of the signals that its reload commands send to its main process."""
    for command in facts.reload:
        if command[0].rpartition("/")[2] == "kill" and command[-1] == "$MAINPID":
            yield from (one.lstrip("-").removeprefix("SIG") for one in command[1:-1])


def needs(facts: UnitFacts) -> tuple[str, ...]:
    """Services that must be up before it: required and started earlier."""
    wanted = {*facts.requires, *facts.bound_to} & set(facts.after)
    return tuple(sorted(one for one in wanted if one.endswith(".service")))


def _class_of(facts: UnitFacts) -> RestartClass:
    if facts.refuses_stop or facts.refuses_start:
        return RestartClass.REBOOT_ONLY
    if facts.is_transient or (facts.kind == "oneshot" and facts.stays):
        return RestartClass.DEFERRED
    return RestartClass.AUTO


def _rules(facts: UnitFacts) -> Iterable[Rule]:
    if facts.refuses_stop or facts.refuses_start:
        yield Note(text="systemd refuses to stop or start it at a person's request")
    if facts.is_transient:
        yield Note(text="made at run time, of no unit file: it may be work that must not run twice")
    if facts.kind == "oneshot" and facts.stays:
        yield Note(text="it ran once and left something behind; a restart undoes and repeats that")


def _impact(facts: UnitFacts, action: Action) -> Impact:
    if action is Action.NEXT_RUN:
        return Impact(outstanding_requests="none", new_requests="none", recovers="by-itself")
    longest = (facts.stop_limit_s, facts.start_limit_s)
    bounded = [one for one in longest if one is not None]
    return Impact(
        new_requests="queued" if action is Action.HANDOFF else "unknown",
        longest_s=sum(bounded) if len(bounded) == len(longest) else None,
        note="systemd gives up its stop and its start after the longest time",
    )
