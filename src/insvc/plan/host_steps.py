"""The steps of hosts that must leave service: swact, lock, restart, unlock, one host at a time."""

from collections.abc import Iterable, Sequence

from insvc.model.words import Action
from insvc.plan.durations import Estimate
from insvc.plan.host_durations import host_estimate, swact_cost_s
from insvc.plan.locking import HostTurn
from insvc.plan.needs import Need
from insvc.plan.pacing import Pace, settle_s, soak_of
from insvc.plan.plan import Step
from insvc.plan.policy import Policy
from insvc.plan.steps import make_step
from insvc.plan.task import Placed, Task
from insvc.plan.tasks import estimate_of
from insvc.plan.view import View

_DIGITS = 3
_Act = tuple[Step | Need, Estimate]
_LAST = "a lock stops a whole host, so everything else is done before (laws 2, 5 and 7)"


def make_host_steps(
    view: View, turns: Iterable[HostTurn], pace: Pace, tails: tuple[str, ...], from_s: float
) -> tuple[Step, ...]:
    """Every turn as a chain of steps, each after the one before it and after `tails`.

    Args:
        view: what was seen.
        turns: in their order.
        pace: holds the policy, and the windows of which one must have room for a whole turn.
        tails: the last steps of what is done in service.
        from_s: when those end.

    Raises:
        PlanRefused: no maintenance window is left that has room for a turn.
    """
    chain = _Chain(tails, from_s)
    former: list[str] = []
    for turn in turns:
        acts = _acts(view, turn, pace.policy)
        settles_s = [settle_s(need, pace.policy) for need in turn.restarts]
        chain.rest(max([_soak_s(view, turn.host, former, pace.policy, tails), *settles_s]))
        chain.wait(_start_s(f"lock@{turn.host}", acts, chain.now_s, pace))
        former.append(turn.host)
        for act, estimate in acts:
            if isinstance(act, Step):
                chain.add(act, estimate)
            else:
                pace.note(act, chain.now_s)
                chain.restart(view, act, pace.policy)
    return tuple(chain.steps)


def _soak_s(
    view: View, host: str, former: Sequence[str], policy: Policy, tails: Sequence[str]
) -> float:
    """How long what was worked on before rests first, where the host is of its kind or has it."""
    own = view.topology.hosts[view.rank[host]]
    earlier = [view.topology.hosts[view.rank[one]] for one in former]
    kinds = [
        kind
        for kind in (own.personality, *own.subfunctions)
        if any(one.serves_as(kind) for one in earlier) or (tails and kind in policy.parallel_hosts)
    ]
    stopped = {one.service for name in former for one in view.seen[name].instances}
    names = [one.service for one in view.seen[host].instances if tails or one.service in stopped]
    soaks_s = [policy.soak_s_of[kind] for kind in kinds if kind in policy.soak_s_of]
    return max([0.0, *soaks_s, *(soak_of(policy, name) for name in names)])


def _start_s(subject: str, acts: Sequence[_Act], from_s: float, pace: Pace) -> float:
    """From when on one window has room for all of it, and every start keeps the limit."""
    length_s = 0.0
    for act, estimate in acts:
        if isinstance(act, Need):
            from_s = pace.limit_s(act.host, from_s + length_s) - length_s
        length_s += estimate.duration_s
    return pace.open_s(subject, from_s, length_s)


def make_unlock_steps(
    view: View, hosts: Sequence[str], restarts: Sequence[Need], pace: Pace
) -> tuple[Step, ...]:
    """A chain that brings locked hosts back, one at a time.

    Args:
        view: what was seen; the hosts are locked.
        hosts: in their order.
        restarts: what is to be restarted on them before they are unlocked.
        pace: holds the policy, and the windows of which one must have room for each host.

    Raises:
        PlanRefused: no maintenance window is left that has room for a host.
    """
    policy = pace.policy
    chain = _Chain((), 0.0)
    for host in hosts:
        own = [need for need in restarts if need.host == host]
        why = f"{host} is locked and the policy wants it back in service (unlock)"
        unlock = (_host_step(host, Action.UNLOCK, why), host_estimate(view, host, Action.UNLOCK))
        acts: list[_Act] = [(need, estimate_of(view, need, policy)) for need in own]
        acts.append(unlock)
        soaks_s = [soak_of(policy, need.service) for need in own if chain.steps]
        chain.rest(max([0.0, *soaks_s, *(settle_s(need, policy) for need in own)]))
        chain.wait(_start_s(unlock[0].id, acts, chain.now_s, pace))
        for need in own:
            pace.note(need, chain.now_s)
            chain.restart(view, need, policy)
        chain.add(*unlock)
    return tuple(chain.steps)


