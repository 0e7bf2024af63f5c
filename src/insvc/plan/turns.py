"""When the turns of a line take place, and its steps one by one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from insvc.plan.plan import Line, Plan, Step
from insvc.plan.shares import waves

_DIGITS = 3

Times = list[tuple[float, float]]
"""Start and end of each step of a turn."""


def line_times(line: Line) -> Iterator[Times]:
    """The times of every turn of a lane, the first one first."""
    times = [(step.start_s, step.end_s) for step in line.turn]
    yield times
    for _ in range(1, waves(len(line.hosts), line.at_once)):
        times = _next_times(line, times)
        yield times


def _next_times(line: Line, former: Times) -> Times:
    """The times of the turn after that one: each step as soon as what it waits for has ended."""
    ended_s = [end_s for _, end_s in former]
    own = ids_of(line.turn)
    ends_s: dict[str, float] = {}
    times: Times = []
    for step, same_s in zip(line.turn, ended_s, strict=True):
        inner_s = [ends_s[one] for one in step.after if one in own]
        passed_s = [same_s]
        if line.by_host:
            passed_s = [] if inner_s else ended_s
        soak_s = soak_of_turn(line, step, has_inner=bool(inner_s), is_passed=bool(passed_s))
        start_s = max([*inner_s, *passed_s]) + soak_s
        ends_s[step.id] = start_s + step.end_s - step.start_s
        times.append((start_s, ends_s[step.id]))
    return times


def soak_of_turn(line: Line, step: Step, *, has_inner: bool, is_passed: bool) -> float:
    """The pause before a step: its own, and the lane's where it takes the lane over."""
    return max(step.soak_s if has_inner else 0.0, line.pause_s if is_passed else 0.0)


def ids_of(turn: Sequence[Step]) -> frozenset[str]:
    """The steps of a turn; what else they wait for is outside of the line."""
    return frozenset(step.id for step in turn)


def tails_of(turn: Sequence[Step]) -> tuple[str, ...]:
    """Ids of the steps of a turn that none of it waits for."""
    followed = {before for step in turn for before in step.after}
    return tuple(step.id for step in turn if step.id not in followed)


def write_out(plan: Plan) -> Plan:
    """The same plan with every step of every line written out, and no lines.

    Its steps are what a run carries out. A plan without lines is answered as it is.
    """
    if not plan.lines:
        return plan
    last = {line.id: _last_steps(line) for line in plan.lines}
    steps = [_written_out(step, last, plan.lines) for step in plan.steps]
    for line in plan.lines:
        steps += _steps_of(line, last)
    ordered = tuple(sorted(steps, key=lambda step: (step.start_s, step.id)))
    return replace(plan, steps=ordered, lines=())


def _written_out(step: Step, last: Mapping[str, Sequence[str]], lines: Sequence[Line]) -> Step:
    if last.keys().isdisjoint(step.after):
        return step
    reason = step.reason
    for line in lines:
        if line.id in step.after:
            whole = re.compile(rf"{re.escape(line.id)}(?![\w-]|\.\w)")
            reason = whole.sub(f"all {len(line.hosts)} turns of {line.id}", reason)
    return replace(step, after=_flat(step.after, last), reason=reason)


def _flat(after: Sequence[str], last: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(sorted(one for name in after for one in last.get(name, (name,))))


def _last_steps(line: Line) -> tuple[str, ...]:
    """Ids of the steps that everything else in the line comes before."""
    tails = tails_of(line.turn)
    first = line.hosts[0].host
    return tuple(
        _on(step, first, one.host) for one in line.hosts[-line.at_once :] for step in tails
    )


def _on(step_id: str, first: str, host: str) -> str:
    """The id of the same step on another host."""
    return f"{step_id.removesuffix(first)}{host}"


def _steps_of(line: Line, last: Mapping[str, Sequence[str]]) -> Iterator[Step]:
    first = line.hosts[0].host
    own, tails = ids_of(line.turn), tails_of(line.turn)
    times: Times = []
    clock = line_times(line)
    for place, member in enumerate(line.hosts):
        if place % line.at_once == 0:
            times = next(clock)
        former = line.hosts[place - line.at_once].host if place >= line.at_once else None
        for at, step in enumerate(line.turn):
            inner = [_on(one, first, member.host) for one in step.after if one in own]
            if former is None:
                outer = [one for one in step.after if one not in own]
                passed = _flat([*outer, *(() if inner else line.after)], last)
                soak_s = soak_at_first(line, step, is_head=not inner)
            else:
                passed = (_on(step.id, first, former),)
                if line.by_host:
                    passed = () if inner else tuple(_on(one, first, former) for one in tails)
                soak_s = soak_of_turn(line, step, has_inner=bool(inner), is_passed=bool(passed))
            yield replace(
                step,
                id=_on(step.id, first, member.host),
                host=member.host,
                reason=_reason(line, step, member.host),
                start_s=round(times[at][0], _DIGITS),
                end_s=round(times[at][1], _DIGITS),
                after=tuple(sorted({*inner, *passed})),
                soak_s=soak_s,
                expects=member.expects[at],
                endpoint=member.endpoints[at],
            )


def soak_at_first(line: Line, step: Step, *, is_head: bool) -> float:
    """The pause before a step of a lane's first turn."""
    leads = is_head and bool(line.after)
    return max(step.soak_s if step.after else 0.0, line.pause_s if leads else 0.0)


def _reason(line: Line, step: Step, host: str) -> str:
    first = line.hosts[0].host
    alike = "" if host == first else f"as on {first}: "
    return f"{alike}{step.reason}; {line.reason}"
