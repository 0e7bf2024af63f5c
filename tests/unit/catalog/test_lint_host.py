"""What is known of plain hosts and contradicts itself."""

from typing import Any

import pytest

from insvc.catalog.entry import Impact, Note, NotWhile, Service
from insvc.catalog.lint import lint
from insvc.catalog.lint_host import check
from insvc.model.words import Action, Condition, Personality, RestartClass
from tests.entries import a_catalog, an_entry

PLAIN: dict[str, Any] = {"runs_on": (Personality.HOST,)}


def codes(**changes: Any) -> list[str]:
    return [one.code for one in check(a_catalog(an_entry(**changes)))]


@pytest.mark.parametrize("condition", Condition)
def test_a_sound_entry_has_no_findings(condition: Condition) -> None:
    rules = (NotWhile(condition=condition.value), Note(text="Why."))
    assert codes(**PLAIN, restart_class=RestartClass.CONDITIONAL, special_handling=rules) == []
    assert codes(**PLAIN, services=(Service(name="getty@*.service"),)) == []
    assert codes(restart_class=RestartClass.DEFERRED) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"special_handling": (NotWhile(condition="full-moon"),)}, "CAT115"),
        (PLAIN | {"restart_class": RestartClass.DEFERRED}, "CAT116"),
        (
            PLAIN | {"restart_class": RestartClass.AUTO, "services": (Service(name="*"),)},
            "CAT117",
        ),
        (
            PLAIN | {"restart_class": RestartClass.DEFERRED, "special_handling": (Note(text=""),)},
            "CAT116",
        ),
    ],
)
def test_a_contradiction_has_its_code(changes: dict[str, Any], code: str) -> None:
    assert codes(**changes) == [code]


def test_on_a_plain_host_the_manager_knows_how_to_restart() -> None:
    """No commands, no rule for sessions, and timers of systemd have a next run as well."""
    entry = an_entry(**PLAIN, impact=Impact(sessions="lost"))
    timer = an_entry("timer", function="Runs at times.", **PLAIN, action=Action.NEXT_RUN)
    found = {one.code for one in lint(a_catalog(entry, timer))}
    assert not found & {"CAT108", "CAT109", "CAT110"}


def test_what_can_be_named_instead_is_told_in_order() -> None:
    (found,) = check(a_catalog(an_entry(special_handling=(NotWhile(condition="x"),))))
    assert found.next == "name one of: graphical-session, package-transaction, user-session"
