"""What would cure each instance that is not current, told beside what was seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from insvc.catalog.entry import Note
from insvc.model.observation import Cure, HostObservation, Instance, Observation
from insvc.model.words import Action, InstanceState, Verdict
from insvc.plan.durations import drain_rule, restart_estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from insvc.catalog.entry import Catalog, Entry
    from insvc.plan.history import History

_GOES_ON = frozenset({Action.NONE, Action.NEXT_RUN, Action.RELOAD, Action.HANDOFF})


def with_cures(
    observation: Observation, catalog: Catalog, history: History | None = None
) -> Observation:
    """The observation, and beside everything that calls for one its cure.

    Args:
        observation: what was seen.
        catalog: what is known of what runs there; earlier entries win.
        history: what former runs measured.
    """
    known: dict[str, Entry] = {}
    for entry in catalog.entries:
        for service in entry.services:
            known.setdefault(service.name, entry)
    hosts = tuple(_of_host(host, known, history or {}) for host in observation.hosts)
    return replace(observation, hosts=hosts)


def _of_host(
    host: HostObservation, known: Mapping[str, Entry], history: History
) -> HostObservation:
    return replace(
        host,
        instances=tuple(
            replace(one, cure=_cure(one, known[one.service], history))
            if one.service in known and _calls(one)
            else one
            for one in host.instances
        ),
    )


def _calls(instance: Instance) -> bool:
    is_waiting = instance.state is InstanceState.SCHEDULED and bool(instance.evidence)
    return is_waiting or instance.verdict is not Verdict.CURRENT


def _cure(instance: Instance, entry: Entry, history: History) -> Cure:
    drain = drain_rule(entry, instance.service)
    measured = history.get(instance.service)
    estimate = restart_estimate(instance, entry, drain, 0.0, measured)
    notes = [rule.text for rule in entry.special_handling if isinstance(rule, Note)]
    return Cure(
        entry=entry.name,
        action=entry.action,
        restart_class=entry.restart_class,
        outage_s=0.0 if entry.action in _GOES_ON else estimate.outage_s,
        note=" ".join(notes) or entry.impact.note,
    )
