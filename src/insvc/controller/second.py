"""What becomes of a patch or a run that arrives while another run is open (`on_second_patch`)."""

from insvc.controller.runs import is_live, outline_run
from insvc.controller.world import World
from insvc.errors import WorldError
from insvc.execute.state import Run
from insvc.execute.transitions import RunState
from insvc.ports import Progress

_LOOK_EVERY_S = 0.5


def open_run(world: World) -> Run | None:
    """The outline of the newest run that has not ended, whether it is carried on now or not."""
    for one in world.journal.runs():
        if not RunState(one.state).is_over:
            return outline_run(world, one.run)
    return None


def merges(world: World, run: Run) -> bool:
    """Whether an open run takes on what arrives: its policy says so and a controller is there."""
    return run.plan.policy.on_second_patch == "merge" and is_live(world, run)


async def make_way(world: World, progress: Progress, *, only_live: bool = False) -> None:
    """Return once no run is open any more; how long that takes is up to the open run's policy.

    Args:
        world: the cloud.
        progress: told what is waited for.
        only_live: a run that no controller carries on is in nobody's way.

    Raises:
        WorldError: the policy says `refuse`; or nobody carries the open run on, so that waiting
            would have no end.
    """
    told = ""
    while (opened := open_run(world)) is not None:
        live = is_live(world, opened)
        if not live and only_live:
            return
        if not live or opened.plan.policy.on_second_patch == "refuse":
            raise _refused(opened, live=live)
        if opened.run != told:
            told = opened.run
            progress.said(f"waits until run {told} has ended")
        await world.clock.sleep(_LOOK_EVERY_S)


def _refused(run: Run, *, live: bool) -> WorldError:
    if live:
        return WorldError(
            f"run {run.run}",
            f"is {run.state}, and its policy refuses anything further meanwhile "
            "(on_second_patch: refuse)",
            next_act=f"wait until it has ended (`insvc run show {run.run}`), or end it with "
            f"`insvc run abort {run.run}`",
        )
    return WorldError(
        f"run {run.run}",
        f"is {run.state} and no controller carries it on; it must end first",
        next_act=f"carry it on with `insvc run resume {run.run}`, or end it with "
        f"`insvc run abort {run.run}`",
    )
