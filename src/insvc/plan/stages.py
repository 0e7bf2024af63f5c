"""Which steps of alike hosts form one line, and which lines may be under way together.

Steps of a kind fall into several lines where something comes between them: a step of another host
that waits for one and precedes the other, or an order of entries that holds everywhere.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from insvc.plan.precedence import Precedence, Scope
from insvc.plan.shares import Shares, slot_key, slot_keys, waves
from insvc.plan.task import Placed
from insvc.plan.view import View

_ALONE = ""
_TRAFFIC = "*traffic"
_SHARED = "it uses what they use (laws 5 and 11)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A line before it has its hosts and times.

    Attributes:
        id: as the line's.
        first: the host that stands for its kind.
        steps: what the turn is made of, in the order in which they were placed.
        at_once: how many hosts at once; `why`: by which limit.
        by_host: a limit on hosts makes a lane pass on only when the whole turn has ended.
        after: lines that must have ended because they use the same limits, and why.
    """

    id: str
    first: str
    steps: tuple[Placed, ...]
    at_once: int
    why: str
    by_host: bool
    after: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bundle:
    """What becomes a line, and which limits it uses."""

    id: str
    first: str
    level: int
    count: int
    steps: tuple[Placed, ...]
    keys: tuple[str, ...]

    @property
    def load_s(self) -> float:
        return self.count * sum(one.task.estimate.duration_s for one in self.steps)

    def goes_by_host(self, shares: Shares) -> bool:
        """Whether a lane may pass on only with the whole turn.

        So it is where hosts are limited, where all goes one at a time, and where two steps of a
        turn use one limit: the one on a host and the other on the next would use it twice.
        """
        used = [key for one in self.steps for key in one.task.occupies]
        limits = (_TRAFFIC, *map(slot_key, shares.slots))
        is_limited = any(key in self.keys for key in limits)
        return is_limited or len(set(used)) < len(used)


def make_drafts(
    view: View, placed: Mapping[str, Placed], precedence: Precedence, shares: Shares
) -> Iterator[Draft]:
    """Divide the steps of each kind into lines, and what is left of each limit among the lines.

    Args:
        view: what was seen, and how many hosts each first one stands for.
        placed: every step of the schedule, in the order of placing: none waits for a later one.
        precedence: gates between entries, and what carries the traffic.
        shares: what the lines may use.
    """
    waiting = _bundles(view, placed, precedence, shares)
    users: dict[str, tuple[str, ...]] = {}
    while waiting:
        together = _together(waiting, shares)
        waiting = [one for one in waiting if one not in together]
        for one in together:
            at_once, why = _width(one, together, shares)
            yield Draft(
                id=one.id,
                first=one.first,
                steps=one.steps,
                at_once=at_once,
                why=why,
                by_host=one.goes_by_host(shares),
                after={line: _SHARED for key in one.keys for line in users.get(key, ())},
            )
        for key in dict.fromkeys(key for one in together for key in one.keys):
            users[key] = tuple(one.id for one in together if key in one.keys)


def _bundles(
    view: View, placed: Mapping[str, Placed], precedence: Precedence, shares: Shares
) -> list[_Bundle]:
    """The steps of each kind, divided; ordered by level, then as they were placed."""
    levels = _latest(placed, _Owners(placed, view.counts, precedence))
    found: dict[tuple[int, str], list[Placed]] = {}
    for name, level in levels.items():
        found.setdefault((level, placed[name].task.need.host), []).append(placed[name])
    bundles: list[_Bundle] = []
    numbers: dict[str, int] = {}
    for (level, first), steps in sorted(found.items(), key=lambda one: one[0][0]):
        number = numbers[first] = numbers.get(first, 0) + 1
        keys = dict.fromkeys(key for one in steps for key in one.task.occupies)
        keys |= dict.fromkeys((*slot_keys(view, first, shares.slots), first))
        if any(one.task.need.entry.name in precedence.last for one in steps):
            keys[_TRAFFIC] = None
        bundles.append(
            _Bundle(
                id=f"line@{first}" if number == 1 else f"line-{number}@{first}",
                first=first,
                level=level,
                count=view.counts[first],
                steps=tuple(steps),
                keys=tuple(keys),
            )
        )
    return bundles


