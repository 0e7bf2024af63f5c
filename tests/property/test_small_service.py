"""One service of pmon or sm: every order of events, to a depth, each moment looked at once.

Run as a program, as one that hands its socket over, by a script with a process, or by a script
without one; killed where it does not end in time, or left.
"""

from dataclasses import replace

import pytest

from insvc.model.words import Manager
from insvc.supervise.unit import Event
from tests.harness.search import gets_there, reached
from tests.harness.small_service import (
    BrokenLaw,
    Kind,
    Moment,
    died,
    fed,
    first,
    later,
    moves,
    next_died,
    old_died,
    script_ended,
    settled,
)

DEPTH = 12
DEPTH_OF_TWO = 9
"""The same where two processes make many more moments."""
KINDS = [
    Kind(manager, control, on_timeout)
    for manager in (Manager.PMON, Manager.SM)
    for control in ("program", "handing", "script", "bare")
    for on_timeout in ("kill", "leave")
]


@pytest.fixture(scope="module", params=KINDS, ids=lambda one: "-".join(one))
def world(request: pytest.FixtureRequest) -> dict[object, Moment]:
    """Every moment within so many events of the first; a law that breaks on the way is raised."""
    depth = DEPTH_OF_TWO if request.param.control == "handing" else DEPTH
    return reached(first(request.param), depth, moves)


def all_goes_well(now: Moment) -> Moment:
    """Scripts do what they are called for, what starts gets ready, what is to end ends."""
    machine = now.kind.rules.MACHINE
    if now.script is not None:
        return script_ended(now, 0, now.script == "start")
    if now.unit.state == machine.handing and now.next_runs:
        return settled(fed(now, Event.NEXT_READY))
    if now.next_runs or now.old_runs:
        return next_died(now) if now.next_runs else old_died(now)
    if now.unit.state in {machine.stopping, machine.ending} and now.runs:
        return died(now)
    then = later(now)
    if then.unit.state == machine.starting and then.runs and then.script is None:
        return settled(fed(then, Event.READY))
    return then


def test_every_state_of_the_table_is_among_the_moments(world: dict[object, Moment]) -> None:
    kind = next(iter(world.values())).kind
    machine = kind.rules.MACHINE
    of_two = set() if kind.control == "handing" else {machine.handing, machine.relieving}
    assert {now.unit.state for now in world.values()} == set(kind.rules.State) - of_two
    assert len(world) > 300


def test_wanted_it_comes_up_from_every_moment_if_all_goes_well(
    world: dict[object, Moment],
) -> None:
    known: set[object] = set()
    for now in world.values():
        unit = replace(now.unit, refused=False)
        begin = settled(replace(now, unit=unit, wanted=True))
        assert gets_there(begin, known, lambda one: one.is_up, all_goes_well), (
            f"no way up from {now.key}"
        )


def test_not_wanted_it_goes_down_from_every_moment_and_nothing_is_left(
    world: dict[object, Moment],
) -> None:
    known: set[object] = set()
    for now in world.values():
        unit = replace(now.unit, refused=False)
        begin = settled(replace(now, unit=unit, wanted=False))
        assert gets_there(begin, known, _is_gone, all_goes_well), f"no way down from {now.key}"


def _is_gone(now: Moment) -> bool:
    """Whether it is down, and nothing of it is left."""
    return now.is_down and not now.next_runs and not now.old_runs


def test_every_timer_that_is_set_is_one_that_the_state_knows(world: dict[object, Moment]) -> None:
    for now in world.values():
        table = now.kind.rules.TABLE
        for event, _ in now.unit.due:
            assert (now.unit.state, event) in table, f"{event} is due in {now.unit.state}"


def test_what_waits_for_nothing_is_at_rest(world: dict[object, Moment]) -> None:
    for now in world.values():
        unit = now.unit
        is_watched = bool(unit.due) or now.script is not None or unit.main is not None
        is_at_rest = now.is_down or now.is_up or unit.spent.is_given_up
        assert is_watched or is_at_rest, f"nothing can ever happen to {now.key}"


def test_the_laws_of_the_search_can_be_broken() -> None:
    begin = first(Kind(Manager.PMON, "program"))
    with pytest.raises(BrokenLaw, match="started while its process is held"):
        fed(replace(begin, unit=replace(begin.unit, state="waiting")), Event.RETRY_DUE)
    unwanted = replace(died(begin), wanted=False)
    with pytest.raises(BrokenLaw, match="nobody wants it"):
        fed(unwanted, Event.RETRY_DUE)
