from typing import Any

import pytest

from insvc.check.record_order import check_records
from insvc.execute.run import Record, RecordKind
from insvc.plan.plan import Plan
from tests.unit.check.sample import add

KINDS = RecordKind
PLAN = add(add(Plan(), "db@h"), "api@h", "db@h")


def record(kind: RecordKind, step: str = "", attempt: int = 1, **body: Any) -> Record:
    return Record(kind=kind, at=0.0, step=step, attempt=attempt if step else 0, body=body)


CREATED = record(KINDS.CREATED)
CARRIED = record(KINDS.CONTROLLER_STARTED, epoch=1)


def start(step: str, attempt: int = 1, because: str = "planned") -> Record:
    return record(KINDS.STEP_STARTED, step, attempt, because=because)


def end(step: str, attempt: int = 1, outcome: str = "restarted", **body: Any) -> Record:
    return record(KINDS.STEP_ENDED, step, attempt, outcome=outcome, **body)


def lost(step: str) -> Record:
    return record(KINDS.STEP_LOST, step)


def over(outcome: str = "succeeded") -> Record:
    return record(KINDS.ENDED, outcome=outcome)


def told(*records: Record) -> list[str]:
    return [f"{one.subject}: {one.reason}" for one in check_records(PLAN, records)]


GOOD = (CREATED, CARRIED, start("db@h"), end("db@h"), start("api@h"), end("api@h"), over())


def test_a_quiet_run_is_in_order() -> None:
    assert told(*GOOD) == []


def test_wishes_change_nothing() -> None:
    assert told(*GOOD[:3], record(KINDS.PAUSE_ASKED), *GOOD[3:]) == []


@pytest.mark.parametrize(
    "because",
    [("never-begun", 1), ("still-stale", 2), ("down", 2)],
)
def test_an_act_is_repeated_after_a_look(because: tuple[str, int]) -> None:
    again = record(KINDS.CONTROLLER_STARTED, epoch=2)
    why, attempt = because
    for cut in ((again,), (lost("db@h"),), (lost("db@h"), lost("db@h"), again)):
        second = (start("db@h", attempt, why), end("db@h", attempt))
        assert told(*GOOD[:3], *cut, *second, *GOOD[4:]) == []


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ((CREATED, *GOOD), "the run: was created twice"),
        (GOOD[1:], "db@h: is told of before the run was created"),
        ((CREATED, *GOOD[2:]), "db@h: was begun before any controller"),
        ((*GOOD[:2], CARRIED, *GOOD[2:]), "under lease 1, not above 1"),
        ((*GOOD[:2], start("web@h")), "web@h: is no step of the run's plan"),
        ((*GOOD[:2], lost("web@h")), "web@h: is no step of the run's plan"),
        ((*GOOD[:2], end("web@h")), "web@h: is no step of the run's plan"),
        ((*GOOD, start("db@h")), "db@h: was begun after the run had ended"),
        ((*GOOD[:4], start("db@h", 2)), "db@h: was begun again after it had ended restarted"),
        ((*GOOD[:3], start("db@h", 2)), "db@h: was begun again blindly: nobody had looked"),
        (
            (*GOOD[:3], lost("db@h"), start("db@h", 2)),
            "db@h: was begun again blindly, because planned",
        ),
        (
            (*GOOD[:3], lost("db@h"), start("db@h", 2, "")),
            "db@h: was begun again blindly, because of nothing",
        ),
        (
            (*GOOD[:3], lost("db@h"), start("db@h", 1, "down")),
            "db@h: attempt 1 follows 1",
        ),
        ((*GOOD[:2], start("db@h", 2)), "db@h: its first attempt is number 2"),
        ((*GOOD[:2], start("api@h")), "api@h: was begun before db@h had succeeded"),
        ((*GOOD[:2], lost("db@h")), "db@h: is lost, and no intent"),
        ((*GOOD[:2], end("db@h")), "db@h: attempt 1 ended, and its intent was not written"),
        ((*GOOD[:2], end("db@h", 0)), "db@h: is restarted, and no intent was written"),
        ((*GOOD[:4], end("db@h")), "db@h: ended twice"),
        ((*GOOD[:3], over("failed")), "the run: ended while nobody knew what became of db@h"),
        ((*GOOD, over("failed")), "the run: ended twice"),
        ((*GOOD[:4], over()), "the run: claims success although api@h did not reach its goal"),
        (
            (*GOOD[:3], end("db@h", outcome="failed"), over()),
            "the run: claims success although db@h did not reach its goal",
        ),
        (
            (*GOOD[:3], end("db@h", outcome="nonsense"), start("api@h")),
            "api@h: was begun before db@h had succeeded",
        ),
        (
            (*GOOD[:3], end("db@h", checks=[{"name": "ready", "passed": False}])),
            "db@h: counts as restarted although its check ready failed",
        ),
        (
            (*GOOD[:3], end("db@h", before=[{"pid": 7}], after=[{"pid": 7}])),
            "db@h: counts as restarted although pid 7 ran before and runs still",
        ),
    ],
)
def test_records_that_must_not_be_are_found(records: tuple[Record, ...], words: str) -> None:
    assert any(words in one for one in told(*records)), told(*records)


def test_a_step_that_was_never_begun_may_be_skipped() -> None:
    failed = (*GOOD[:3], end("db@h", outcome="failed"), end("api@h", 0, "skipped"), over("failed"))
    assert told(*failed) == []


def test_a_success_whose_checks_passed_is_believed() -> None:
    good = end("db@h", checks=[{"name": "ready", "passed": True}], before=[{"pid": 7}], after=[])
    assert told(*GOOD[:3], good, *GOOD[4:]) == []
