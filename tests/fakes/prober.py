"""A prober that saw what the test says."""

from insvc.errors import UnknownName, WorldError
from insvc.ports import Outage, Target


class FakeProber:
    """Port `Prober` in memory.

    Attributes:
        sees: outages by endpoint, told when its watch ends.
        is_broken: it refuses to watch.
        dies: it refuses to tell.
        watched: targets that are watched now, by name.
        ever: every target that was ever watched, in order.
        closed: how often it was closed.
    """

    def __init__(self) -> None:
        self.sees: dict[str, tuple[Outage, ...]] = {}
        self.is_broken = False
        self.dies = False
        self.watched: dict[str, Target] = {}
        self.ever: list[Target] = []
        self.closed = 0

    async def watch(self, target: Target) -> None:
        """Begin to ask this target."""
        if self.is_broken:
            raise WorldError("the prober", "does not answer", next_act="start it")
        self.watched[target.name] = target
        self.ever.append(target)

    async def unwatch(self, name: str) -> tuple[Outage, ...]:
        """Stop asking and answer with the outages seen."""
        if name not in self.watched:
            raise UnknownName(name, "is not watched", next_act="watch it first")
        target = self.watched.pop(name)
        if self.dies:
            raise WorldError("the prober", "does not answer", next_act="start it")
        return self.sees.get(target.endpoint, ())

    def close(self) -> None:
        """Stop watching everything."""
        self.watched.clear()
        self.closed += 1
