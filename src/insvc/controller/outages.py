"""Have one step watched from outside, and never let the watching fail the step."""

from collections.abc import Mapping, Sequence

from insvc.controller.session import Session
from insvc.errors import InsvcError
from insvc.plan.plan import Step
from insvc.ports import Outage, Target


class Watch:
    """The outages of one step's endpoint.

    Args:
        session: the run.
        step: the step; one without an endpoint is not watched.

    Attributes:
        outages: what was seen, JSON-ready; absent where it could not be watched.
        outage_s: their sum; one that lasts counts up to the end of the watch.
    """

    def __init__(self, session: Session, step: Step) -> None:
        self._session = session
        self._step = step
        self._is_watching = False
        self.outages: tuple[dict[str, float | None], ...] | None = None
        self.outage_s: float | None = None

    async def begin(self) -> None:
        """Begin to ask the endpoint; a second call changes nothing."""
        if self._step.endpoint is None or self._is_watching:
            return
        target = Target(name=self._name(), endpoint=self._step.endpoint, path=self._step.probe_path)
        try:
            await self._session.world.prober.watch(target)
            self._is_watching = True
        except InsvcError as fault:
            self._session.progress.said(f"{self._step.id}: its outage is not measured: {fault}")

    async def end(self) -> None:
        """Stop asking and keep what was seen."""
        if not self._is_watching:
            return
        self._is_watching = False
        try:
            seen = await self._session.world.prober.unwatch(self._name())
        except InsvcError as fault:
            self._session.progress.said(f"{self._step.id}: its outage was not measured: {fault}")
            return
        self._keep(seen)

    def _keep(self, seen: Sequence[Outage]) -> None:
        self.outages = tuple(
            {"from_at": one.from_at, "until_at": one.until_at, "resolution_s": one.resolution_s}
            for one in seen
        )
        self.outage_s = total_s(seen, self._session.now())

    def take(self, times: Mapping[str, float]) -> None:
        """Where nobody could ask the service, its manager's own stamps tell its outage.

        Args:
            times: of the act, in seconds since the epoch.
        """
        if self.outages is not None or not {"stopped", "ready"} <= times.keys():
            return
        stopped, ready = times["stopped"], times["ready"]
        self.outages = ({"from_at": stopped, "until_at": ready, "resolution_s": 0.0},)
        self.outage_s = max(0.0, ready - stopped)

    def forget(self) -> None:
        """What was seen does not cover the whole act: leave it out of the record."""
        self.outages = None
        self.outage_s = None

    def _name(self) -> str:
        return f"{self._session.run.run}/{self._step.id}"


def total_s(outages: Sequence[Outage], now: float) -> float:
    """How long they lasted together; one that goes on counts up to now."""
    ends = [now if one.until_at is None else one.until_at for one in outages]
    return sum(max(0.0, end - one.from_at) for one, end in zip(outages, ends, strict=True))
