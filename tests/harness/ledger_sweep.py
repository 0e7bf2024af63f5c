"""Kill a host's agent on both sides of every write of its ledger; its next life goes on; check.

The controller and the agent's asks and ledger are the real ones; what an act does to the host is
simulated, for the host outlives its agent.
"""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from insvc.adapters.definitions import HostFile
from insvc.adapters.ledger_sqlite import SqliteLedger
from insvc.agent.acts import Acts
from insvc.agent.asks import Asks
from insvc.agent.managers import Managers
from insvc.agent.performing import Performer
from insvc.errors import AgentUnreachable
from insvc.model.act import ActFacts, Intent
from insvc.model.observation import HostObservation
from insvc.model.words import Personality
from insvc.plan.plan import Plan
from tests.fakes.clock import FakeClock
from tests.fakes.cloud import ACT_S, FakeCloud, Scene
from tests.fakes.journal import FakeJournal
from tests.harness.crash_sweep import Cut, Invariant, broken, carry_to_the_end


class AgentKilled(BaseException):
    """The agent's process was killed: nobody may catch this but the end of its life."""


class Fate:
    """When the agents die: at one write of their ledgers, counted over all hosts.

    Attributes:
        cut: where; absent for never.
        writes: how many there were.
        unannounced: acts that were begun while no ledger held their intent.
    """

    def __init__(self, cut: Cut | None = None) -> None:
        self.cut = cut
        self.writes = 0
        self.unannounced: list[str] = []

    def count(self, side: str) -> None:
        """One side of a write."""
        self.writes += side == "before"
        if self.cut is not None and (self.cut.side, self.cut.place) == (side, self.writes):
            raise AgentKilled


class _Store:
    """The ledger's connection; each statement that changes the file is a write to die at."""

    def __init__(self, real: sqlite3.Connection, fate: Fate) -> None:
        self._real = real
        self._fate = fate

    def execute(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        is_write = not sql.lstrip().startswith("SELECT")
        if is_write:
            self._fate.count("before")
        done = self._real.execute(sql, values)
        if is_write:
            self._fate.count("after")
        return done

    def close(self) -> None:
        self._real.close()


class _SimulatedActs:
    """What the agent does to its host."""

    def __init__(self, act: Callable[[Intent], ActFacts]) -> None:
        self._act = act

    def perform(self, intent: Intent) -> ActFacts:
        return self._act(intent)


class LedgeredAgent(Asks):
    """One life of an agent."""

    def __init__(self, folder: Path, host: str, act: Callable[[Intent], ActFacts]) -> None:
        about = HostFile(
            host=host,
            personality=Personality.CONTROLLER,
            address="127.0.0.1",
            oam_address="127.0.0.1",
            python="python3",
        )
        super().__init__(folder, about, cast("Managers", None), lambda: None)
        self._acts = cast("Acts", _SimulatedActs(act))
        self._performer = Performer(self._acts, self._ledger)

    @property
    def ledger(self) -> SqliteLedger:
        """Its memory."""
        return self._ledger

    def doom(self, fate: Fate) -> None:
        """Let it die where its fate says."""
        self._ledger._store = cast("Any", _Store(self._ledger._store, fate))

    def recall(self, run: str, step: str, attempt: int) -> ActFacts | None:
        """What its ledger holds of an act."""
        return self._ledger.recall(run, step, attempt)


class LedgeredCloud(FakeCloud):
    """A simulated cloud whose agents are real as far as their memory goes.

    Args:
        hosts: what they look like at first.
        clock: the clock; journal: the controller's journal.
        place: where the agents keep their ledgers.
        fate: when they die.
        kind: what one life of an agent is.
    """

    def __init__(
        self,
        hosts: Sequence[HostObservation],
        clock: FakeClock,
        journal: FakeJournal,
        *,
        place: Path,
        fate: Fate,
        kind: type[LedgeredAgent] = LedgeredAgent,
    ) -> None:
        super().__init__(hosts, clock, journal)
        self._place = place
        self._fate = fate
        self._kind = kind
        self._alive: dict[str, LedgeredAgent] = {}

    async def perform(self, host: str, intent: Intent) -> ActFacts:
        """Carry out one intent; the agent may die of it."""
        self._reach(host)
        await self.clock.sleep(ACT_S)
        self.on_intent(host, intent)
        agent = self._life_of(host)
        try:
            return agent.perform(intent)
        except AgentKilled:
            self._alive.pop(host).ledger.close()
            raise AgentUnreachable(host, "its agent died", next_act="wait") from None

    async def recall(self, host: str, run: str, step: str, attempt: int) -> ActFacts | None:
        """What the host's ledger holds of an act."""
        self._reach(host)
        return self._life_of(host).recall(run, step, attempt)

    def close(self) -> None:
        """End all agents."""
        for agent in self._alive.values():
            agent.ledger.close()

    def _life_of(self, host: str) -> LedgeredAgent:
        if host not in self._alive:
            folder = self._place / host
            folder.mkdir(parents=True, exist_ok=True)
            agent = self._kind(folder, host, lambda intent: self._do(host, intent))
            agent.doom(self._fate)
            self._alive[host] = agent
        return self._alive[host]

    def _do(self, host: str, intent: Intent) -> ActFacts:
        name = f"{intent.service or intent.action}@{host}"
        if self._life_of(host).recall(intent.run, intent.step, intent.attempt) is None:
            self._fate.unannounced.append(name)
        return self._act(host, intent, name)


LedgerCase = Callable[[Path, Fate, type[LedgeredAgent]], tuple[Scene, Plan]]
"""Makes a scene whose cloud is a `LedgeredCloud` of that place, fate and kind of agent."""


def ledger_cuts(case: LedgerCase, place: Path) -> tuple[Cut, ...]:
    """Both sides of every write that the ledgers see in an undisturbed run."""
    fate = Fate()
    _finish(case, place / "quiet", fate, LedgeredAgent, ())
    return tuple(Cut(side, at) for at in range(1, fate.writes + 1) for side in ("before", "after"))


def sweep_ledger(
    case: LedgerCase,
    place: Path,
    invariants: Sequence[Invariant],
    kind: type[LedgeredAgent] = LedgeredAgent,
) -> list[str]:
    """Every cut of the case; each fault with the cut that showed it."""
    faults = []
    for number, cut in enumerate(ledger_cuts(case, place)):
        found = _finish(case, place / str(number), Fate(cut), kind, invariants)
        faults += [f"{cut}: {fault}" for fault in found]
    return faults


def _finish(
    case: LedgerCase,
    place: Path,
    fate: Fate,
    kind: type[LedgeredAgent],
    invariants: Sequence[Invariant],
) -> tuple[str, ...]:
    made, plan = case(place, fate, kind)
    try:
        found = broken(carry_to_the_end(made, plan), invariants)
    finally:
        cast("LedgeredCloud", made.cloud).close()
    bare = ", ".join(fate.unannounced)
    return (*found, f"acted on without an intent in the ledger: {bare}") if bare else found
