"""What any process may ask of a run: pause, go on, abort. Its controller reads the journal."""

from insvc.controller.executor import resume_run
from insvc.controller.runs import is_live, outline_run
from insvc.controller.world import World
from insvc.errors import InputError
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run
from insvc.execute.transitions import RunState
from insvc.ports import Progress


def pause_run(world: World, run: str) -> None:
    """No further step starts until somebody resumes the run; steps in hand end.

    Raises:
        InputError: nobody carries the run on, so there is nothing to pause.
    """
    told = outline_run(world, run)
    _refuse_ended(told)
    if not is_live(world, told):
        raise InputError(
            f"run {run}",
            f"is {told.state} and no controller carries it on, so nothing can be paused",
            next_act=f"leave it, or go on with `insvc run resume {run}`",
        )
    _ask(world, run, RecordKind.PAUSE_ASKED)


async def continue_run(world: World, run: str, *, progress: Progress) -> bool:
    """Let a paused run go on; one without a controller is carried on here until its end.

    Returns:
        Whether it was carried on here; otherwise its own controller goes on with it.

    Raises:
        InputError: it has ended, or goes on already.
        RunInterrupted: a person stopped it here after the step in hand.
    """
    told = outline_run(world, run)
    if not is_live(world, told):
        await resume_run(world, run, progress=progress)
        return True
    if told.state is not RunState.PAUSED:
        raise InputError(
            f"run {run}",
            f"is {told.state}, and its controller goes on with it already",
            next_act=f"watch it with `insvc run show {run}`",
        )
    _ask(world, run, RecordKind.RESUME_ASKED)
    return False


async def abort_run(world: World, run: str, *, progress: Progress) -> bool:
    """Start no further step and end the run; steps in hand end first.

    Returns:
        Whether it was ended here because no controller carries it on.

    Raises:
        InputError: it has ended already, or is being rolled back.
    """
    told = outline_run(world, run)
    _refuse_ended(told)
    if told.state is RunState.ROLLING_BACK:
        raise InputError(
            f"run {run}",
            f"is being rolled back by run {told.rollback_run}",
            next_act=f"abort that one: `insvc run abort {told.rollback_run}`",
        )
    _ask(world, run, RecordKind.ABORT_ASKED)
    if is_live(world, told):
        return False
    await resume_run(world, run, progress=progress)
    return True


def _refuse_ended(run: Run) -> None:
    if run.state.is_over:
        raise InputError(
            f"run {run.run}",
            f"has ended already: {run.state}",
            next_act=f"see `insvc run show {run.run}`",
        )


def _ask(world: World, run: str, kind: RecordKind) -> None:
    world.journal.append(run, 0, Record(kind=kind, at=world.clock.now()))
