"""Before each act: look at the hosts whose services it must not be one too many for."""

import asyncio
from collections.abc import Sequence

from insvc.controller.session import Session
from insvc.execute.guard import find_hindrance, to_look_at
from insvc.execute.picture import Picture
from insvc.execute.steps import LOST, UNDER_WAY
from insvc.flow import observe_cloud, observe_host
from insvc.model.observation import HostObservation
from insvc.plan.plan import Step

LOOKS = 64
"""How many members of one service are looked at before an act. Of a larger group, each act looks
at those that were not seen for longest, so that none is overlooked for long."""


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
