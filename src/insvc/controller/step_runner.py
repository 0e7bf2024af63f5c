"""Carry one step from what its host shows now to an outcome in the journal."""

from collections.abc import Sequence
from functools import partial

from insvc.controller.front_watch import watch_of
from insvc.controller.intents import first_role, make_intent, seen_facts, unknown, went_well
from insvc.controller.lookout import Lookout
from insvc.controller.looks import look_and_appraise, look_at, look_twice, when_settled
from insvc.controller.session import Session
from insvc.errors import AgentUnreachable, StaleEpoch, WorldError
from insvc.execute.appraise import (
    HOST_ACTIONS,
    abandon,
    appraise,
    leave_to_others,
    reinspect,
    running_services,
)
from insvc.execute.decide import MAX_ATTEMPTS, MAX_STARTS, may_begin_again, may_start
from insvc.execute.records import step_ended, step_lost, step_started
from insvc.execute.verify import Judgement, is_end_unknown, judge, judge_host
from insvc.model.act import ActFacts
from insvc.model.observation import HostObservation
from insvc.model.words import Action, Outcome, Role
from insvc.plan.plan import Step

_ASK_AGAIN_S = 0.25
_LEAST_PATIENCE_S = 10.0


class _Hindered(Exception):
    """A law forbids the act for now."""


