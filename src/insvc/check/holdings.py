"""What each step holds down, and from which step's start to which step's end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insvc.check.case import Case, is_act
from insvc.model.words import Action, Redundancy
from insvc.plan.plan import Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """One member that is down or busy for a while.

    Attributes:
        step: the step that holds it.
        host: where.
        first: the node at whose start it begins; nothing where it is so from the beginning.
        last: the node at whose end it ends; nothing where it never does.
        takes: a member that was up is taken down; otherwise one that was down comes back.
    """

    step: str
    host: str
    first: int | None
    last: int | None
    takes: bool = True


def holdings_by_service(case: Case) -> dict[str, list[Holding]]:
    """Every holding of each service, those that begin first before the others."""
    found: dict[str, list[Holding]] = {}
    for step in case.steps:
        for service, holding in _held_by(case, step):
            found.setdefault(service, []).append(holding)
    for held in found.values():
        held.sort(key=_begin)
    return found


def busy_by_host(case: Case) -> dict[str, list[Holding]]:
    """The steps of each host, each as a holding of the host itself."""
    found: dict[str, list[Holding]] = {}
    for step in case.steps:
        node = case.node(step)
        busy = Holding(step=step.id, host=step.host, first=node, last=node)
        found.setdefault(step.host, []).append(busy)
    for held in found.values():
        held.sort(key=_begin)
    return found


def stops_along(case: Case, step: Step) -> list[str]:
    """Services that its manager stops and starts with it, because they depend on it."""
    if not step.with_dependants:
        return []
    needs, entries = case.facts.needs, case.facts.entries
    return [
        service
        for service in case.facts.running_on(step.host)
        if service in entries and step.entry in needs[entries[service].name]
    ]


def moved_by_swact(case: Case, host: str) -> list[str]:
    """Services that a swact of the host takes elsewhere."""
    return [
        service
        for service in case.facts.running_on(host)
        if service in case.facts.entries
        and case.facts.redundancy(service) is Redundancy.ACTIVE_STANDBY
    ]


def _rows(group: Sequence[Holding], strict: Sequence[int], offset: int) -> list[int]:
    """For each holding of a group, as bits, those that have ended before it begins.

    Args:
        group: in the order of their begins.
        strict: for each node, the marks of what precedes it.
        offset: where the marks of this group begin.
    """
    mask = (1 << len(group)) - 1
    return [0 if one.first is None else (strict[one.first] >> offset) & mask for one in group]


def relate(case: Case, groups: Sequence[Sequence[Holding]]) -> Iterator[list[int]]:
    """The rows of every group, computed for many groups at once."""
    block: list[Sequence[Holding]] = []
    size = 0
    for group in groups:
        block.append(group)
        size += len(group)
        if size >= _BLOCK:
            yield from _relate_block(case, block)
            block, size = [], 0
    if block:
        yield from _relate_block(case, block)


def _relate_block(case: Case, block: Sequence[Sequence[Holding]]) -> Iterator[list[int]]:
    marks: dict[int, int] = {}
    offsets: list[int] = []
    bit = 0
    for group in block:
        offsets.append(bit)
        for holding in group:
            if holding.last is not None:
                marks[holding.last] = marks.get(holding.last, 0) | 1 << bit
            bit += 1
    strict = case.order.ancestors(marks)
    for group, offset in zip(block, offsets, strict=True):
        yield _rows(group, strict, offset)


def _held_by(case: Case, step: Step) -> Iterator[tuple[str, Holding]]:
    node = case.node(step)
    if step.action is Action.SWACT:
        for service in moved_by_swact(case, step.host):
            yield service, Holding(step=step.id, host=step.host, first=node, last=node)
    elif step.action is Action.LOCK:
        yield from _held_by_lock(case, step)
    elif step.action is Action.UNLOCK and case.facts.seen[step.host].locked:
        yield from _back_by_unlock(case, step)
    elif is_act(step) and not _costs_nothing(case, step):
        yield from _held_by_act(case, step, node)


def _costs_nothing(case: Case, step: Step) -> bool:
    """Whether its host is out of service; a member that votes is missed there all the same."""
    is_held_by_lock = case.host_step(Action.LOCK, step.host) is not None
    return case.in_lock(step) and (is_held_by_lock or not case.facts.is_guarded(step.service))


def _held_by_act(case: Case, step: Step, node: int) -> Iterator[tuple[str, Holding]]:
    for service in stops_along(case, step):
        yield service, Holding(step=step.id, host=step.host, first=node, last=node)
    if case.facts.is_up(step.host, step.service):
        yield step.service, Holding(step=step.id, host=step.host, first=node, last=node)
    elif case.facts.is_missed(step.host, step.service):
        back = Holding(step=step.id, host=step.host, first=None, last=node, takes=False)
        yield step.service, back


def _held_by_lock(case: Case, lock: Step) -> Iterator[tuple[str, Holding]]:
    unlock = case.host_step(Action.UNLOCK, lock.host)
    swact = case.host_step(Action.SWACT, lock.host)
    gone = set(moved_by_swact(case, lock.host)) if swact and case.is_after(lock, swact) else set()
    until = None if unlock is None else case.node(unlock)
    for service in case.facts.running_on(lock.host):
        if service not in gone:
            yield (
                service,
                Holding(step=lock.id, host=lock.host, first=case.node(lock), last=until),
            )


def _back_by_unlock(case: Case, unlock: Step) -> Iterator[tuple[str, Holding]]:
    """What was down with a host that was locked before the plan, and comes back."""
    for instance in case.facts.seen[unlock.host].instances:
        if case.facts.is_missed(unlock.host, instance.service):
            back = Holding(
                step=unlock.id, host=unlock.host, first=None, last=case.node(unlock), takes=False
            )
            yield instance.service, back


def _begin(holding: Holding) -> int:
    return -1 if holding.first is None else holding.first


_BLOCK = 4096
