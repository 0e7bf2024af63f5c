"""What a step asks its host for, and what a look at the host says instead of an answer."""

from collections.abc import Sequence

from insvc.controller.session import Session
from insvc.execute.verify import Judgement
from insvc.model.act import ActFacts, Intent
from insvc.model.observation import HostObservation
from insvc.model.words import Action, Outcome, Role
from insvc.plan.plan import Step


def make_intent(session: Session, step: Step, attempt: int, role: Role | None) -> Intent:
    """The step as its agent is asked for it, under the session's run and lease."""
    return Intent(
        run=session.run.run,
        step=step.id,
        attempt=attempt,
        epoch=session.epoch,
        action=step.action,
        service=step.service,
        with_dependants=step.with_dependants,
        drain=step.drain,
        timeout_s=step.timeout_s,
        dwell_s=step.dwell_s,
        reap=step.reap,
        clear_sessions=step.clear_sessions,
        role=role,
    )


def first_role(step: Step) -> Role | None:
    """The role that a swact's own host takes; nothing for other acts."""
    return Role.STANDBY if step.action is Action.SWACT else None


def went_well(facts: ActFacts) -> bool:
    """Whether the host did what it was asked for, as far as it knows."""
    return facts.accepted and facts.manager_done


def unknown(why: str) -> Judgement:
    """An end of which nobody can say more."""
    return Judgement(outcome=Outcome.UNKNOWN, why=why)


def seen_facts(step: Step, seen: Sequence[HostObservation]) -> ActFacts | None:
    """What a look tells where nobody acted; nothing where the host has no such service."""
    instance = seen[0].instance(step.service)
    if instance is None:
        return None
    return ActFacts(
        step=step.id,
        before=step.expects,
        after=instance.processes,
        state=instance.state,
    )
