import re

from insvc.execute import run
from insvc.execute.run import Record, RecordKind


def test_every_kind_of_record_is_explained() -> None:
    words = set(re.findall(r"\b[A-Z_]{5,}\b", run.__doc__ or ""))
    assert {kind.name for kind in RecordKind} <= words


def test_a_record_has_a_body_of_its_own() -> None:
    one, two = (Record(kind=RecordKind.CREATED, at=0.0) for _ in range(2))
    one.body["plan"] = {}
    assert two.body == {}


def test_a_record_about_the_run_is_about_no_step_and_no_attempt() -> None:
    one = Record(kind=RecordKind.PAUSE_ASKED, at=0.0)
    assert (one.step, one.attempt) == ("", 0)
