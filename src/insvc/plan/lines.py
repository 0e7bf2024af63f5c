"""From a schedule in which one host stands for many to lines of hosts, each with its times."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from operator import attrgetter

from insvc.plan.pacing import soak_of
from insvc.plan.plan import Line, LineHost, Step
from insvc.plan.policy import Policy
from insvc.plan.shares import waves
from insvc.plan.stages import Draft
from insvc.plan.steps import endpoint_of, make_step, probe_of
from insvc.plan.task import Placed
from insvc.plan.turns import line_times, soak_at_first
from insvc.plan.view import Crowds, View
from insvc.plan.waits import join

_DIGITS = 3
_processes_of = attrgetter("processes")


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """A schedule in which every host counts.

    Attributes:
        placed: steps of the hosts that stand for themselves, with times that leave the lines room.
        lines: all others.
        tails: ids of the steps and lines that nothing waits for.
    """

    placed: tuple[Placed, ...]
    lines: tuple[Line, ...]
    tails: tuple[str, ...]

    @property
    def end_s(self) -> float:
        """When the last of them ends."""
        lines_s = max((line.end_s for line in self.lines), default=0.0)
        return max(lines_s, max((one.end_s for one in self.placed), default=0.0))


def lay_out(
    view: View,
    placed: Mapping[str, Placed],
    drafts: Sequence[Draft],
    policy: Policy,
    tails: tuple[str, ...],
) -> Layout:
    """Give the lines their hosts, and everything its time.

    Args:
        view: what was seen of the hosts in the schedule, and which hosts are like them.
        placed: every step of the schedule, in the order of placing.
        drafts: the lines.
        policy: how long lanes rest.
        tails: ids of the steps of the schedule that no other waits for.
    """
    if not drafts:
        return Layout(placed=tuple(placed.values()), lines=(), tails=tails)
    names = {one.task.need.id: draft.id for draft in drafts for one in draft.steps}
    alone = {
        name: replace(one, after=_renamed(one.after, names))
        for name, one in placed.items()
        if name not in names
    }
    by_id = {draft.id: draft for draft in drafts}
    lines: dict[str, Line] = {}
    ends_s: dict[str, float] = {}
    graph = {name: one.after for name, one in alone.items()}
    graph |= {draft.id: _waits_of(draft, names) for draft in drafts}
    for name in TopologicalSorter(graph).static_order():
        if name in by_id:
            lines[name] = _line(view, by_id[name], names, ends_s, policy)
            ends_s[name] = lines[name].end_s
        else:
            ready_s = max((ends_s[before] for before in graph[name]), default=0.0)
            start_s = ready_s + alone[name].soak_s
            end_s = start_s + alone[name].task.estimate.duration_s
            alone[name] = replace(alone[name], start_s=start_s, end_s=end_s)
            ends_s[name] = end_s
    last = dict.fromkeys(names.get(name, name) for name in tails)
    return Layout(
        placed=tuple(alone.values()),
        lines=tuple(lines[draft.id] for draft in drafts),
        tails=tuple(last),
    )


def _renamed(after: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """What it waits for and why, a line in place of each of its steps."""
    found: dict[str, str] = {}
    for step, why in after.items():
        name = names.get(step, step)
        found[name] = join(found.get(name), why)
    return found


def _waits_of(draft: Draft, names: Mapping[str, str]) -> dict[str, str]:
    """What has to have its times before a line gets its own, and why."""
    waits = dict(draft.after)
    for one in draft.steps:
        waits |= _renamed(one.after, names)
    waits.pop(draft.id, None)
    return waits


def _line(
    view: View,
    draft: Draft,
    names: Mapping[str, str],
    ends_s: Mapping[str, float],
    policy: Policy,
) -> Line:
    line = Line(
        id=draft.id,
        hosts=tuple(_hosts(draft, view.crowds)),
        at_once=draft.at_once,
        by_host=draft.by_host,
        turn=(),
        after=tuple(sorted(draft.after)),
        pause_s=_pause_s(view, draft, policy),
        reason=_reason(draft, view.counts[draft.first]),
    )
    line = replace(line, turn=_turn(view, line, draft, names, ends_s, policy))
    *_, times = line_times(line)
    return replace(line, end_s=round(max(end_s for _, end_s in times), _DIGITS))


def _pause_s(view: View, draft: Draft, policy: Policy) -> float:
    """The longest pause that the policy wants between two of its services or hosts."""
    pauses_s = [soak_of(policy, one.task.need.service) for one in draft.steps]
    if draft.by_host:
        host = view.topology.hosts[view.rank[draft.first]]
        kinds = (host.personality, *host.subfunctions)
        pauses_s += [policy.soak_s_of.get(name, 0.0) for name in kinds]
    return max(pauses_s)


def _turn(
    view: View,
    line: Line,
    draft: Draft,
    names: Mapping[str, str],
    ends_s: Mapping[str, float],
    policy: Policy,
) -> tuple[Step, ...]:
    """What is done on each host, with the times of the first one and what that waits for."""
    own = {one.task.need.id for one in draft.steps}
    ended_s: dict[str, float] = {}
    turn = []
    for one in draft.steps:
        inner = {step: why for step, why in one.after.items() if step in own}
        outer = _renamed({step: why for step, why in one.after.items() if step not in own}, names)
        placed = replace(one, after={**inner, **outer})
        step = make_step(view, placed, policy, "")
        befores = () if inner else line.after
        waits_s = [ended_s[before] for before in inner]
        waits_s += [ends_s[before] for before in (*outer, *befores)]
        start_s = max(waits_s, default=0.0)
        start_s += soak_at_first(line, step, is_head=not inner)
        ended_s[step.id] = start_s + one.task.estimate.duration_s
        start_s, end_s = round(start_s, _DIGITS), round(ended_s[step.id], _DIGITS)
        turn.append(replace(step, start_s=start_s, end_s=end_s))
    return tuple(turn)


def _hosts(draft: Draft, crowds: Crowds) -> Iterator[LineHost]:
    alike = crowds.kinds[draft.first]
    needs = [one.task.need for one in draft.steps]
    services = [one.service for one in alike[0].instances]
    places = [services.index(need.service) for need in needs]
    ports = [probe_of(need.entry, need.service)[0] for need in needs]
    for seen in alike:
        chosen = [seen.instances[place] for place in places]
        address = crowds.addresses.get(seen.host)
        yield LineHost(
            host=seen.host,
            expects=tuple(map(_processes_of, chosen)),
            endpoints=tuple(map(endpoint_of, chosen, ports, [address] * len(ports))),
        )


def _reason(draft: Draft, count: int) -> str:
    turns = waves(count, draft.at_once)
    parts = [f"{count} hosts alike, {draft.at_once} at once in {turns} turns: {draft.why}"]
    by_why: dict[str, list[str]] = {}
    for name, why in sorted(draft.after.items()):
        by_why.setdefault(why, []).append(name)
    for why, names in by_why.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        parts.append(f"after {names[0]}{more}: {why}")
    return "; ".join(parts)
