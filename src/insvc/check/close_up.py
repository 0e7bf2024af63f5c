"""Judge a plan with lines on a few hosts of each, exactly as a plan without.

The hosts of a line are alike in all that the laws read; every one of them is looked at for that.
So any two are as good as any other two that are as near in the line: what may go wrong between
hosts goes wrong between four of them, in two lanes. The last of these have the times of the last in
the line. What counts members is told how many lanes were left out, and takes them to be busy.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from insvc.check.absent import Absent, Alike, Lanes
from insvc.check.line_form import Known, is_plain, traits_of
from insvc.check.violation import Violation, contradiction
from insvc.model.observation import Observation
from insvc.model.topology import Topology
from insvc.plan.plan import Line, Plan, Step

_KEPT = 4
_LANES = 2
_MILLI = 3
_ROUNDED_S = 0.002

_Times = list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseUp:
    """A plan without lines, what it was made from, and what is only counted."""

    plan: Plan
    observation: Observation
    topology: Topology
    absent: Absent


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cut:
    """A line with few hosts.

    Attributes:
        line: the whole of it.
        hosts: those that are looked at, in their order; `lanes`: to how many they are dealt out.
        waves: the times of each of their turns.
    """

    line: Line
    hosts: tuple[str, ...]
    lanes: int
    waves: tuple[_Times, ...]

    def tails(self) -> tuple[str, ...]:
        """The steps that everything else in the line comes before."""
        tails = self.turn_tails()
        return tuple(self.on(tail, host) for host in self.hosts[-self.lanes :] for tail in tails)

    def turn_tails(self) -> list[str]:
        """The steps of a turn that no other of it waits for."""
        waited_for = {before for step in self.line.turn for before in step.after}
        return [step.id for step in self.line.turn if step.id not in waited_for]

    def looked_at(self) -> tuple[frozenset[str], frozenset[str]]:
        """The steps of as many lanes as count, and those of more lanes than that."""
        many = len(self.hosts) if self.lanes <= _LANES else _LANES
        ids = [[self.on(step.id, host) for step in self.line.turn] for host in self.hosts]
        return frozenset(chain(*ids[:many])), frozenset(chain(*ids[many:]))

    def on(self, step_id: str, host: str) -> str:
        """The same step on another host."""
        return step_id.removesuffix(self.line.hosts[0].host) + host


def close_up(plan: Plan, observation: Observation, topology: Topology, known: Known) -> CloseUp:
    """Leave out most hosts of each line, and most of what no step touches.

    Args:
        plan: its lines are well formed.
        observation: what was seen of every host.
        topology: every host.
        known: the same, indexed.
    """
    kept, crowds = _keep(plan, known)
    cuts = {line.id: _cut(line, kept) for line in plan.lines}
    ends = {name: cut.tails() for name, cut in cuts.items()}
    steps = [replace(step, after=_flat(step.after, ends)) for step in plan.steps]
    for cut in cuts.values():
        steps += _steps(cut, ends)
    return CloseUp(
        plan=replace(
            plan,
            steps=tuple(sorted(steps, key=lambda step: (step.start_s, step.id))),
            lines=(),
            omitted=tuple(
                one for one in plan.omitted if one.host in kept or one.host not in known.hosts
            ),
        ),
        observation=replace(
            observation, hosts=tuple(one for one in observation.hosts if one.host in kept)
        ),
        topology=replace(topology, hosts=tuple(one for one in topology.hosts if one.name in kept)),
        absent=Absent(crowds=crowds, lanes=tuple(_lanes(plan, cuts, known))),
    )


def check_ends(plan: Plan) -> Iterator[Violation]:
    """Every line ends when its last turn does."""
    for line in plan.lines:
        end_s = max(end_s for _, end_s in _waves(line)[-1])
        if abs(end_s - line.end_s) > _ROUNDED_S:
            why = f"is said to end at {line.end_s} s, but its last turn ends at {end_s:g} s"
            yield contradiction("plan.timeline", line.id, why)


def _keep(plan: Plan, known: Known) -> tuple[frozenset[str], tuple[Alike, ...]]:
    """The hosts that are looked at, and how many there are like them."""
    kept = set(known.hosts)
    crowds = []
    for hosts in {one.hosts[0].host: one.hosts for one in plan.lines}.values():
        names = [one.host for one in hosts if one.host in kept]
        crowds.append(_thin_out(names, kept, known))
    busy = {step.host for step in plan.steps} | {
        one.host for line in plan.lines for one in line.hosts
    }
    idle: dict[object, list[str]] = {}
    for name, host in known.hosts.items():
        if name not in busy and name in known.seen and is_plain(host, known.seen[name]):
            idle.setdefault(traits_of(known, name), []).append(name)
    crowds += [_thin_out(names, kept, known) for names in idle.values()]
    return frozenset(kept), tuple(one for one in crowds if one is not None)


def _thin_out(names: Sequence[str], kept: set[str], known: Known) -> Alike | None:
    gone = names[_KEPT:]
    kept.difference_update(gone)
    if not gone:
        return None
    return Alike(host=known.hosts[gone[0]], seen=known.seen[gone[0]], count=len(gone))


def _cut(line: Line, kept: frozenset[str]) -> _Cut:
    hosts = tuple(one.host for one in line.hosts if one.host in kept)
    lanes = min(line.at_once, _LANES) if len(line.hosts) > line.at_once else len(hosts)
    whole = _waves(line)
    count = -(-len(hosts) // lanes)
    return _Cut(line=line, hosts=hosts, lanes=lanes, waves=(*whole[: count - 1], whole[-1]))


def _waves(line: Line) -> list[_Times]:
    """The times of the first turns of a lane, and of its last one."""
    turns = -(-len(line.hosts) // line.at_once)
    found: list[_Times] = [[(step.start_s, step.end_s) for step in line.turn]]
    last = found[0]
    for number in range(1, turns):
        last = _next(line, last)
        if number < _KEPT:
            found.append(last)
    if turns > _KEPT:
        found.append(last)
    return found


def _next(line: Line, former: _Times) -> _Times:
    """The times of the turn after that one in its lane."""
    ended_s = max(end_s for _, end_s in former)
    ends_s: dict[str, float] = {}
    times = []
    for step, (_, same_s) in zip(line.turn, former, strict=True):
        inner_s = [ends_s[before] for before in step.after if before in ends_s]
        if not inner_s:
            start_s = (ended_s if line.by_host else same_s) + line.pause_s
        elif line.by_host:
            start_s = max(inner_s) + step.soak_s
        else:
            start_s = max(*inner_s, same_s) + max(step.soak_s, line.pause_s)
        ends_s[step.id] = start_s + step.end_s - step.start_s
        times.append((start_s, ends_s[step.id]))
    return times


def _flat(after: Sequence[str], ends: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(one for name in after for one in ends.get(name, (name,)))


def _steps(cut: _Cut, ends: Mapping[str, Sequence[str]]) -> Iterator[Step]:
    line = cut.line
    looked_at = frozenset(cut.hosts)
    own = {one.host: one for one in line.hosts if one.host in looked_at}
    for place, host in enumerate(cut.hosts):
        former = cut.hosts[place - cut.lanes] if place >= cut.lanes else None
        for at, step in enumerate(line.turn):
            after, soak_s = _waits(cut, step, host, former, ends)
            start_s, end_s = cut.waves[place // cut.lanes][at]
            yield replace(
                step,
                id=cut.on(step.id, host),
                host=host,
                start_s=round(start_s, _MILLI),
                end_s=round(end_s, _MILLI),
                after=after,
                soak_s=soak_s,
                expects=own[host].expects[at],
                endpoint=own[host].endpoints[at],
            )


def _waits(
    cut: _Cut, step: Step, host: str, former: str | None, ends: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], float]:
    """What a step waits for, and how long after that it may start first."""
    line = cut.line
    ids = {one.id for one in line.turn}
    inner = [cut.on(one, host) for one in step.after if one in ids]
    pauses_s = [0.0, step.soak_s if inner else 0.0]
    if former is None:
        outer = [one for one in step.after if one not in ids]
        leads = () if inner else line.after
        pauses_s += [step.soak_s if outer else 0.0, line.pause_s if leads else 0.0]
        waited_for = dict.fromkeys(_flat([*outer, *leads], ends))
        return (*inner, *waited_for), max(pauses_s)
    passed = [cut.on(step.id, former)]
    if line.by_host:
        passed = [] if inner else [cut.on(one, former) for one in cut.turn_tails()]
    pauses_s += [line.pause_s if passed else 0.0]
    return (*inner, *passed), max(pauses_s)


def _lanes(plan: Plan, cuts: Mapping[str, _Cut], known: Known) -> Iterator[Lanes]:
    after = {step.id: step.after for step in plan.steps}
    after |= {line.id: _leads(line) for line in plan.lines}
    befores: dict[str, frozenset[str]] = {}
    for line in plan.lines:
        befores[line.id] = _lines_before(line.id, after, befores, frozenset(cuts))
    for line in plan.lines:
        count = min(line.at_once, len(line.hosts))
        shown, spare = cuts[line.id].looked_at()
        yield Lanes(
            line=line.id,
            beside=frozenset(
                other
                for other, earlier in befores.items()
                if other not in befores[line.id] and line.id not in earlier
            ),
            host=known.hosts[line.hosts[0].host],
            turn=line.turn,
            shown=shown,
            spare=spare,
            count=count,
            rest=count - min(_LANES, count),
            by_host=line.by_host,
        )


def _leads(line: Line) -> tuple[str, ...]:
    """What has ended when anything of the line begins."""
    ids = {step.id for step in line.turn}
    heads = [frozenset(step.after) for step in line.turn if ids.isdisjoint(step.after)]
    return (*line.after, *heads[0].intersection(*heads[1:]))


def _lines_before(
    name: str,
    after: Mapping[str, Sequence[str]],
    known: Mapping[str, frozenset[str]],
    lines: frozenset[str],
) -> frozenset[str]:
    """Every line that has ended when this one begins; a circle is found elsewhere."""
    found: set[str] = set()
    seen = {name}
    waiting = list(after[name])
    while waiting:
        one = waiting.pop()
        if one in seen or one not in after:
            continue
        seen.add(one)
        if one in lines:
            found.add(one)
        if one in known:
            found |= known[one]
        else:
            waiting += after[one]
    return frozenset(found)
