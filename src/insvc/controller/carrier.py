"""Carry a run on until it ends: decide, start what may start, look again."""

import asyncio
from datetime import UTC, datetime

from insvc.controller.lookout import Lookout
from insvc.controller.session import Session
from insvc.controller.step_runner import StepRunner
from insvc.errors import RunInterrupted
from insvc.execute.decide import EndRun, ResolveStep, SkipStep, StartStep, decide
from insvc.execute.pacing import due_at
from insvc.execute.records import ended, skipped
from insvc.execute.run import Record, RecordKind
from insvc.execute.transitions import RunState

LOOK_EVERY_S = 0.1
"""How often the journal is asked for wishes of other processes."""


async def carry_on(session: Session) -> None:
    """Write CONTROLLER_STARTED and go on until the run has ended.

    Raises:
        RunInterrupted: a person asked to stop; the steps in hand have ended.
        StaleEpoch: a newer controller has taken over; nothing more was written.
    """
    session.begin()
    await Carrier(session).carry()


class Carrier:
    """The loop around one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._in_hand: dict[str, asyncio.Task[None]] = {}
        self._lookout = Lookout(session)
        self._said_paused = False
        self._told_waits: dict[str, float] = {}

    async def carry(self) -> None:
        """Go on until the run has ended or is to stop."""
        try:
            while not self._session.run.state.is_over:
                self._session.sync()
                self._tell_pause()
                if self._take_decisions():
                    continue
                if self._session.stopping and not self._in_hand:
                    self._stop()
                await self._wait()
        finally:
            await self._drop_all()

    def _take_decisions(self) -> bool:
        """Whether a decision changed the run at once."""
        changed = False
        for decision in decide(self._session.run):
            if isinstance(decision, EndRun):
                changed |= self._end(decision)
            elif isinstance(decision, SkipStep):
                self._skip(decision)
                changed = True
            elif not self._session.stopping and decision.step not in self._in_hand:
                changed |= self._begin(decision)
        return changed

    def _begin(self, decision: StartStep | ResolveStep) -> bool:
        """Take a step in hand if it is time for it; answer whether the run changed at once."""
        if isinstance(decision, StartStep):
            session, now = self._session, self._session.now()
            step = session.run.planned(decision.step)
            due = due_at(session.run, session.times, step, now, self._in_hand)
            if due is None:
                self._skip(SkipStep(step=step.id, why="no maintenance window is left for it"))
                return True
            if due > now:
                self._tell_wait(step.id, due)
                return False
        self._in_hand[decision.step] = asyncio.create_task(self._run_step(decision))
        return False

    def _tell_wait(self, step: str, until: float) -> None:
        if self._told_waits.get(step) != until:
            self._told_waits[step] = until
            when = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
            self._session.progress.said(f"{step} waits until {when}: the policy wants it")

    async def _run_step(self, decision: StartStep | ResolveStep) -> None:
        step = self._session.run.planned(decision.step)
        runner = StepRunner(self._session, step, self._lookout)
        try:
            if isinstance(decision, ResolveStep):
                await runner.resolve()
            else:
                await runner.start()
        finally:
            await runner.close()

    async def _wait(self) -> None:
        """Until a step in hand has come to its end, or it is time to look at the journal."""
        pause = asyncio.ensure_future(self._session.world.clock.sleep(LOOK_EVERY_S))
        await asyncio.wait({pause, *self._in_hand.values()}, return_when=asyncio.FIRST_COMPLETED)
        pause.cancel()
        for name, task in list(self._in_hand.items()):
            if task.done():
                del self._in_hand[name]
                task.result()

    def _end(self, decision: EndRun) -> bool:
        if self._in_hand:
            return False
        session = self._session
        session.write(
            ended(
                decision.outcome,
                decision.why,
                at=session.now(),
                rollback=decision.rollback,
            )
        )
        return True

    def _skip(self, decision: SkipStep) -> None:
        self._session.write(skipped(decision.step, decision.why, at=self._session.now()))
        self._session.progress.step_ended(decision.step, "skipped", decision.why, None)

    def _stop(self) -> None:
        session = self._session
        why = "a person asked for an orderly stop"
        session.write(
            Record(kind=RecordKind.CONTROLLER_STOPPED, at=session.now(), body={"why": why})
        )
        raise RunInterrupted(
            f"run {session.run.run}",
            "was stopped after the step in hand; every record of it is on disk",
            next_act=f"go on with `insvc run resume {session.run.run}`",
        )

    def _tell_pause(self) -> None:
        is_paused = self._session.run.state is RunState.PAUSED
        if is_paused and not self._said_paused:
            self._session.progress.said("paused: no further step is started")
        if self._said_paused and not is_paused:
            self._session.progress.said("the run goes on")
        self._said_paused = is_paused

    async def _drop_all(self) -> None:
        for task in self._in_hand.values():
            task.cancel()
        await asyncio.gather(*self._in_hand.values(), return_exceptions=True)
