"""Follow a run up: install what was asked for meanwhile, restart what is stale by then."""

from insvc.check.plan_check import OUR_DEFECT, check_plan, refuse_unsafe
from insvc.controller.patches import note_patch
from insvc.controller.runs import outline_run
from insvc.controller.session import Session
from insvc.controller.world import World
from insvc.errors import InputError, PlanRefused, StaleEpoch, WorldError
from insvc.execute.again import follow_up_name, to_follow_up, wants_follow_up
from insvc.execute.records import created
from insvc.execute.state import Run
from insvc.flow import install_patch, observe_cloud
from insvc.patch.installed import combine
from insvc.plan.planner import make_plan
from insvc.plan.selection import select


def is_follow_up_due(world: World, run: Run) -> bool:
    """Whether packages were asked for and nobody has seen to them yet."""
    taken = world.journal.names()
    return wants_follow_up(run) and bool(run.asked) and follow_up_name(run.run) not in taken


def followers(world: World, run: str) -> tuple[Run, ...]:
    """The outlines of the runs that have followed a run up, one after the other."""
    taken = world.journal.names()
    found = []
    name = follow_up_name(run)
    while name in taken:
        found.append(outline_run(world, name))
        name = follow_up_name(name)
    return tuple(found)


async def begin_follow_up(session: Session) -> Session | None:
    """A session for the run that follows the session's, created and not begun.

    Returns:
        Nothing where nothing has to be followed up or a person wants to stop; nor where it cannot
        be: then it is said why.

    Raises:
        StaleEpoch: a newer controller has taken over; nothing more was written.
    """
    session.sync()
    run = session.run
    if session.stopping:
        return None
    if not wants_follow_up(run):
        if run.asked and run.state.is_over:
            session.progress.said(
                f"the packages that arrived during run {run.run} were not installed: it ended "
                f"{run.state} (`insvc patch install` installs them)"
            )
        return None
    try:
        return await _begin(session)
    except StaleEpoch:
        raise
    except (WorldError, PlanRefused, InputError) as fault:
        session.progress.said(f"run {run.run} is not followed up: {fault}")
        return None


async def _begin(session: Session) -> Session | None:
    world, run = session.world, session.run
    patch = combine(run.asked)
    if patch:
        for one in run.asked:
            note_patch(world, one)
        await install_patch(world.topology, world.agents, patch, session.epoch, session.progress)
    seen = await observe_cloud(world.topology, world.agents)
    names = to_follow_up(run, seen)
    if not names:
        return None
    chosen = select(seen, names, world.catalog, only_stale=True)
    plan = make_plan(chosen, world.catalog, world.topology, run.plan.policy)
    refuse_unsafe(check_plan(plan, chosen, world.catalog, world.topology), OUR_DEFECT)
    inner = Session(world, follow_up_name(run.run), session.epoch, session.progress, session.stop)
    inner.write(
        created(
            plan,
            at=session.now(),
            patch=patch,
            stale_before=len(chosen.stale()),
            warnings=(f"this run follows run {run.run} up: packages arrived while that went on",),
            hosts=[one.host for one in seen.hosts if one.reachable],
            follows=run.run,
        )
    )
    session.progress.said(f"run {run.run} is followed up by run {inner.run.run}")
    return inner