def _acts(view: View, turn: HostTurn, policy: Policy) -> list[_Act]:
    """What is done in one turn, and how long each takes."""
    acts: list[_Act] = []
    moved = turn.swact_to is not None
    if moved:
        acts.append((_swact(view, turn), host_estimate(view, turn.host, Action.SWACT)))
    because = ", ".join(need.service for need in turn.because)
    lock = f"{because}: not patchable in service, so the host leaves service first (law 1); "
    lock += "; ".join(need.cause for need in turn.because)
    estimate = host_estimate(view, turn.host, Action.LOCK, after_swact=moved)
    acts.append((_host_step(turn.host, Action.LOCK, lock), estimate))
    acts += [(need, estimate_of(view, need, policy)) for need in turn.restarts]
    unlock = f"everything on {turn.host} starts again with the installed code (law 1)"
    estimate = host_estimate(view, turn.host, Action.UNLOCK, after_swact=moved)
    acts.append((_host_step(turn.host, Action.UNLOCK, unlock), estimate))
    return acts


class _Chain:
    """Steps one after the other."""

    def __init__(self, tails: tuple[str, ...], from_s: float) -> None:
        self.steps: list[Step] = []
        self.now_s = from_s
        self._after = dict.fromkeys(tails, _LAST)
        self._soak_s = 0.0

    def rest(self, soak_s: float) -> None:
        """Leave a pause before the next step."""
        self._soak_s = soak_s
        self.now_s += soak_s

    def wait(self, until_s: float) -> None:
        """Start the next step no earlier."""
        self.now_s = until_s

    def add(self, bare: Step, estimate: Estimate) -> None:
        """Put a host action at the end of the chain."""
        start_s, end_s = self._advance(estimate)
        waits = "" if self.steps or not self._after else f"; {_LAST}"
        step = Step(
            id=bare.id,
            host=bare.host,
            action=bare.action,
            reason=bare.reason + waits,
            start_s=round(start_s, _DIGITS),
            end_s=round(end_s, _DIGITS),
            after=tuple(sorted(self._after)),
            soak_s=self._soak_s,
            timeout_s=estimate.timeout_s,
            dwell_s=0.0,
            expected_outage_s=estimate.outage_s,
            to_host=bare.to_host,
        )
        self._append(step)

    def restart(self, view: View, need: Need, policy: Policy) -> None:
        """Put a restart on the locked host at the end of the chain."""
        estimate = estimate_of(view, need, policy)
        start_s, end_s = self._advance(estimate)
        placed = Placed(
            task=Task(need=need, estimate=estimate),
            start_s=start_s,
            end_s=end_s,
            least_start_s=start_s,
            least_end_s=end_s,
            after=dict.fromkeys(self._after, "the host is locked first (law 1)"),
            soak_s=self._soak_s,
        )
        self._append(make_step(view, placed, policy, ""))

    def _advance(self, estimate: Estimate) -> tuple[float, float]:
        start_s = self.now_s
        self.now_s = start_s + estimate.duration_s
        return start_s, self.now_s

    def _append(self, step: Step) -> None:
        self.steps.append(step)
        self._after = {step.id: ""}
        self._soak_s = 0.0


def _swact(view: View, turn: HostTurn) -> Step:
    why = (
        f"{turn.host} is active and must be locked for {turn.because[0].service}; "
        f"{turn.swact_to} takes activity over, standby first (laws 1 and 4); its active-only "
        f"services are interrupted for about {swact_cost_s(view, turn.host):.1f} s, added up"
    )
    step = _host_step(turn.host, Action.SWACT, why)
    return Step(id=step.id, host=step.host, action=step.action, reason=why, to_host=turn.swact_to)


def _host_step(host: str, action: Action, reason: str) -> Step:
    return Step(id=f"{action.value}@{host}", host=host, action=action, reason=reason)