class StepRunner:
    """One step of one run.

    Args:
        session: the run.
        step: the step, which waits or is lost.
        lookout: looks at the rest of the cloud before each act.
    """

    def __init__(self, session: Session, step: Step, lookout: Lookout) -> None:
        self._session = session
        self._step = step
        self._lookout = lookout
        self._watch = watch_of(session, step)
        self._look = partial(look_at, session.world.agents, step)
        self._appraise = partial(
            look_and_appraise,
            self._look,
            step,
            session.world.clock,
            self._patience_s(),
            revives=session.run.plan.policy.revive_failed,
        )
        self._was_lost = False
        self._waits_for = ""

    async def start(self) -> None:
        """Do what is still to be done, unless the run has changed its mind meanwhile.

        What stands in the way (a silent host, a law that what runs now would break) is waited for.

        Raises:
            StaleEpoch: a newer controller has taken over; nothing more was written.
        """
        deadline = self._session.now() + self._patience_s()
        while self._is_wanted():
            hindrance = await self._try_to_start()
            if hindrance is None:
                return
            if self._session.now() >= deadline:
                self._end(0, hindrance)
                return
            self._tell_wait(hindrance.why)
            await self._session.world.clock.sleep(_ASK_AGAIN_S)

    async def _try_to_start(self) -> Judgement | None:
        """What stands in the way; nothing where the step was carried out or is not wanted now."""
        try:
            judgement, seen = await self._appraise()
            hindrance = None
            if judgement is None:
                hindrance = await self._lookout.let_through(self._step, seen)
        except AgentUnreachable:
            return unknown(f"nothing was done: {self._step.host} does not answer")
        self._session.sync()
        if not self._is_wanted():
            return None
        if hindrance is not None:
            return Judgement(outcome=Outcome.FAILED, why=f"nothing was done: {hindrance}")
        if judgement is not None:
            self._end(0, judgement, facts=seen_facts(self._step, seen))
        else:
            await self._attempt(1, "planned", seen)
        return None

    def _is_wanted(self) -> bool:
        return not self._session.stopping and may_start(self._session.run, self._step.id)

    def _tell_wait(self, why: str) -> None:
        if why != self._waits_for:
            self._waits_for = why
            self._session.progress.said(f"{self._step.id} waits: {why}")

    async def resolve(self) -> None:
        """Find out what became of the step's act and end the step, or try again where that is safe.

        A person who asks for a stop meanwhile leaves the step lost; a resume takes it up again.

        Raises:
            StaleEpoch: a newer controller has taken over; nothing more was written.
        """
        self._was_lost = True
        told = self._session.run.steps[self._step.id]
        deadline = (told.lost_at or self._session.now()) + self._patience_s()
        while not self._session.stopping:
            try:
                await self._resolve_once()
            except AgentUnreachable as fault:
                end = unknown(f"what became of it is not known: {fault}")
            except _Hindered as fault:
                end = Judgement(outcome=Outcome.FAILED, why=f"not tried again: {fault}")
            else:
                return
            if self._session.now() >= deadline:
                self._end(told.attempt, end)
                return
            self._tell_wait(end.why)
            await self._session.world.clock.sleep(_ASK_AGAIN_S)

    async def _resolve_once(self) -> None:
        attempt = self._session.run.steps[self._step.id].attempt
        told = await self._recall(attempt)
        if told is None:
            await self._begin_again(attempt)
        elif is_end_unknown(told):
            await self._reinspect(attempt)
        else:
            await self._judge(attempt, (told,))

    async def _recall(self, attempt: int) -> ActFacts | None:
        """What the ledger holds, once an act that is still under way has ended."""
        world, step = self._session.world, self._step
        told = await world.agents.recall(step.host, self._session.run.run, step.id, attempt)
        if told is None or not is_end_unknown(told):
            return told
        intent = make_intent(self._session, step, attempt, first_role(step))
        return await world.agents.perform(step.host, intent)

    async def _begin_again(self, attempt: int) -> None:
        """The agent never saw the intent: the same attempt, if it is still due and wanted."""
        judgement, seen = await self._appraise(was_begun=attempt > 1)
        run = self._session.run
        if judgement is not None:
            self._end(attempt, judgement, facts=seen_facts(self._step, seen))
        elif not may_begin_again(run):
            self._end(attempt, abandon(attempt))
        elif run.steps[self._step.id].starts >= MAX_STARTS:
            self._end(attempt, unknown(f"asked {MAX_STARTS} times, its agent never saw it"))
        else:
            await self._session.world.clock.sleep(_ASK_AGAIN_S)
            await self._require_room(seen)
            await self._attempt(attempt, "never-begun", seen)

    async def _reinspect(self, attempt: int) -> None:
        """The agent died in the act: judge by what runs now, or try once more."""
        step, clock = self._step, self._session.world.clock
        if step.action in HOST_ACTIONS or step.action is Action.NEXT_RUN:
            seen = await when_settled(self._look, step, clock, self._patience_s())
            if step.action is Action.NEXT_RUN:
                await self._further_attempt(attempt, "still-stale", seen)
            else:
                await self._reinspect_host(attempt, seen)
            return
        told = self._session.run.steps[step.id]
        first, later = await look_twice(self._look, step, told, clock, self._patience_s())
        found = reinspect(step, told, first[0], later[0])
        if isinstance(found, ActFacts):
            own = leave_to_others(self._session.run, step, found)
            self._end(attempt, judge(step, own, told.before), facts=own)
        else:
            await self._further_attempt(attempt, found, later)

    async def _reinspect_host(self, attempt: int, seen: Sequence[HostObservation]) -> None:
        judgement = appraise(self._step, seen)
        if judgement is not None:
            self._end(attempt, judgement)
            return
        await self._further_attempt(attempt, "down", seen)

    async def _further_attempt(
        self, attempt: int, because: str, seen: Sequence[HostObservation]
    ) -> None:
        if attempt >= MAX_ATTEMPTS:
            self._end(attempt, unknown(f"{attempt} acts were cut short; afterwards: {because}"))
            return
        await self._require_room(seen)
        await self._attempt(attempt + 1, because, seen)

    async def _require_room(self, seen: Sequence[HostObservation]) -> None:
        hindrance = await self._lookout.let_through(self._step, seen)
        if hindrance is not None:
            raise _Hindered(hindrance)

    async def _attempt(self, attempt: int, because: str, seen: Sequence[HostObservation]) -> None:
        """Write the intent, act, and judge what was seen; or leave the step lost."""
        instance = seen[0].instance(self._step.service)
        await self._watch.begin()
        self._session.write(
            step_started(
                self._step.id,
                attempt,
                at=self._session.now(),
                because=because,
                before=instance.processes if instance else (),
                ran=running_services(seen[0]),
            )
        )
        self._session.progress.step_started(self._step.id, attempt)
        try:
            facts = await self._act(attempt)
            if is_end_unknown(facts[-1]):
                self._lose(attempt, "its agent died in the act")
            else:
                await self._judge(attempt, facts)
        except (AgentUnreachable, _Hindered) as fault:
            self._lose(attempt, str(fault))

    async def _act(self, attempt: int) -> tuple[ActFacts, ...]:
        """Ask the host, and for a swact the other host after it."""
        step = self._step
        facts = await self._perform(step.host, attempt, first_role(step))
        if step.action is not Action.SWACT or step.to_host is None or not went_well(facts):
            return (facts,)
        return (facts, await self._perform(step.to_host, attempt, Role.ACTIVE))

    async def _perform(self, host: str, attempt: int, role: Role | None) -> ActFacts:
        """What the host saw; a refusal by its machine is a fact as well."""
        try:
            intent = make_intent(self._session, self._step, attempt, role)
            return await self._session.world.agents.perform(host, intent)
        except (AgentUnreachable, StaleEpoch):
            raise
        except WorldError as fault:
            return ActFacts(step=self._step.id, attempt=attempt, accepted=False, said=str(fault))

    async def _judge(self, attempt: int, facts: Sequence[ActFacts]) -> None:
        step = self._step
        if step.action not in HOST_ACTIONS:
            await self._watch.end()
            own = leave_to_others(self._session.run, step, facts[-1])
            before = self._session.run.steps[step.id].before
            self._end(attempt, judge(step, own, before), facts=own)
            return
        if step.action is Action.SWACT and len(facts) == 1 and went_well(facts[0]):
            facts = await self._act(attempt)
        seen = await self._look()
        if is_end_unknown(facts[-1]):
            await self._reinspect_host(attempt, seen)
            return
        await self._watch.end()
        self._end(attempt, judge_host(step, facts, seen), facts=facts[-1])

    def _lose(self, attempt: int, why: str) -> None:
        """The run's loop will have it resolved."""
        self._session.write(step_lost(self._step.id, attempt, why, at=self._session.now()))
        self._session.progress.said(f"{self._step.id}: lost sight of it: {why}")

    def _end(self, attempt: int, judgement: Judgement, *, facts: ActFacts | None = None) -> None:
        if self._was_lost:
            self._watch.forget()
        elif facts is not None:
            self._watch.take(facts.times)
        self._session.write(
            step_ended(
                self._step.id,
                attempt,
                judgement,
                at=self._session.now(),
                facts=facts,
                outages=self._watch.outages,
                outage_s=self._watch.outage_s,
            )
        )
        self._session.progress.step_ended(
            self._step.id, judgement.outcome, judgement.why, self._watch.outage_s
        )

    async def close(self) -> None:
        """Leave nothing watched or claimed behind."""
        self._lookout.leave(self._step)
        await self._watch.end()

    def _patience_s(self) -> float:
        return max(self._step.timeout_s, _LEAST_PATIENCE_S)