def _together(waiting: Sequence[_Bundle], shares: Shares) -> list[_Bundle]:
    """Lines of the lowest level of which each can have a part of every limit it uses."""
    chosen: list[_Bundle] = []
    used: dict[str, int] = {}
    for one in waiting:
        fits = all(used.get(key, 0) < _room(key, one, shares)[0] for key in one.keys)
        if one.level == waiting[0].level and fits:
            chosen.append(one)
            for key in one.keys:
                used[key] = used.get(key, 0) + 1
    return chosen


def _width(one: _Bundle, together: Sequence[_Bundle], shares: Shares) -> tuple[int, str]:
    """How many of its hosts go at once, and by which limit: no more than saves a turn."""
    widths = []
    for key in one.keys:
        room, why = _room(key, one, shares)
        users = [other for other in together if key in other.keys]
        part = one.load_s / sum(other.load_s for other in users)
        widths.append((1 + int((room - len(users)) * part), why))
    most, why = min(widths, key=lambda width: width[0])
    turns = waves(one.count, min(most, one.count))
    return waves(one.count, turns), why


def _room(key: str, one: _Bundle, shares: Shares) -> tuple[int, str]:
    if key == _TRAFFIC:
        return 1, "what carries the traffic goes one at a time (law 7)"
    if key == one.first:
        return one.count, "nothing limits them"
    left = shares.left[key]
    return left.room, left.why


class _Owners:
    """Which kind each step belongs to, and what it waits for."""

    def __init__(
        self, placed: Mapping[str, Placed], firsts: Iterable[str], precedence: Precedence
    ) -> None:
        known = frozenset(firsts)
        self._gated = {
            (gate.first, gate.then) for gate in precedence.gates if gate.scope is Scope.EVERYWHERE
        }
        self._last = precedence.last
        self._placed = placed
        self.of = {
            name: one.task.need.host if one.task.need.host in known else _ALONE
            for name, one in placed.items()
        }
        self._of_kind: dict[str, list[str]] = {}
        for name, owner in self.of.items():
            if owner:
                self._of_kind.setdefault(owner, []).append(name)

    def befores(self, name: str) -> Iterator[tuple[str, int]]:
        """What a step waits for, and by how many levels it must be above that."""
        owner = self.of[name]
        for before in self._placed[name].after:
            from_kind = self.of[before]
            yield before, int(bool(from_kind) and from_kind != owner)
        for before in self._of_kind.get(owner, ()):
            if self._is_first(self._entry(before), self._entry(name)):
                yield before, 1

    def _is_first(self, first: str, then: str) -> bool:
        """Whether the one entry precedes the other everywhere; what carries the traffic is last."""
        is_finally = then in self._last and first not in self._last
        return is_finally or (first, then) in self._gated

    def _entry(self, name: str) -> str:
        return self._placed[name].task.need.entry.name


def _latest(placed: Mapping[str, Placed], owners: _Owners) -> dict[str, int]:
    """The level of every step of a kind: as high as what comes after it allows.

    Steps meet in few lines that way: what nothing waits for joins the last line of its kind.
    """
    least: dict[str, int] = {}
    for name in placed:
        least[name] = max((least[one] + above for one, above in owners.befores(name)), default=0)
    top: dict[str, int] = {}
    for name, owner in owners.of.items():
        top[owner] = max(top.get(owner, 0), least[name])
    most = {name: top[owner] for name, owner in owners.of.items()}
    for name in reversed(list(placed)):
        for before, above in owners.befores(name):
            most[before] = min(most[before], most[name] - above)
    return {name: level for name, level in most.items() if owners.of[name]}
