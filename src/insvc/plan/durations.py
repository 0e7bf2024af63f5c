"""How long things take: measured where the observation says so, careful guesses elsewhere.

Estimates only shape the schedule and the forecast. No law rests on them: what must not overlap is
held apart by the steps' `after`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from insvc.catalog.entry import Entry, GracefulWindow
from insvc.model.drain import DrainRule
from insvc.model.observation import Instance
from insvc.model.words import InstanceState

if TYPE_CHECKING:
    from insvc.plan.history import Measured
    from insvc.plan.policy import Policy

STOP_S = 0.3
_DRAIN_USUAL_S = 1.0
_UNKNOWN_START_S = 5.0
_NEXT_RUN_S = 0.5
_JOB_RUN_S = 10.0
_JOB_TIMEOUT_S = 600.0
PATIENCE_S = 60.0
PATIENCE_FACTOR = 5.0
ROUND = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """What a step is expected to take, in seconds.

    Attributes:
        duration_s: from its start to its verified end.
        outage_s: how long of that it cannot serve.
        timeout_s: after this it is no longer waited for.
        measured: what duration and outage rest on; absent where they are guessed.
    """

    duration_s: float
    outage_s: float
    timeout_s: float
    measured: Measured | None = None


def start_s(instance: Instance, entry: Entry | None) -> float:
    """From its start to its readiness: as measured, as documented, or a careful guess."""
    if instance.started_in_s is not None:
        return instance.started_in_s
    documented = entry.impact.longest_s if entry else None
    return _UNKNOWN_START_S if documented is None else documented


def drain_of(entry: Entry, service: str, policy: Policy) -> DrainRule | None:
    """How it is asked to finish: the service's own rule, the entry's window, the policy's time."""
    rule = drain_rule(entry, service)
    if policy.drain_s is None:
        return rule
    base = rule or DrainRule()
    return DrainRule(signal=base.signal, timeout_s=policy.drain_s, on_timeout=base.on_timeout)


def drain_rule(entry: Entry, service: str) -> DrainRule | None:
    """How it is asked to finish where no policy says how long that may take."""
    own = entry.service(service)
    rule = own.drain if own else None
    window = next((one for one in entry.special_handling if isinstance(one, GracefulWindow)), None)
    if rule is None and window is not None:
        return DrainRule(timeout_s=window.timeout_s, on_timeout=window.on_timeout)
    return rule


def usual_drain_s(drain: DrainRule | None) -> float:
    """How long it is expected to finish what it does; most of what is allowed is rarely used."""
    return min(drain.timeout_s, _DRAIN_USUAL_S) if drain else 0.0


def restart_estimate(
    instance: Instance,
    entry: Entry,
    drain: DrainRule | None,
    dwell_s: float,
    measured: Measured | None = None,
) -> Estimate:
    """Stop, drain, start and dwell; as in former runs where those measured it."""
    allowed_s = drain.timeout_s if drain else 0.0
    starting_s = start_s(instance, entry)
    down_s = STOP_S + usual_drain_s(drain) + starting_s
    patience_s = max(PATIENCE_S, PATIENCE_FACTOR * starting_s)
    return Estimate(
        duration_s=round((measured.took_s if measured else down_s) + dwell_s, ROUND),
        outage_s=round(measured.outage_s if measured else down_s, ROUND),
        timeout_s=round(allowed_s + patience_s + dwell_s, ROUND),
        measured=measured,
    )


def next_run_estimate(instance: Instance) -> Estimate:
    """A look at the job; a job in the middle of a run is waited for."""
    running = instance.state is InstanceState.RUNNING
    return Estimate(
        duration_s=_JOB_RUN_S if running else _NEXT_RUN_S,
        outage_s=0.0,
        timeout_s=_JOB_TIMEOUT_S,
    )
