"""What a controller may do next in a small world: the decisions of the core, carried out.

It does what `insvc.controller` does, one event at a time, without time and without sockets: each
write to the journal, each intent on its way and each answer is an event of its own, so that the
world may change, or the controller die, between any two of them.
"""

from collections.abc import Iterator
from dataclasses import replace

from insvc.execute import records
from insvc.execute.appraise import (
    HOST_ACTIONS,
    abandon,
    appraise,
    leave_to_others,
    reinspect,
    running_services,
)
from insvc.execute.decide import (
    MAX_ATTEMPTS,
    MAX_STARTS,
    EndRun,
    ResolveStep,
    SkipStep,
    decide,
    may_begin_again,
)
from insvc.execute.run import Record, RecordKind
from insvc.execute.transitions import RunState
from insvc.execute.verify import Judgement, is_end_unknown, judge, judge_host
from insvc.model.act import ActFacts
from insvc.model.observation import HostObservation
from insvc.model.words import Action, Outcome
from insvc.plan.plan import Step
from tests.harness.small_world import Act, Hand, Moment, begin, facts_of

_AT = 0.0
_WISHES = {"abort": RecordKind.ABORT_ASKED, "pause": RecordKind.PAUSE_ASKED}


def controller_moves(now: Moment) -> Iterator[tuple[str, Moment]]:
    """Every next event of the controller, of its death and rebirth, and of those who ask it."""
    if now.run.state.is_over:
        return
    yield from _wishes(now)
    if not now.has_controller:
        yield "a controller resumes", _resumed(now)
        return
    if "controller" in now.left:
        dead = replace(now.without("controller"), has_controller=False, hands=frozenset())
        yield "the controller dies", dead
    yield from _decisions(now)
    for hand in sorted(now.hands):
        yield from _go_on(now, hand)


def _wishes(now: Moment) -> Iterator[tuple[str, Moment]]:
    for name, kind in _WISHES.items():
        if name in now.left:
            yield f"{name} is asked", now.without(name).told(Record(kind=kind, at=_AT))
    if now.run.state is RunState.PAUSED:
        yield "going on is asked", now.told(Record(kind=RecordKind.RESUME_ASKED, at=_AT))


def _resumed(now: Moment) -> Moment:
    body = {"pid": 1, "epoch": now.run.epoch + 1}
    told = now.told(Record(kind=RecordKind.CONTROLLER_STARTED, at=_AT, body=body))
    return replace(told, has_controller=True)


def _decisions(now: Moment) -> Iterator[tuple[str, Moment]]:
    busy = {hand.act.step for hand in now.hands}
    for decision in decide(now.run):
        if isinstance(decision, EndRun):
            if not now.hands:
                end = records.ended(decision.outcome, decision.why, at=_AT, rollback=False)
                yield f"the run ends {decision.outcome}", now.told(end)
        elif isinstance(decision, SkipStep):
            skip = records.skipped(decision.step, decision.why, at=_AT)
            yield f"{decision.step} is skipped", now.told(skip)
        elif decision.step in busy:
            continue
        elif isinstance(decision, ResolveStep):
            attempt = now.run.steps[decision.step].attempt
            hand = Hand("resolve", Act(decision.step, attempt), was_lost=True)
            yield f"{decision.step} is to be resolved", replace(now, hands=now.hands | {hand})
        else:
            yield from _start(now, decision.step)


def _start(now: Moment, name: str) -> Iterator[tuple[str, Moment]]:
    step = now.run.planned(name)
    if _hosts_of(step) & now.silent:
        yield f"{name} is given up", _end(now, Act(name, 0), _unknown())
        return
    judgement = appraise(step, _look(now, step))
    if judgement is not None:
        yield f"{name} needs nothing", _end(now, Act(name, 0), judgement)
    else:
        yield f"{name} is announced", _announce(now, Act(name, 1), "planned")


def _go_on(now: Moment, hand: Hand) -> Iterator[tuple[str, Moment]]:
    freed = replace(now, hands=now.hands - {hand})
    if hand.phase == "resolve":
        yield from _resolve(freed, hand)
    elif hand.phase == "ask":
        yield from _ask(freed, hand)
    else:
        yield from _hear(freed, hand)


def _ask(now: Moment, hand: Hand) -> Iterator[tuple[str, Moment]]:
    """The intent is on its way to the host; the host acts on it once."""
    act = hand.act
    if now.place_of(act) in now.silent:
        yield f"{act.step} is lost", _lose(now, act)
        return
    if "break" in now.left:
        yield f"the connection breaks before {act.step}", _lose(now.without("break"), act)
    asked = now if act in now.ledger else begin(now, act)
    waiting = replace(hand, phase="wait")
    yield f"{act.step} is begun", replace(asked, hands=asked.hands | {waiting})


