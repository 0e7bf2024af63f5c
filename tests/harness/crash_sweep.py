"""Kill a controller on both sides of every journal write and at every act; resume; check.

A case makes a fresh cloud and a plan. The harness carries it out once undisturbed to learn where it
can be cut, then once for every cut, resuming as a new process would until the run is over, and asks
the invariants what is wrong with the end.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from insvc.controller.executor import resume_run, start_run
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run, replay
from insvc.flow import Patch
from insvc.model.act import Intent
from insvc.model.words import Outcome
from insvc.plan.plan import Plan
from tests.fakes.cloud import Scene
from tests.fakes.journal import Killed

_MOST_LIVES = 60


@dataclass(frozen=True)
class Cut:
    """Where a controller is killed: at a write (its number) or at an act (`service@host`)."""

    side: str
    place: int | str

    def __str__(self) -> str:
        what = f"write {self.place}" if isinstance(self.place, int) else f"act {self.place}"
        return f"{self.side} {what}"

    def plant(self, made: Scene) -> None:
        """Let it happen in that world."""
        if isinstance(self.place, str):
            acts = made.cloud.kill_before if self.side == "before" else made.cloud.kill_after
            acts.add(self.place)
        elif self.side == "before":
            made.journal.kill_before = self.place
        else:
            made.journal.kill_after = self.place


@dataclass
class Told:
    """What the hosts saw of the controllers, in order.

    Attributes:
        acts: every intent that a host acted on, with its host.
        unannounced: acts whose intent stood in no journal when the host heard of them.
        unlooked: further attempts of a step whose host nobody had looked at since the last one.
    """

    acts: list[tuple[str, Intent]] = field(default_factory=list)
    unannounced: list[str] = field(default_factory=list)
    unlooked: list[str] = field(default_factory=list)


@dataclass
class Ending:
    """A run that is over, and its world.

    Attributes:
        made: the cloud as it was left.
        plan: what was to be done.
        run: the run as its records tell it; records: all of them.
        told: what the hosts saw.
        lives: how many controllers it took.
    """

    made: Scene
    plan: Plan
    run: Run
    records: Sequence[Record]
    told: Told
    lives: int


Case = Callable[[], tuple[Scene, Plan]]
Invariant = Callable[[Ending], str | None]
"""What is wrong with an ending, in words; nothing where all is well."""


def cuts_of(case: Case, patch: Patch | None = None) -> tuple[Cut, ...]:
    """Both sides of every write and of every act of the undisturbed run."""
    made, plan = case()
    ending = carry_to_the_end(made, plan, patch=patch)
    acts = dict.fromkeys(f"{one.service or one.action}@{host}" for host, one in ending.told.acts)
    places: list[int | str] = [*range(1, made.journal.writes + 1), *acts]
    return tuple(Cut(side, place) for place in places for side in ("before", "after"))


def cut_run(case: Case, cut: Cut, patch: Patch | None = None) -> Ending:
    """The case carried out with one cut."""
    made, plan = case()
    cut.plant(made)
    return carry_to_the_end(made, plan, patch=patch)


def broken(ending: Ending, invariants: Iterable[Invariant]) -> tuple[str, ...]:
    """What the invariants find wrong with an ending."""
    return tuple(fault for one in invariants if (fault := one(ending)) is not None)


def sweep(case: Case, invariants: Sequence[Invariant], patch: Patch | None = None) -> list[str]:
    """Every cut of the case; each fault with the cut that showed it."""
    return [
        f"{cut}: {fault}"
        for cut in cuts_of(case, patch)
        for fault in broken(cut_run(case, cut, patch), invariants)
    ]


def carry_to_the_end(
    made: Scene, plan: Plan, kills: Iterable[None] = (), patch: Patch | None = None
) -> Ending:
    """Start, and after each kill resume as a new process would, until the run is over.

    Args:
        made: the world.
        plan: what to do.
        kills: advanced before each further life, so that it can plant the next kill.
        patch: what was installed before the run.
    """
    told = _listen(made)
    for life in range(1, _MOST_LIVES + 1):
        if life > 1:
            next(iter(kills), None)
        _live(made, plan, patch)
        run = _oldest(made)
        if run is not None and _is_over(replay(run, made.journal.records(run))):
            records = made.journal.records(run)
            return Ending(made, plan, replay(run, records), records, told, life)
    raise AssertionError(f"not over after {_MOST_LIVES} controllers")


def _live(made: Scene, plan: Plan, patch: Patch | None) -> None:
    """One controller, until the end of the run or its own."""
    run = _oldest(made)
    try:
        if run is None:
            asyncio.run(start_run(made.world(), plan, progress=made.progress, patch=patch))
        else:
            asyncio.run(resume_run(made.world(), run, progress=made.progress))
    except Killed:
        made.crash()


def _is_over(run: Run) -> bool:
    return run.state.is_over and not run.rollback_due


def _oldest(made: Scene) -> str | None:
    """The run that was asked for; a rollback is a later one."""
    runs = made.journal.runs()
    return runs[-1].run if runs else None


def _listen(made: Scene) -> Told:
    told = Told()
    looked: Counter[str] = Counter()
    last_looks: dict[tuple[str, str], tuple[int, int]] = {}

    def look(host: str) -> None:
        looked[host] += 1

    def act(host: str, intent: Intent) -> None:
        told.acts.append((host, intent))
        if not _is_announced(made, intent):
            told.unannounced.append(f"{intent.step} attempt {intent.attempt}")
        key = (intent.run, f"{intent.step} on {host}")
        attempt, looks = last_looks.get(key, (intent.attempt, -1))
        if attempt != intent.attempt and looks == looked[host]:
            told.unlooked.append(f"{intent.step} attempt {intent.attempt}")
        last_looks[key] = (intent.attempt, looked[host])

    made.cloud.on_look = look
    made.cloud.on_intent = act
    return told


def _is_announced(made: Scene, intent: Intent) -> bool:
    return any(
        one.kind is RecordKind.STEP_STARTED
        and (one.step, one.attempt) == (intent.step, intent.attempt)
        for one in made.journal.records(intent.run)
    )


# --- invariants ---------------------------------------------------------------------------------


def each_restarted_once(ending: Ending) -> str | None:
    """Every service that the plan restarts was restarted, and none twice."""
    wanted = {f"{one.service}@{one.host}": 1 for one in ending.plan.steps if one.service}
    found = dict(ending.made.cloud.restarts)
    return None if found == wanted else f"restarted {found}, not each once"


def none_restarted_twice(ending: Ending) -> str | None:
    """No service was restarted twice."""
    twice = [name for name, count in ending.made.cloud.restarts.items() if count > 1]
    return f"restarted more than once: {', '.join(twice)}" if twice else None


def intent_before_act(ending: Ending) -> str | None:
    """No host was ever asked to do what the journal did not hold."""
    found = ending.told.unannounced
    return f"acted on without an intent in the journal: {', '.join(found)}" if found else None


def look_before_repeat(ending: Ending) -> str | None:
    """Nothing was tried again without a look at what became of the try before."""
    found = ending.told.unlooked
    return f"repeated blindly: {', '.join(found)}" if found else None


def order_was_kept(ending: Ending) -> str | None:
    """No act began before all that its step waits for had succeeded."""
    good: set[str] = set()
    for one in ending.records:
        if one.kind is RecordKind.STEP_STARTED and not set(
            ending.plan.step(one.step).after
        ).issubset(good):
            return f"{one.step} was started too early"
        if one.kind is RecordKind.STEP_ENDED and Outcome(one.body["outcome"]).is_success:
            good.add(one.step)
    return None


def all_succeeded(ending: Ending) -> str | None:
    """The run tells success, and so does each of its steps."""
    bad = [
        name
        for name, one in ending.run.steps.items()
        if one.outcome is None or not one.outcome.is_success
    ]
    if ending.run.outcome == "succeeded" and not bad:
        return None
    return f"ended {ending.run.outcome} ({ending.run.why}); without success: {', '.join(bad)}"


def one_end(ending: Ending) -> str | None:
    """Each step, and the run, ended once."""
    ends = Counter(one.step for one in ending.records if one.kind is RecordKind.STEP_ENDED)
    of_run = sum(one.kind is RecordKind.ENDED for one in ending.records)
    twice = [name for name, count in ends.items() if count > 1]
    return None if of_run == 1 and not twice else f"ended {of_run} times, steps twice: {twice}"


ALWAYS: tuple[Invariant, ...] = (
    none_restarted_twice,
    intent_before_act,
    look_before_repeat,
    order_was_kept,
    one_end,
)
"""What holds for every run, however it ends."""
