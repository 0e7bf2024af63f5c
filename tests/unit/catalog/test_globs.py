"""`insvc.catalog.globs`: patterns, and which of several wins."""

import pytest

from insvc.catalog.entry import Service
from insvc.catalog.globs import Finder, fits, is_glob, says
from insvc.model.words import Manager
from tests.entries import a_catalog, an_entry

CATALOG = a_catalog(
    an_entry("all", services=(Service(name="getty@*.service"),)),
    an_entry("first", services=(Service(name="getty@tty1.service"),)),
    an_entry("some", services=(Service(name="getty@tty*.service"),)),
    an_entry("cron", services=(Service(name="cron.service"),)),
)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("getty@tty1.service", "first"),
        ("getty@tty2.service", "some"),
        ("getty@hvc0.service", "all"),
        ("cron.service", "cron"),
        ("cron", None),
        ("getty.target", None),
    ],
)
def test_the_pattern_that_says_most_wins(name: str, wanted: str | None) -> None:
    found = Finder(CATALOG).find(name)
    assert (found.name if found else None) == wanted


def test_a_script_of_an_init_system_is_looked_up_as_a_unit_too() -> None:
    found = Finder(CATALOG).find("cron", Manager.LSB)
    assert found is not None
    assert found.name == "cron"


def test_of_two_entries_with_the_same_name_the_first_counts() -> None:
    twice = a_catalog(
        an_entry("a", services=(Service(name="x*"), Service(name="y"))),
        an_entry("b", services=(Service(name="x*"), Service(name="y"))),
    )
    finder = Finder(twice)
    assert [one and one.name for one in map(finder.find, ("x1", "y"))] == ["a", "a"]


def test_a_pattern_may_leave_out_what_people_leave_out() -> None:
    assert fits("dbus", "dbus.service")
    assert fits("dbus*", "dbus-broker.service")
    assert fits("dbus.service", "dbus.service")
    assert not fits("dbus", "dbus.socket")
    assert not fits("dbus.socket", "dbus.socket.service")


def test_a_plain_name_says_more_than_any_glob() -> None:
    assert says("a") > says("aaaaaaaa*")
    assert says("ab*") > says("a*") > says("*")
    assert [is_glob(one) for one in ("a", "a*", "a?", "[a]")] == [False, True, True, True]


def test_globs_of_every_beginning_are_tried_and_the_best_of_all_wins() -> None:
    names = ("*", "g*", "ge*", "get*", "[g]etty@*", "getty*", "?etty@tty*")
    entries = [an_entry(f"e{place}", services=(Service(name=name),)) for place, name in
               enumerate(names)]  # fmt: skip
    finder = Finder(a_catalog(*entries))
    wanted = {"getty@tty1": "e6", "getty@x": "e4", "getty": "e5", "get": "e3", "ge": "e2",
              "g": "e1", "x": "e0"}  # fmt: skip
    assert {name: (finder.find(name) or entries[0]).name for name in wanted} == wanted