def _hear(now: Moment, hand: Hand) -> Iterator[tuple[str, Moment]]:
    """The answer of the host, once it has one."""
    act = hand.act
    if now.place_of(act) in now.silent:
        yield f"{act.step} is lost", _lose(now, act)
        return
    if act in now.going:
        return
    facts = facts_of(now, act)
    if not is_end_unknown(facts):
        yield f"{act.step} is heard of", _judge(now, act, facts, was_lost=hand.was_lost)
    elif hand.was_lost:
        yield f"{act.step} is looked at", _reinspect_host(now, act)
    else:
        yield f"{act.step} is lost", _lose(now, act)


def _resolve(now: Moment, hand: Hand) -> Iterator[tuple[str, Moment]]:
    act, step = hand.act, now.run.planned(hand.act.step)
    if _hosts_of(step) & now.silent:
        yield f"{act.step} is given up", _end(now, act, _unknown())
    elif act not in now.ledger:
        yield f"{act.step} was never begun", _begin_again(now, act, step)
    elif act in now.going:
        return
    elif is_end_unknown(facts := facts_of(now, act)):
        yield f"{act.step} is looked at", _reinspect(now, act, step)
    else:
        yield f"{act.step} is heard of", _judge(now, act, facts, was_lost=True)


def _begin_again(now: Moment, act: Act, step: Step) -> Moment:
    judgement = appraise(step, _look(now, step), was_begun=act.attempt > 1)
    if judgement is not None:
        return _end(now, act, judgement)
    if not may_begin_again(now.run):
        return _end(now, act, abandon(act.attempt))
    if now.run.steps[act.step].starts >= MAX_STARTS:
        return _end(now, act, _unknown())
    return _announce(now, act, "never-begun")


def _reinspect(now: Moment, act: Act, step: Step) -> Moment:
    if step.action in HOST_ACTIONS:
        return _reinspect_host(now, act)
    first = now.hosts[step.host]
    later = replace(first, taken_at=first.taken_at + step.dwell_s)
    told = now.run.steps[act.step]
    found = reinspect(step, told, first, later)
    if isinstance(found, ActFacts):
        return _end(now, act, judge(step, leave_to_others(now.run, step, found), told.before))
    return _further_attempt(now, act, found)


def _reinspect_host(now: Moment, act: Act) -> Moment:
    step = now.run.planned(act.step)
    judgement = appraise(step, _look(now, step))
    return _further_attempt(now, act, "down") if judgement is None else _end(now, act, judgement)


def _further_attempt(now: Moment, act: Act, because: str) -> Moment:
    if act.attempt >= MAX_ATTEMPTS:
        return _end(now, act, _unknown())
    return _announce(now, Act(act.step, act.attempt + 1), because)


def _announce(now: Moment, act: Act, because: str) -> Moment:
    """The intent is in the journal; nobody has acted yet."""
    step = now.run.planned(act.step)
    seen = now.hosts[step.host]
    one = seen.instance(step.service)
    record = records.step_started(
        act.step,
        act.attempt,
        at=_AT,
        because=because,
        before=one.processes if one else (),
        ran=running_services(seen),
    )
    return replace(now.told(record), hands=now.hands | {Hand("ask", act)})


def _judge(now: Moment, act: Act, facts: ActFacts, *, was_lost: bool) -> Moment:
    step = now.run.planned(act.step)
    if step.action not in HOST_ACTIONS:
        before = now.run.steps[act.step].before
        return _end(now, act, judge(step, leave_to_others(now.run, step, facts), before))
    if step.action is Action.SWACT and act.leg == 0 and facts.manager_done:
        hand = Hand("ask", replace(act, leg=1), was_lost=was_lost)
        return replace(now, hands=now.hands | {hand})
    return _end(now, act, judge_host(step, (facts,), _look(now, step)))


def _lose(now: Moment, act: Act) -> Moment:
    return now.told(records.step_lost(act.step, act.attempt, "lost", at=_AT))


def _end(now: Moment, act: Act, judgement: Judgement) -> Moment:
    return now.told(records.step_ended(act.step, act.attempt, judgement, at=_AT))


def _unknown() -> Judgement:
    return Judgement(outcome=Outcome.UNKNOWN, why="nobody can tell")


def _hosts_of(step: Step) -> set[str]:
    return {step.host} | ({step.to_host} if step.to_host else set())


def _look(now: Moment, step: Step) -> tuple[HostObservation, ...]:
    others = [step.to_host] if step.to_host else []
    return tuple(now.hosts[name] for name in [step.host, *others])
