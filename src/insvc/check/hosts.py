"""Swacts, locks and unlocks, and what only a locked host allows (laws 1 and 4)."""

from collections.abc import Iterator

from insvc.check.case import Case, is_act
from insvc.check.facts import is_lock_only
from insvc.check.violation import Violation, broken
from insvc.model.words import Action, Personality, Role
from insvc.plan.plan import Step


def check_locks(case: Case) -> Iterator[Violation]:
    """Law 1: what is not patchable in service is restarted on a locked host alone."""
    for step in case.steps:
        if step.action is Action.LOCK:
            yield from _check_lock(case, step)
        elif step.action is Action.UNLOCK:
            yield from _check_unlock(case, step)
        elif is_act(step):
            yield from _check_act(case, step)


def check_swacts(case: Case) -> Iterator[Violation]:
    """Law 4: activity goes from the active controller to a standby that is finished itself."""
    for step in case.steps:
        if step.action is Action.SWACT:
            yield from _check_giver(case, step)
            yield from _check_taker(case, step)


def _check_lock(case: Case, lock: Step) -> Iterator[Violation]:
    unlock = case.host_step(Action.UNLOCK, lock.host)
    if not case.policy.allow_lock:
        yield broken(1, lock.id, "locks a host, but the policy allows no lock (law 1)", lock.id)
    if unlock is None:
        yield broken(1, lock.id, f"nothing unlocks {lock.host} afterwards (law 1)", lock.id)
    elif not case.is_after(unlock, lock):
        why = f"may start before {lock.id} has ended: {lock.host} would stay locked (law 1)"
        yield broken(1, unlock.id, why, lock.id, unlock.id)
    if case.facts.seen[lock.host].locked:
        yield broken(1, lock.id, f"{lock.host} is locked already", lock.id)
    if case.may_be_active(lock):
        why = (
            f"{lock.host} may be the active controller when it is locked; it hands its activity "
            "over first (laws 1 and 4)"
        )
        yield broken(4, lock.id, why, lock.id)


def _check_unlock(case: Case, unlock: Step) -> Iterator[Violation]:
    is_locked = case.facts.seen[unlock.host].locked
    if case.host_step(Action.LOCK, unlock.host) is not None:
        return
    if not is_locked:
        why = f"{unlock.host} is not locked, and no step before locks it (law 1)"
        yield broken(1, unlock.id, why, unlock.id)
    elif unlock.host not in case.policy.unlock:
        why = f"somebody has locked {unlock.host}, and the policy does not want it back (unlock)"
        yield broken(1, unlock.id, f"{why} (law 1)", unlock.id)


def _check_act(case: Case, step: Step) -> Iterator[Violation]:
    entry = case.facts.entries.get(step.service)
    is_up = case.facts.is_up(step.host, step.service)
    if entry is not None and is_lock_only(entry) and is_up and not case.is_locked(step):
        why = (
            f"{entry.title} is not patchable in service, and {step.host} may be in service when "
            "it is restarted: it is not locked before, or unlocked too early (law 1)"
        )
        yield broken(1, step.id, why, step.id)
    lock = case.host_step(Action.LOCK, step.host)
    unlock = case.host_step(Action.UNLOCK, step.host)
    if lock is None or case.is_before(step, lock) or case.is_locked(step):
        return
    if unlock is None or not case.is_after(step, unlock):
        why = f"neither it nor {lock.id} waits for the other: its host may be locked under it"
        yield broken(1, step.id, f"{why} (law 1)", step.id, lock.id)


def _check_giver(case: Case, swact: Step) -> Iterator[Violation]:
    if not case.may_be_active(swact):
        why = f"{swact.host} is not the active controller when it is to hand activity over (law 4)"
        yield broken(4, swact.id, why, swact.id)


def _check_taker(case: Case, swact: Step) -> Iterator[Violation]:
    taker = swact.to_host or ""
    host = case.facts.hosts.get(taker)
    if host is None or taker == swact.host or not host.serves_as(Personality.CONTROLLER):
        why = f"activity can go to another controller only, not to {taker or 'nobody'} (law 4)"
        yield broken(4, swact.id, why, swact.id)
        return
    seen = case.facts.seen[taker]
    gave_it_up = case.host_step(Action.SWACT, taker)
    stands_by = seen.role is Role.STANDBY or (
        gave_it_up is not None and case.is_before(gave_it_up, swact)
    )
    if not seen.reachable or not stands_by:
        state = "does not answer" if not seen.reachable else "is no standby"
        yield broken(4, swact.id, f"{taker} {state}, so it cannot take over (law 4)", swact.id)
    if seen.locked and not _is_unlocked(case, swact, taker):
        yield broken(4, swact.id, f"{taker} is locked, so it cannot take over (law 4)", swact.id)
    for step in case.steps:
        if step.host == taker and step is not swact and not _is_settled(case, step, swact):
            why = (
                f"hands activity to {taker}, where {step.id} may not have ended: neither waits "
                "for the other, but a new active controller is finished first (law 4)"
            )
            yield broken(4, swact.id, why, swact.id, step.id)


def _is_unlocked(case: Case, swact: Step, host: str) -> bool:
    unlock = case.host_step(Action.UNLOCK, host)
    return unlock is not None and case.is_before(unlock, swact)


def _is_settled(case: Case, step: Step, swact: Step) -> bool:
    """Whether it has ended before; a swact back comes later, and a next run disturbs nobody."""
    later_swact = step.action is Action.SWACT and case.is_after(step, swact)
    return later_swact or step.action is Action.NEXT_RUN or case.is_before(step, swact)
