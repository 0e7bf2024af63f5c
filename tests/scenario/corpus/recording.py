"""A plan, or its refusal, as text that a person can review and a test can compare."""

import functools
from collections.abc import Iterator
from pathlib import Path

from insvc.errors import InsvcError
from insvc.model.words import Action
from insvc.plan.plan import Impairment, Plan, Step
from insvc.plan.planner import make_plan
from tests.scenario.corpus.situation import Inputs, read_situation

_WEIGHED = "in place it is down"

HERE = Path(__file__).parent
NAMES = tuple(
    sorted(str(path.parent.relative_to(HERE)) for path in HERE.glob("*/*/situation.yaml"))
)


def expected_file(name: str) -> Path:
    """Where the expected plan of a situation is recorded."""
    return HERE / name / "plan.txt"


@functools.cache
def inputs_of(name: str) -> Inputs:
    """What the plan of that situation is made from."""
    return read_situation(HERE / name / "situation.yaml").inputs()


def tell(inputs: Inputs) -> str:
    """The plan for these inputs, or why there is none."""
    try:
        plan = make_plan(*inputs)
    except InsvcError as fault:
        return "\n".join(_refusal(fault)) + "\n"
    return "\n".join(_plan(plan, _signs(inputs))) + "\n"


def _signs(inputs: Inputs) -> tuple[str, ...]:
    """The evidence of every instance: as given, it says nothing about the plan."""
    found = (
        f"; {sign}"
        for seen in inputs.observation.hosts
        for instance in seen.instances
        for sign in instance.evidence
    )
    return tuple(dict.fromkeys(found))


def _refusal(fault: InsvcError) -> Iterator[str]:
    yield f"refused [{fault.code}] {fault.subject}"
    for why in fault.reason.split("; "):
        yield f"  why   {why}"
    yield f"  next  {fault.next_act}"


def _plan(plan: Plan, signs: tuple[str, ...]) -> Iterator[str]:
    if not plan.steps:
        yield "no step"
    else:
        number = {step.id: place for place, step in enumerate(plan.steps, start=1)}
        yield "   # |  start |    end | step"
        for step in plan.steps:
            yield from _step(step, number, signs)
        yield f"ends {plan.makespan_s:.1f}, no order ends before {plan.lower_bound_s:.1f}"
        weighed = [
            (str(number[step.id]), part)
            for step in plan.steps
            for part in _parts(step, signs)
            if part.startswith(_WEIGHED)
        ]
        yield from _folded("weighed", weighed)
    yield from _folded("noticed", [(one.entry, _impairment(one)) for one in plan.forecast])
    reasons = [(f"{one.service}@{one.host}", _without(one.reason, signs)) for one in plan.omitted]
    yield from _folded("omitted", reasons)


def _folded(title: str, said: list[tuple[str, str]]) -> Iterator[str]:
    """What is said of several is written once."""
    of: dict[str, list[str]] = {}
    for name, words in said:
        of.setdefault(words, []).append(name)
    if of:
        yield title
    for words, names in of.items():
        yield f"  {', '.join(names)}: {words}"


def _step(step: Step, number: dict[str, int], signs: tuple[str, ...]) -> Iterator[str]:
    why, *more = [part for part in _parts(step, signs) if not part.startswith(_WEIGHED)]
    times = f"{number[step.id]:4} | {step.start_s:6.1f} | {step.end_s:6.1f}"
    waits = ", ".join(str(one) for one in sorted(number[other] for other in step.after))
    after = f" after {waits}" if waits else ""
    act = f"{step.action} {step.id}" if step.service else step.id
    yield f"{times} | {act}{after}: {why}"
    edge = " " * len(times) + " |   "
    yield from (edge + one for one in (*more, *_manner(step)))


def _parts(step: Step, signs: tuple[str, ...]) -> list[str]:
    return _without(step.reason, signs).split("; ")


def _manner(step: Step) -> Iterator[str]:
    """How it is done, where it is not the usual way."""
    if step.action is Action.NEXT_RUN:
        yield f"= waits at most {step.timeout_s:g} s"
    if step.soak_s:
        since = "those have ended" if step.after else "the run began"
        yield f"= no sooner than {step.soak_s:g} s after {since}"
    if step.drain is not None:
        rule = step.drain
        yield f"= {rule.signal}, {rule.timeout_s:g} s to finish, then {rule.on_timeout}"
    if step.reap is not None:
        yield f"= reaps {step.reap}"
    if step.clear_sessions:
        yield "= clears stored sessions"
    if step.with_dependants:
        yield "= stops and starts what depends on it"
    if step.to_host is not None:
        yield f"= {step.to_host} becomes active"


def _impairment(one: Impairment) -> str:
    how = "interrupted" if one.is_interrupted else "goes on serving"
    parts = [
        f"{how}, {one.from_s:.1f} to {one.until_s:.1f}, longest outage {one.outage_s:.1f}",
        f"outstanding requests {one.outstanding_requests}, new ones {one.new_requests}",
    ]
    if one.sessions == "lost":
        parts.append("sessions lost")
    parts += [f"may lose {lost}" for lost in one.may_lose]
    return "; ".join(parts)


def _without(reason: str, signs: tuple[str, ...]) -> str:
    for sign in signs:
        reason = reason.replace(sign, "")
    return reason
