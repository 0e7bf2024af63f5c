"""What has to be followed up once a run's own steps have ended: packages that arrived meanwhile."""

from insvc.execute.state import Run
from insvc.execute.steps import SUCCEEDED
from insvc.execute.transitions import RunState
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.words import Action


def wants_follow_up(run: Run) -> bool:
    """Whether the run has ended well under a policy that merges what arrived meanwhile."""
    return run.state is RunState.SUCCEEDED and run.plan.policy.on_second_patch == "merge"


def follow_up_name(run: str) -> str:
    """The id of the run that follows up another."""
    return f"{run}-follow-up"


def stale_again(run: Run, seen: Observation) -> tuple[str, ...]:
    """`service@host` of what this run has restarted and what runs replaced code once more."""
    names = _restarted(run)
    return tuple(name for host, one in seen.stale() if (name := f"{one.service}@{host}") in names)


def _restarted(run: Run) -> frozenset[str]:
    """`service@host` of what was restarted, or started afresh by a swact, with success."""
    good = [run.planned(name) for name in run.progress.having(SUCCEEDED)]
    cured = (f"{service}@{one.to_host}" for one in good for service in one.cures)
    acted = (one.id for one in good if one.service and one.action is not Action.NEXT_RUN)
    return frozenset((*acted, *cured))


def to_follow_up(run: Run, seen: Observation) -> tuple[str, ...]:
    """`service@host` of what is stale now because packages arrived while the run went on."""
    again = set(stale_again(run, seen))
    return tuple(
        name
        for host in seen.hosts
        for one in host.instances
        if (name := f"{one.service}@{host.host}") in again or _is_asked(run, host, one)
    )


def _is_asked(run: Run, host: HostObservation, instance: Instance) -> bool:
    asked = {one.package for patch in run.asked for one in patch.changes.get(host.host, ())}
    return instance.package in asked and bool(instance.evidence)
