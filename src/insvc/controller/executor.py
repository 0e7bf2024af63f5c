"""Start, resume and undo runs: the only writer while they do, by lease."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

from insvc.check.plan_check import check_safety, refuse_unsafe
from insvc.controller.carrier import carry_on
from insvc.controller.follow import begin_follow_up, is_follow_up_due
from insvc.controller.rollback import check_undoable, undo
from insvc.controller.runs import outline_run
from insvc.controller.second import make_way
from insvc.controller.session import Session, StopWish
from insvc.controller.signals import orderly_stop
from insvc.controller.world import World
from insvc.errors import FaultyDocument, InputError, PlanOutdated, RunInterrupted, UnknownName
from insvc.execute.check_fits import check_fits, plan_faults
from insvc.execute.records import created
from insvc.execute.state import Run
from insvc.execute.transitions import RunState
from insvc.flow import Patch, observe_cloud
from insvc.model.observation import Observation
from insvc.plan.plan import Plan
from insvc.ports import Progress
from insvc.report.wording import count


async def start_run(
    world: World,
    plan: Plan,
    *,
    progress: Progress,
    patch: Patch | None = None,
    stale_before: int = 0,
) -> str:
    """Carry a plan out until the run has ended; its records tell how.

    Args:
        world: the cloud.
        plan: what to do.
        progress: told of what happens.
        patch: what was installed before, so that it can be rolled back.
        stale_before: how many instances were stale.

    Returns:
        The id of the run.

    Raises:
        FaultyDocument: the plan contradicts itself.
        PlanOutdated: what runs is no longer what the plan was made for; nothing was done.
        UnsafePlan: to carry it out now would break a law; nothing was done.
        RunInterrupted: a person stopped it after the step in hand.
        WorldError: another run is open and refuses, another controller holds the lease, or a
            newer one has taken it.
    """
    if faults := plan_faults(plan):
        raise FaultyDocument("the plan", faults, next_act="make a new one with `insvc plan`")
    await make_way(world, progress, only_live=True)
    async with _controlling(world, progress) as (epoch, stop):
        seen = await _require_fit(world, plan)
        if stop.asked:
            raise RunInterrupted(
                "the plan", "was not begun, nothing was done", next_act="start it again"
            )
        run = new_run_id(world)
        session = Session(world, run, epoch, progress, stop)
        world.journal.append(
            run,
            epoch,
            created(
                plan,
                at=session.now(),
                patch=patch or {},
                stale_before=stale_before,
                hosts=[one.host for one in seen.hosts if one.reachable],
            ),
        )
        progress.said(f"run {run}: {count(len(plan.steps), 'step')}")
        await _carry_whole(session)
    return run


async def resume_run(world: World, run: str, *, progress: Progress) -> str:
    """Carry on a run whose controller was stopped or died.

    Returns:
        The id of the run that was carried on: the given one, or the one it undoes.

    Raises:
        UnknownName: no such run.
        InputError: it has ended.
        RunInterrupted: a person stopped it after the step in hand.
        WorldError: another controller holds the lease, or a newer one has taken it.
    """
    told = _outermost(world, outline_run(world, run))
    if told.state.is_over and not (told.rollback_due or is_follow_up_due(world, told)):
        raise InputError(
            f"run {told.run}",
            f"has ended ({told.state}), and what has ended is not resumed",
            next_act="make a new plan: it holds what is still stale",
        )
    async with _controlling(world, progress) as (epoch, stop):
        session = Session(world, told.run, epoch, progress, stop)
        await _carry_whole(session)
    return told.run


async def rollback_run(world: World, run: str, *, progress: Progress) -> str:
    """Put back what a run's patch replaced and restart what is stale then.

    Returns:
        The id of the run that undid it.

    Raises:
        UnknownName: no such run.
        InputError: it has not ended, was undone already, or what was installed is not known.
        RunInterrupted: a person stopped it after the step in hand; resume the given run.
        WorldError: another controller holds the lease, or a newer one has taken it.
    """
    told = _outermost(world, outline_run(world, run))
    check_undoable(told)
    async with _controlling(world, progress) as (epoch, stop):
        session = Session(world, told.run, epoch, progress, stop)
        session.sync()
        with _interrupted_as(told.run):
            await undo(session, why="a person asked for it")
        return str(session.run.rollback_run)


def new_run_id(world: World) -> str:
    """An id no run has: the time, and a number where that is not enough."""
    taken = world.journal.names()
    base = datetime.fromtimestamp(world.clock.now(), UTC).strftime("%Y%m%d-%H%M%S")
    candidate, count = base, 1
    while candidate in taken:
        count += 1
        candidate = f"{base}-{count}"
    return candidate


def find_run(world: World, name: str) -> str:
    """The id of that run; `latest` is the newest.

    Raises:
        UnknownName: no such run.
    """
    names = world.journal.names()
    if name == "latest" and names:
        return names[0]
    if name not in names:
        known = ", ".join(names[:5]) or "none yet"
        raise UnknownName(
            name, f"no run has this id (newest: {known})", next_act="see `insvc run list`"
        )
    return name


async def _carry_whole(session: Session) -> None:
    """The run itself, the rollback its policy wants, and what it merges (on_second_patch)."""
    await _carry_one(session)
    follower = await begin_follow_up(session)
    if follower is not None:
        await _carry_whole(follower)


async def _carry_one(session: Session) -> None:
    session.sync()
    with _interrupted_as(session.run.run):
        if not (session.run.state.is_over or session.run.state is RunState.ROLLING_BACK):
            await carry_on(session)
        if session.run.rollback_due:
            await undo(session, why=f"by its policy, because {session.run.why}")
        elif session.run.state is RunState.ROLLING_BACK:
            await undo(session, why="it had begun")


@contextmanager
def _interrupted_as(run: str) -> Iterator[None]:
    """An interruption names the run that the person knows and that is to be resumed."""
    try:
        yield
    except RunInterrupted as stopped:
        raise RunInterrupted(
            f"run {run}", stopped.reason, next_act=f"go on with `insvc run resume {run}`"
        ) from stopped


async def _require_fit(world: World, plan: Plan) -> Observation:
    """What runs now, if the plan fits it."""
    seen = await observe_cloud(world.topology, world.agents)
    misfits = check_fits(plan, seen, world.topology)
    if misfits:
        raise PlanOutdated(
            "the plan",
            "does not fit what runs: " + "; ".join(misfits),
            next_act="make a new one with `insvc plan`",
        )
    refuse_unsafe(
        check_safety(plan, seen, world.catalog, world.topology),
        next_act="nothing was done; make a new one with `insvc plan`",
    )
    return seen


def _outermost(world: World, run: Run) -> Run:
    """A run that undoes another is carried on through that other, which waits for its end."""
    if run.rollback_of is None:
        return run
    undone = outline_run(world, run.rollback_of)
    is_waiting = undone.state is RunState.ROLLING_BACK and undone.rollback_run == run.run
    return undone if is_waiting else run


@asynccontextmanager
async def _controlling(world: World, progress: Progress) -> AsyncIterator[tuple[int, StopWish]]:
    """Be the only writer, stop in order when a person asks, and give everything back."""
    stop = StopWish()

    def ask() -> None:
        already = stop.asked
        stop.asked = True
        progress.said(
            "stopping already: the step in hand must end first"
            if already
            else "stopping after the step in hand"
        )

    epoch = world.lease.acquire()
    try:
        with orderly_stop(ask):
            yield epoch, stop
    finally:
        world.prober.close()
        world.lease.release()
