"""Fields of one entry that contradict each other."""

from typing import Any

import pytest

from insvc.catalog.entry import (
    AtMostOneDown,
    ClearSessions,
    Command,
    GracefulWindow,
    Impact,
    Note,
    Service,
)
from insvc.catalog.lint_entry import check
from insvc.catalog.page_entries import UNEXPLAINED
from insvc.model.act import DrainRule
from insvc.model.words import Action, Manager, Redundancy
from tests.entries import a_catalog, an_entry

SOUND: dict[str, Any] = {"restart": (Command(run="restart web"),)}
DRAINED = (Service(name="web", drain=DrainRule(timeout_s=30)),)


def codes(**changes: Any) -> list[str]:
    return [one.code for one in check(a_catalog(an_entry(**(SOUND | changes))))]


def test_a_sound_entry_has_no_findings() -> None:
    assert codes() == []
    assert codes(services=DRAINED, special_handling=(GracefulWindow(timeout_s=30),)) == []
    lost = Impact(sessions="lost")
    assert codes(impact=lost, special_handling=(ClearSessions(path=""),)) == []
    assert codes(managed_by=Manager.CRON, action=Action.NEXT_RUN) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"services": ()}, "CAT106"),
        ({"services": DRAINED, "special_handling": (GracefulWindow(timeout_s=9),)}, "CAT107"),
        ({"restart": ()}, "CAT108"),
        ({"managed_by": Manager.CRON}, "CAT109"),
        ({"action": Action.NEXT_RUN}, "CAT109"),
        ({"impact": Impact(sessions="lost")}, "CAT110"),
        ({"special_handling": (ClearSessions(path=""),)}, "CAT110"),
        ({"special_handling": (Note(text=UNEXPLAINED),)}, "CAT111"),
        ({"special_handling": (AtMostOneDown(service="web"),)}, "CAT112"),
        ({"runs_on": ()}, "CAT113"),
        ({"services": (Service(name="web", runs_on=()),)}, "CAT113"),
        ({"services": (Service(name="web", drain=DrainRule(timeout_s=0)),)}, "CAT114"),
    ],
)
def test_a_contradiction_has_its_code(changes: dict[str, Any], code: str) -> None:
    assert codes(**changes) == [code]


def test_a_quorum_may_lose_one() -> None:
    rule = (AtMostOneDown(service="web"),)
    assert codes(special_handling=rule, redundancy=Redundancy.QUORUM) == []
