"""Units in their places: what has changed, and whose turn it is."""

import time
from dataclasses import replace

from insvc.agent.roster import Roster
from insvc.model.words import Manager
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.unit import Event, Unit


def make_unit(name: str, *due: tuple[Event, float]) -> Unit:
    definition = ServiceDefinition(
        name=name, manager=Manager.PMON, package=name, command=("p",), pidfile="p"
    )
    return Unit(definition=definition, state="running", due=due)


def clear(roster: Roster) -> None:
    for noted in (roster.undecided, roster.unsaved, roster.untold):
        noted.clear()


def test_a_changed_unit_is_noted_for_all_that_follows_from_it() -> None:
    roster = Roster([make_unit("x"), make_unit("y")])
    assert roster.undecided == roster.unsaved == roster.untold == {"x", "y"}
    clear(roster)
    roster["x"] = replace(roster["x"], failures=1)
    assert roster.undecided == roster.unsaved == roster.untold == {"x"}


def test_one_that_is_gone_is_noted_and_due_no_more() -> None:
    roster = Roster([make_unit("x", (Event.SETTLED, 1.0))])
    clear(roster)
    del roster["x"]
    assert roster.unsaved == {"x"}
    assert roster.next_at() is None
    assert roster.take_due(9.0) == []


def test_the_same_unit_again_changes_nothing() -> None:
    roster = Roster([make_unit("x")])
    clear(roster)
    roster["x"] = roster["x"]
    roster["x"] = replace(roster["x"])
    assert roster.unsaved == set()


def test_the_next_look_is_the_calendar_s_concern_alone() -> None:
    roster = Roster([make_unit("x", (Event.SETTLED, 8.0))])
    clear(roster)
    for event in (Event.LOOK_DUE, Event.AUDIT_DUE):
        roster["x"] = replace(roster["x"], due=((Event.SETTLED, 8.0), (event, 2.0)))
        assert roster.unsaved == set()
        assert roster.next_at() == 2.0
    roster["x"] = replace(roster["x"], due=((Event.SETTLED, 9.0),))
    assert roster.unsaved == {"x"}


def test_what_is_due_is_told_once_and_in_its_order() -> None:
    roster = Roster(
        [
            make_unit("x", (Event.OVERDUE, 3.0), (Event.LOOK_DUE, 1.0)),
            make_unit("y", (Event.LOOK_DUE, 1.0)),
            make_unit("z", (Event.RETRY_DUE, 7.0)),
        ]
    )
    assert roster.next_at() == 1.0
    assert roster.take_due(0.5) == []
    assert roster.take_due(3.0) == [
        ("x", Event.LOOK_DUE),
        ("y", Event.LOOK_DUE),
        ("x", Event.OVERDUE),
    ]
    assert roster.take_due(3.0) == []
    assert roster.next_at() == 7.0


def test_what_was_cancelled_never_falls_due() -> None:
    roster = Roster([make_unit("x", (Event.OVERDUE, 3.0), (Event.SETTLED, 4.0))])
    roster["x"] = replace(roster["x"], due=((Event.SETTLED, 5.0),))
    assert roster.take_due(4.5) == []
    assert roster.take_due(5.0) == [("x", Event.SETTLED)]


def test_what_is_kept_through_a_change_falls_due_once() -> None:
    roster = Roster([make_unit("x", (Event.SETTLED, 4.0))])
    roster["x"] = replace(roster["x"], due=((Event.SETTLED, 4.0), (Event.AUDIT_DUE, 4.0)))
    assert roster.take_due(4.0) == [("x", Event.SETTLED), ("x", Event.AUDIT_DUE)]


def test_a_change_among_many_costs_as_much_as_among_few() -> None:
    def cost_s(size: int) -> float:
        names = [f"s{number}" for number in range(size)]
        roster = Roster(make_unit(name, (Event.SETTLED, 1e9)) for name in names)
        times = []
        for number in range(300):
            name = names[number % size]
            began = time.thread_time()
            roster[name] = replace(roster[name], due=((Event.SETTLED, 1e9 + number),))
            roster.next_at()
            roster.take_due(float(number))
            times.append(time.thread_time() - began)
        return sorted(times)[len(times) // 2]

    assert cost_s(10_000) < 20 * cost_s(10)
