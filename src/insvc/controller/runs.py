"""What the journal tells of runs, and whether anybody carries them on."""

from insvc.controller.world import World
from insvc.execute.state import Run, replay
from insvc.execute.transitions import RunState


def read_run(world: World, run: str) -> Run:
    """The run as the journal tells it.

    Raises:
        UnknownName: no such run.
        CorruptStore: its records cannot be trusted.
    """
    return replay(run, world.journal.read(run))


def outline_run(world: World, run: str) -> Run:
    """The run without what became of its steps: quickly known, however many they are.

    Raises:
        UnknownName: no such run.
        CorruptStore: a record about the run as a whole cannot be trusted.
    """
    return replay(run, world.journal.milestones(run))


def is_live(world: World, run: Run) -> bool:
    """Whether a controller carries the run on now."""
    holder = world.lease.holder()
    carried = run
    if run.state is RunState.ROLLING_BACK and run.rollback_run is not None:
        known = run.rollback_run in world.journal.names()
        carried = outline_run(world, run.rollback_run) if known else run
    return holder is not None and holder.epoch in {carried.epoch, run.epoch}
