"""From a task with its place to a step: everything an agent and a reader need to know of it."""

from insvc.catalog.entry import ClearSessions, Entry, Probe, ReapOrphans
from insvc.model.observation import Instance
from insvc.model.words import Action
from insvc.plan.durations import drain_of
from insvc.plan.needs import Need
from insvc.plan.plan import Step
from insvc.plan.policy import Policy
from insvc.plan.task import Placed
from insvc.plan.view import View

_WITH_DEPENDANTS = "sm-restart "
_NAMED_STEPS = 3
_DIGITS = 3

_LEAST = {
    Action.NEXT_RUN: "nothing has to be restarted",
    Action.RELOAD: "a reload loads the new code, so no restart is needed (law 8)",
    Action.HANDOFF: "a handoff to a new process is the least that cures it (law 8)",
    Action.HANDLER: "its own handler restarts it (law 8)",
}


def make_step(view: View, placed: Placed, policy: Policy, remark: str) -> Step:
    """The step of a placed task.

    Args:
        view: what was seen.
        placed: the task and its place.
        policy: sets dwell and drain.
        remark: anything else the reason should say; may be empty.
    """
    need, estimate = placed.task.need, placed.task.estimate
    port, path = probe_of(need.entry, need.service)
    address = view.topology.hosts[view.rank[need.host]].address
    endpoint = endpoint_of(need.instance, port, address)
    acts = need.action is not Action.NEXT_RUN
    return Step(
        id=need.id,
        host=need.host,
        entry=need.entry.name,
        service=need.service,
        action=need.action,
        reason=_reason(placed, remark),
        start_s=round(placed.start_s, _DIGITS),
        end_s=round(placed.end_s, _DIGITS),
        after=tuple(sorted(placed.after)),
        soak_s=placed.soak_s,
        timeout_s=estimate.timeout_s,
        dwell_s=policy.dwell_s if acts else 0.0,
        expected_outage_s=estimate.outage_s,
        expects=need.instance.processes,
        with_dependants=restarts_dependants(need.entry),
        drain=drain_of(need.entry, need.service, policy) if acts else None,
        reap=_reap(need),
        clear_sessions=_clears_sessions(need.entry),
        endpoint=endpoint if acts else None,
        probe_path=path if acts and endpoint else None,
    )


def probe_of(entry: Entry, name: str) -> tuple[int | None, str | None]:
    """Port and path at which the catalog lets a service be asked; each may be unknown."""
    service = entry.service(name)
    probe: Probe | None = (service.outage_probe or service.readiness) if service else None
    if probe is None:
        return None, None
    return probe.port, probe.path if probe.kind == "http" else None


def endpoint_of(instance: Instance, port: int | None, address: str | None) -> str | None:
    """Where an instance is asked: as was seen, or at its host's address."""
    if instance.endpoint is not None or port is None or not address:
        return instance.endpoint
    return f"{address}:{port}"


def restarts_dependants(entry: Entry) -> bool:
    """Whether its documented restart stops and starts what depends on it too (not `-safe`)."""
    return bool(entry.restart) and entry.restart[0].run.startswith(_WITH_DEPENDANTS)


def _reason(placed: Placed, remark: str) -> str:
    need = placed.task.need
    measured = placed.task.estimate.measured
    parts = [need.cause, _LEAST.get(need.action, ""), remark, str(measured or "")]
    by_why: dict[str, list[str]] = {}
    for step, why in sorted(placed.after.items()):
        by_why.setdefault(why, []).append(step)
    for why, steps in by_why.items():
        more = f" and {len(steps) - _NAMED_STEPS} more" if len(steps) > _NAMED_STEPS else ""
        parts.append(f"after {', '.join(steps[:_NAMED_STEPS])}{more}: {why}")
    return "; ".join(part for part in parts if part)


def _reap(need: Need) -> str | None:
    rules = (one for one in need.entry.special_handling if isinstance(one, ReapOrphans))
    return next((one.match for one in rules if one.of == need.service), None)


def _clears_sessions(entry: Entry) -> bool:
    return any(isinstance(one, ClearSessions) for one in entry.special_handling)
