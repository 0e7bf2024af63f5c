"""Alarms and what makes two of them the same."""

from dataclasses import replace

from insvc.model import alarm
from insvc.model.alarm import NUMBERS, Alarm

ONE = Alarm(
    alarm=alarm.PROCESS_FAILED,
    entity="host=h.process=x",
    severity="major",
    text="x failed",
    next_act="look",
)


def test_the_text_is_no_part_of_the_key() -> None:
    assert replace(ONE, text="another", severity="minor").key == ONE.key
    assert replace(ONE, entity="host=h.process=y").key != ONE.key


def test_every_number_has_a_meaning_of_its_own() -> None:
    assert len(set(NUMBERS.values())) == len(NUMBERS)
    assert NUMBERS[alarm.NO_REDUNDANCY] == "no controller stands by"
