"""Have the front services watched while a whole host is acted on."""

import asyncio

from insvc.controller.outages import Watch, total_s
from insvc.controller.session import Session
from insvc.errors import InsvcError
from insvc.execute.appraise import HOST_ACTIONS
from insvc.execute.front import Front, Interval, find_fronts, together
from insvc.flow import observe_host
from insvc.model.words import Personality
from insvc.plan.plan import Step
from insvc.ports import Outage, Target


def watch_of(session: Session, step: Step) -> Watch:
    """The watch that suits the step: its own endpoint, or the front services for a host act."""
    return FrontWatch(session, step) if step.action in HOST_ACTIONS else Watch(session, step)


class FrontWatch(Watch):
    """The front services during a swact, lock or unlock; the longest outage of one of them counts.

    A service is out while it answers nowhere: where it was, nor where it moves to.

    Args:
        session: the run.
        step: the host act.
    """

    def __init__(self, session: Session, step: Step) -> None:
        super().__init__(session, step)
        self._fronts: tuple[Front, ...] = ()

    async def begin(self) -> None:
        """Begin to ask every front service; a second call changes nothing."""
        if self._is_watching:
            return
        world = self._session.world
        controllers = [
            one.name for one in world.topology.hosts if one.serves_as(Personality.CONTROLLER)
        ]
        seen = await asyncio.gather(*(observe_host(one, world.agents) for one in controllers))
        self._fronts = find_fronts(seen, world.catalog)
        try:
            for front in self._fronts:
                for endpoint in front.endpoints:
                    name = self._place(front, endpoint)
                    await world.prober.watch(Target(name=name, endpoint=endpoint, path=front.path))
            self._is_watching = bool(self._fronts)
        except InsvcError as fault:
            self._session.progress.said(f"{self._step.id}: its outage is not measured: {fault}")

    async def end(self) -> None:
        """Stop asking and keep the outages of the service that was out longest."""
        if not self._is_watching:
            return
        self._is_watching = False
        try:
            found = [await self._outages_of(front) for front in self._fronts]
        except InsvcError as fault:
            self._session.progress.said(f"{self._step.id}: its outage was not measured: {fault}")
            return
        now = self._session.now()
        self._keep(max(found, key=lambda outages: total_s(outages, now)))

    async def _outages_of(self, front: Front) -> tuple[Outage, ...]:
        now, prober = self._session.now(), self._session.world.prober
        places: list[list[Interval]] = []
        resolution_s = 0.0
        for endpoint in front.endpoints:
            seen = await prober.unwatch(self._place(front, endpoint))
            resolution_s = max([resolution_s, *(one.resolution_s for one in seen)])
            places.append(
                [(one.from_at, now if one.until_at is None else one.until_at) for one in seen]
            )
        return tuple(
            Outage(from_at=start, until_at=None if end >= now else end, resolution_s=resolution_s)
            for start, end in together(places)
        )

    def _place(self, front: Front, endpoint: str) -> str:
        return f"{self._name()}/{front.service}/{endpoint}"
