"""Every event in every state is decided: a row of its table, or ignored for a reason."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import pytest

from insvc.supervise import cron, pmon, sm
from insvc.supervise.ignored import CRON, PMON, SM, Ignored
from insvc.supervise.unit import Do, Event


class Table(NamedTuple):
    """A table, its states, the one in which a service begins, and what it ignores."""

    rows: Mapping[tuple[Any, Event], tuple[Any, tuple[Do, ...]]]
    states: type[StrEnum]
    first: StrEnum
    ignored: tuple[Ignored, ...]


TABLES = {
    "pmon": Table(pmon.TABLE, pmon.State, pmon.State.STOPPED, PMON),
    "sm": Table(sm.TABLE, sm.State, sm.State.DISABLED, SM),
    "cron": Table(cron.TABLE, cron.State, cron.State.IDLE, CRON),
}


@pytest.fixture(params=TABLES)
def table(request: pytest.FixtureRequest) -> Table:
    return TABLES[request.param]


def pairs(ignored: tuple[Ignored, ...]) -> list[tuple[str, Event]]:
    return [(state, event) for one in ignored for state in one.states for event in one.events]


def test_every_event_in_every_state_is_decided_once(table: Table) -> None:
    decided = Counter((str(state), event) for state, event in table.rows)
    decided += Counter((str(state), event) for state, event in pairs(table.ignored))
    every = {(str(state), event) for state in table.states for event in Event}
    assert every - set(decided) == set(), "these are decided nowhere"
    assert set(decided) - every == set(), "these are of no table"
    assert {one: times for one, times in decided.items() if times > 1} == {}, "decided twice"


def test_what_is_ignored_has_a_reason(table: Table) -> None:
    assert all(len(one.why) > 15 and one.events and one.states for one in table.ignored)


def test_every_state_is_reached_from_the_first(table: Table) -> None:
    reached, edge = {table.first}, [table.first]
    while edge:
        here = edge.pop()
        fresh = {then for (state, _), (then, _) in table.rows.items() if state == here} - reached
        reached |= fresh
        edge += fresh
    assert reached == set(table.states)


def test_every_state_leads_back_to_the_first(table: Table) -> None:
    leads, size = {table.first}, 0
    while size < len(leads):
        size = len(leads)
        leads |= {state for (state, _), (then, _) in table.rows.items() if then in leads}
    assert leads == set(table.states)
