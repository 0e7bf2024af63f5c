"""Looks at a step's hosts over time: what one look cannot tell, two a dwell apart can."""

from collections.abc import Awaitable, Callable

from insvc.execute.appraise import (
    after_dwell,
    appraise,
    came_up_between,
    came_up_by_itself,
    is_settled,
)
from insvc.execute.steps import StepRun
from insvc.execute.verify import Judgement
from insvc.model.observation import HostObservation
from insvc.plan.plan import Step
from insvc.ports import Agents, Clock

Seen = tuple[HostObservation, ...]
Look = Callable[[], Awaitable[Seen]]

_LOOK_AGAIN_S = 0.25
_LEAST_DWELL_S = 0.2


async def look_at(agents: Agents, step: Step) -> Seen:
    """The hosts the step is about, now; its own first.

    Raises:
        AgentUnreachable: one of them does not answer.
    """
    names = [step.host] if step.to_host is None else [step.host, step.to_host]
    return tuple([await agents.observe(name) for name in names])


async def when_settled(look: Look, step: Step, clock: Clock, patience_s: float) -> Seen:
    """What a step's hosts look like once the manager has ended what it was told to do, if in time.

    Args:
        look: looks at them, the step's own host first.
        step: what was to be done.
        clock: counts the time.
        patience_s: what is seen after so long counts, settled or not.
    """
    deadline = clock.now() + patience_s
    seen = await look()
    while not is_settled(step, seen[0]) and clock.now() < deadline:
        await clock.sleep(_LOOK_AGAIN_S)
        seen = await look()
    return seen


async def look_twice(
    look: Look, step: Step, told: StepRun, clock: Clock, patience_s: float
) -> tuple[Seen, Seen]:
    """Two looks at a step's hosts, at least its dwell apart, after an act nobody saw the end of.

    Where its service came up only between the two, the dwell begins there, and they are looked at
    once more.

    Args:
        look: looks at them, the step's own host first.
        step: what was to be done to a service.
        told: what the journal knows of it.
        clock: counts the time.
        patience_s: for so long the first waits for a manager that starts or stops it.
    """
    first = await when_settled(look, step, clock, patience_s)
    dwell_s = max(step.dwell_s, _LEAST_DWELL_S)
    await clock.sleep(dwell_s)
    later = await look()
    if not came_up_between(step, told, first[0], later[0]):
        return first, later
    await clock.sleep(dwell_s)
    return later, await look()


async def look_and_appraise(
    look: Look,
    step: Step,
    clock: Clock,
    patience_s: float,
    *,
    was_begun: bool = False,
    revives: bool = False,
) -> tuple[Judgement | None, Seen]:
    """What a step needs no act for, or nothing where the act is due; and what was seen last.

    A service that came up by itself must dwell, as one that is restarted here does: it may crash.

    Args:
        look: looks at the step's hosts, its own first.
        step: a step that is about to start.
        clock: counts the time.
        patience_s: for so long a dwell waits for a manager that starts or stops the service.
        was_begun: see `appraise`.
        revives: see `appraise`.
    """
    seen = await look()
    found = appraise(step, seen, was_begun=was_begun, revives=revives)
    if found is None or not came_up_by_itself(step, found, seen[0]):
        return found, seen
    first = await when_settled(look, step, clock, patience_s)
    await clock.sleep(max(step.dwell_s, _LEAST_DWELL_S))
    later = await look()
    return after_dwell(step, found, first[0], later[0]), later
