"""Who gets how much of each limit: hosts that are planned one by one, and those taken as one.

A host that stands for many counts once in the schedule. So that all of them together keep a limit,
a part of it is kept for the hosts that stand for themselves; what is left is for the lines.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from insvc.model.words import Personality
from insvc.plan.policy import Policy, allowed
from insvc.plan.task import Room, Task
from insvc.plan.view import View


@dataclass(frozen=True, kw_only=True, slots=True)
class Shares:
    """Every limit, divided.

    Attributes:
        whole: how many members may be worked on at once in all, by what is occupied.
        rooms: what the schedule may use of that; a line counts as one there.
        slots: hosts of each limited personality that the schedule may have in work.
        left: what all lines together may use, by what is occupied or `HOSTS of PERSONALITY`.
        spans_s: how long about the turns of all hosts take that a host stands for, by its name.
    """

    whole: Mapping[str, Room]
    rooms: Mapping[str, Room]
    slots: Mapping[Personality, Room]
    left: Mapping[str, Room]
    spans_s: Mapping[str, float]


def make_shares(
    view: View, tasks: Sequence[Task], rooms: Mapping[str, Room], policy: Policy
) -> Shares:
    """Divide every limit between hosts on their own and hosts that stand for many.

    Args:
        view: what was seen, and how many each host stands for.
        tasks: what is to be done.
        rooms: how many members of each service may be worked on at once, by what is occupied.
        policy: how many hosts of a personality may be in work at once.
    """
    users: dict[str, list[str]] = {}
    for task in tasks:
        for key in task.occupies:
            users.setdefault(key, []).append(task.need.host)
    kept = {key: _kept(view, users.get(key, ()), one.room) for key, one in rooms.items()}
    slots = _slots(view, policy)
    hosts = dict.fromkeys(task.need.host for task in tasks)
    kept_slots = {
        name: _kept(view, [host for host in hosts if _serves(view, host, name)], one.room)
        for name, one in slots.items()
    }
    left = {
        **{key: _for_lines(one, kept[key]) for key, one in rooms.items()},
        **{slot_key(name): _for_lines(one, kept_slots[name]) for name, one in slots.items()},
    }
    return Shares(
        whole=rooms,
        rooms={key: _for_schedule(one, kept[key]) for key, one in rooms.items()},
        slots={name: _for_schedule(one, kept_slots[name]) for name, one in slots.items()},
        left=left,
        spans_s=_spans_s(view, tasks, left, slots, policy),
    )


def slot_key(personality: Personality) -> str:
    """The right to be worked on, as something that a host of that personality occupies."""
    return f"hosts of {personality}"


def slot_keys(view: View, host: str, slots: Iterable[Personality]) -> list[str]:
    """Which of these limits on hosts the host falls under."""
    return [slot_key(name) for name in slots if _serves(view, host, name)]


def waves(count: int, at_once: int) -> int:
    """How many times in turn, where so many of the count go at once."""
    return -(-count // at_once)


def _spans_s(
    view: View,
    tasks: Iterable[Task],
    left: Mapping[str, Room],
    slots: Iterable[Personality],
    policy: Policy,
) -> dict[str, float]:
    """About how long a line of all hosts alike takes: it only says what is worth starting early."""
    of_host: dict[str, list[Task]] = {}
    for task in tasks:
        if task.need.host in view.counts:
            of_host.setdefault(task.need.host, []).append(task)
    spans_s = {}
    for host, found in of_host.items():
        times_s = [task.estimate.duration_s for task in found]
        by_host = slot_keys(view, host, slots)
        at_once = min(left[key].room for key in _keys(found, by_host))
        turn_s = max(ceil(len(found) / policy.parallel_services) * _mean(times_s), max(times_s))
        again_s = turn_s if by_host else max(times_s)
        spans_s[host] = turn_s + (waves(view.counts[host], at_once) - 1) * again_s
    return spans_s


def _keys(tasks: Iterable[Task], by_host: Iterable[str]) -> Iterator[str]:
    for task in tasks:
        yield from task.occupies
    yield from by_host


def _mean(times_s: Sequence[float]) -> float:
    return sum(times_s) / len(times_s)


def _kept(view: View, hosts: Sequence[str], room: int) -> int | None:
    """How much is kept for hosts that stand for themselves; nothing where all of them do."""
    firsts = [host for host in hosts if host in view.counts]
    if not firsts:
        return None
    alike = view.count(firsts)
    alone = len(hosts) - len(firsts)
    others = len(firsts) - 1
    fair = max(others, ceil(room * alone / (alone + alike)))
    kept = min(fair, alone + others, room - 1)
    # One turn more for so many costs more than the few wait.
    return others if others < kept and waves(alike, room - kept) > waves(alike, room) else kept


def _for_schedule(room: Room, kept: int | None) -> Room:
    return room if kept is None else replace(room, room=kept + 1)


def _for_lines(room: Room, kept: int | None) -> Room:
    return room if kept is None else replace(room, room=room.room - kept)


def _slots(view: View, policy: Policy) -> dict[Personality, Room]:
    """How many hosts of each limited personality may be worked on at once."""
    slots = {}
    for name, limit in policy.parallel_hosts.items():
        personality = Personality(name)
        hosts = [host.name for host in view.topology.hosts if host.serves_as(personality)]
        room = allowed(limit, view.count(hosts))
        why = f"{name} hosts worked on at once: at most {room} (law 5)"
        slots[personality] = Room(room=room, why=why, soak_s=policy.soak_s_of.get(name, 0.0))
    return slots


def _serves(view: View, host: str, personality: Personality) -> bool:
    return view.topology.hosts[view.rank[host]].serves_as(personality)
