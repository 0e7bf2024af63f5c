"""Before each act: look at the hosts whose services it must not be one too many for."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from insvc.controller.session import Session
from insvc.execute.appraise import came_up_between, is_settled
from insvc.execute.guard import find_hindrance, to_look_at
from insvc.execute.picture import Picture
from insvc.execute.steps import LOST, UNDER_WAY, StepRun
from insvc.flow import observe_cloud, observe_host
from insvc.model.observation import HostObservation
from insvc.plan.plan import Step
from insvc.ports import Clock

LOOKS = 64
"""How many members of one service are looked at before an act. Of a larger group, each act looks
at those that were not seen for longest, so that none is overlooked for long."""

Seen = tuple[HostObservation, ...]
Look = Callable[[], Awaitable[Seen]]

_LOOK_AGAIN_S = 0.25
_LEAST_DWELL_S = 0.2


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


class Lookout:
    """What a controller sees of the cloud beside the step in hand.

    Args:
        session: the run.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._picture: Picture | None = None
        self._claimed: set[str] = set()

    async def let_through(self, step: Step, seen: Sequence[HostObservation]) -> str | None:
        """Claim the step's turn, or say why its services must not go down now.

        Whoever claims gives the claim back with `leave`.

        Args:
            step: what is about to be done.
            seen: the hosts it is about, observed just now.
        """
        world = self._session.world
        if self._picture is None:
            base = await observe_cloud(world.topology, world.agents)
            self._picture = Picture(base, world.catalog, world.topology)
        picture, policy = self._picture, self._session.run.plan.policy
        await self._look(picture, step, seen)
        hindrance = find_hindrance(picture, step, policy, self._in_hand())
        if hindrance is None:
            self._claimed.add(step.id)
        return hindrance

    def leave(self, step: Step) -> None:
        """Give a claim back; nothing happens where there is none."""
        self._claimed.discard(step.id)

    async def _look(self, picture: Picture, step: Step, seen: Sequence[HostObservation]) -> None:
        """Every other host that decides about the step at once, or of very many the next ones."""
        agents = self._session.world.agents
        for one in seen:
            picture.note(one)
        fresh = {one.host for one in seen}
        others = [name for name in to_look_at(picture, step, LOOKS) if name not in fresh]
        for one in await asyncio.gather(*(observe_host(name, agents) for name in others)):
            picture.note(one)

    def _in_hand(self) -> list[Step]:
        """Steps whose act may be under way, or is about to begin."""
        run = self._session.run
        names = self._claimed.union(run.progress.having(UNDER_WAY | LOST))
        return [run.planned(name) for name in sorted(names)]
