"""Before each act: look at the hosts whose services it must not be one too many for."""

import asyncio
from collections.abc import Sequence

from insvc.controller.session import Session
from insvc.execute.guard import find_hindrance, group_of, remember
from insvc.execute.steps import LOST, UNDER_WAY
from insvc.flow import observe_cloud, observe_host
from insvc.model.observation import HostObservation, Observation
from insvc.model.topology import Topology
from insvc.plan.plan import Step
from insvc.plan.view import make_view


class Lookout:
    """What a controller sees of the cloud beside the step in hand.

    Args:
        session: the run.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._base: Observation | None = None
        self._claimed: set[str] = set()

    async def let_through(self, step: Step, seen: Sequence[HostObservation]) -> str | None:
        """Claim the step's turn, or say why its services must not go down now.

        Whoever claims gives the claim back with `leave`.

        Args:
            step: what is about to be done.
            seen: the hosts it is about, observed just now.
        """
        world = self._session.world
        if self._base is None:
            self._base = await observe_cloud(world.topology, world.agents)
        group = group_of(step, self._base, world.catalog, world.topology)
        now = await self._look(group, self._base, {one.host: one for one in seen})
        hindrance = find_hindrance(
            make_view(now, world.catalog, group),
            step,
            self._session.run.plan.policy,
            self._in_hand(),
        )
        if hindrance is None:
            self._claimed.add(step.id)
        return hindrance

    def leave(self, step: Step) -> None:
        """Give a claim back; nothing happens where there is none."""
        self._claimed.discard(step.id)

    async def _look(
        self, group: Topology, base: Observation, seen: dict[str, HostObservation]
    ) -> Observation:
        """Every other host of the group at once; of one that is silent, what was known of it."""
        agents = self._session.world.agents
        others = [host.name for host in group.hosts if host.name not in seen]
        looked = await asyncio.gather(*(observe_host(name, agents) for name in others))
        found = seen | {one.host: remember(one, base.host(one.host)) for one in looked}
        return Observation(hosts=tuple(found[host.name] for host in group.hosts))

    def _in_hand(self) -> list[Step]:
        """Steps whose act may be under way, or is about to begin."""
        run = self._session.run
        names = self._claimed.union(run.progress.having(UNDER_WAY | LOST))
        return [run.planned(name) for name in sorted(names)]
