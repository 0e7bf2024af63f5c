"""Two services of sm, one needing the other: every order of events, to a depth, each looked at."""

from dataclasses import replace

import pytest

from insvc.model.words import Role
from insvc.supervise.sm import State
from insvc.supervise.unit import Event
from tests.harness.search import gets_there, reached
from tests.harness.small_services import (
    DOWN,
    NEEDS,
    UP,
    BrokenLaw,
    Moment,
    died,
    fed,
    first,
    heard,
    later,
    moves,
    settled,
)

DEPTH = 7


@pytest.fixture(scope="module", params=["kill", "leave"])
def world(request: pytest.FixtureRequest) -> dict[object, Moment]:
    """All moments, with services that may be killed, or must be left where they do not end."""
    return reached(first(request.param), DEPTH, moves)


def all_goes_well(now: Moment) -> Moment:
    """What starts gets ready, what is to end ends; then time passes."""
    for name in NEEDS:
        state = now.units[name].state
        if state in {State.DISABLING, State.ENDING} and name in now.alive:
            return died(now, name)
        if state == State.ENABLING and name in now.alive:
            return heard(now, name, Event.READY)
    return later(now)


def test_the_world_is_as_large_as_it_should_be(world: dict[object, Moment]) -> None:
    assert len(world) > 10_000
    states = {name: {now.units[name].state for now in world.values()} for name in NEEDS}
    alone = set(State) - {State.HANDING_OVER, State.RELIEVING}
    assert states == dict.fromkeys(NEEDS, alone)


def test_at_every_moment_what_is_known_is_what_runs(world: dict[object, Moment]) -> None:
    for now in world.values():
        for name, unit in now.units.items():
            assert (unit.main is not None) == (name in now.alive)
            if unit.main is not None:
                assert unit.main.pid == now.alive[name]


def test_from_every_moment_both_come_up_if_all_goes_well(world: dict[object, Moment]) -> None:
    known: set[object] = set()
    for now in world.values():
        wanted = replace(now, duty=replace(now.duty, role=Role.ACTIVE, locked=False))
        stuck = f"no way up from {now.key}"
        assert gets_there(settled(wanted), known, _are_up, all_goes_well), stuck


def test_from_every_moment_both_go_down_where_everything_is_to_end(
    world: dict[object, Moment],
) -> None:
    known: set[object] = set()
    for now in world.values():
        units = {name: replace(unit, refused=False) for name, unit in now.units.items()}
        closing = replace(now, units=units, duty=replace(now.duty, closing=True))
        stuck = f"no way down from {now.key}"
        assert gets_there(settled(closing), known, _are_down, all_goes_well), stuck


def _are_up(now: Moment) -> bool:
    return all(unit.state == UP for unit in now.units.values())


def _are_down(now: Moment) -> bool:
    return all(unit.state == DOWN for unit in now.units.values())


def test_the_laws_of_the_search_can_be_broken() -> None:
    begin = first()
    with pytest.raises(BrokenLaw, match="api is started before db is up"):
        fed(begin, "api", Event.ADMIT)
    waiting = replace(begin.units["db"], state=State.THROTTLED)
    with pytest.raises(BrokenLaw, match="db is started twice"):
        fed(replace(begin, units={**begin.units, "db": waiting}), "db", Event.ADMIT)
