"""`insvc.catalog.caution`: the class in words, and the catalog's own reason."""

import pytest

from insvc.catalog.caution import caution, while_words
from insvc.catalog.entry import CarriesTraffic, Note
from insvc.model.words import Condition, RestartClass
from tests.entries import an_entry


@pytest.mark.parametrize("kind", RestartClass)
def test_every_class_is_said_in_words_of_its_own(kind: RestartClass) -> None:
    others = {caution(an_entry(restart_class=other)) for other in RestartClass if other != kind}
    assert caution(an_entry(restart_class=kind)) not in others


def test_the_first_note_is_the_reason() -> None:
    rules = (CarriesTraffic(), Note(text="Logins hang."), Note(text="More."))
    entry = an_entry(restart_class=RestartClass.REBOOT_ONLY, special_handling=rules)
    assert caution(entry) == "Logins hang"


def test_every_condition_is_said_in_words_of_its_own() -> None:
    assert len({while_words(one) for one in Condition}) == len(Condition)
    assert while_words("user-session") == "while somebody is logged in"
    assert while_words("full-moon") == "during a full-moon"
