from collections.abc import Callable
from pathlib import Path

import pytest

from insvc.adapters.journal_sqlite import SqliteJournal
from insvc.errors import InputError, StaleEpoch, UnknownName
from insvc.execute.records import created, ended, patch_asked, step_lost, step_started
from insvc.execute.run import Record, RecordKind
from insvc.plan.plan import Plan, Step
from insvc.ports import Journal
from tests.fakes.journal import FakeJournal

MAKERS: dict[str, Callable[[Path], Journal]] = {
    "fake": lambda _: FakeJournal(),
    "sqlite": lambda path: SqliteJournal(path / "folder" / "journal.db"),
}


@pytest.fixture(params=list(MAKERS))
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Journal:
    return MAKERS[request.param](tmp_path)


def first(at: float = 1.0) -> Record:
    plan = Plan(steps=(Step(id="a@h1", host="h1"), Step(id="b@h1", host="h1")))
    return created(plan, at=at, patch={}, stale_before=2)


def started(epoch: int) -> Record:
    return Record(
        kind=RecordKind.CONTROLLER_STARTED, at=2.0, body={"pid": 7, "epoch": epoch, "π": "☃"}
    )


WISH = Record(kind=RecordKind.PAUSE_ASKED, at=3.0)


def test_records_come_back_as_they_were_written_in_order(journal: Journal) -> None:
    records = (
        first(),
        started(1),
        step_started("a@h1", 1, at=2.5, because="planned"),
        step_lost("a@h1", 1, "no answer", at=2.625),
    )
    numbers = [journal.append("r1", 1, record) for record in records]
    assert numbers == [1, 2, 3, 4]
    assert journal.records("r1") == records


def test_records_after_a_number_are_the_rest(journal: Journal) -> None:
    for record in (first(), started(1), WISH):
        journal.append("r1", 1, record)
    assert journal.records("r1", after=1) == (started(1), WISH)
    assert journal.records("r1", after=3) == ()


def test_a_run_is_read_one_record_after_the_other(journal: Journal) -> None:
    for record in (first(), started(1), WISH):
        journal.append("r1", 1, record)
    rest = journal.read("r1", after=1)
    assert next(rest) == started(1)
    journal.append("r1", 1, WISH)
    assert next(rest) == WISH
    assert tuple(journal.read("r1", after=4)) == ()


def test_what_is_about_no_step_can_be_read_alone(journal: Journal) -> None:
    step = step_started("a@h1", 1, at=2.5, because="planned")
    for record in (first(), started(1), step, WISH, step):
        journal.append("r1", 1, record)
    assert journal.milestones("r1") == (first(), started(1), WISH)


def test_runs_do_not_mix(journal: Journal) -> None:
    journal.append("r1", 1, first())
    journal.append("r2", 1, first(2.0))
    assert journal.append("r1", 1, started(1)) == 2
    assert journal.records("r2") == (first(2.0),)


def test_an_unknown_run_is_an_error(journal: Journal) -> None:
    for read in (journal.records, journal.milestones, lambda run: next(journal.read(run))):
        with pytest.raises(UnknownName):
            read("r1")
    journal.append("r1", 1, first())
    for read in (journal.records, journal.milestones, lambda run: next(journal.read(run))):
        with pytest.raises(UnknownName):
            read("other")


def test_a_run_begins_with_its_creation_and_only_once(journal: Journal) -> None:
    with pytest.raises(UnknownName):
        journal.append("r1", 1, started(1))
    journal.append("r1", 1, first())
    with pytest.raises(InputError):
        journal.append("r1", 1, first())
    assert journal.records("r1") == (first(),)


def test_an_older_lease_is_refused_and_leaves_nothing(journal: Journal) -> None:
    journal.append("r1", 2, first())
    journal.append("r1", 3, started(3))
    with pytest.raises(StaleEpoch):
        journal.append("r1", 2, started(2))
    assert len(journal.records("r1")) == 2


@pytest.mark.parametrize("wish", [WISH, patch_asked({}, at=3.0)])
def test_a_wish_may_come_from_anybody(journal: Journal, wish: Record) -> None:
    journal.append("r1", 5, first())
    journal.append("r1", 0, wish)
    assert journal.append("r1", 5, started(5)) == 3


def test_no_run_is_an_empty_list(journal: Journal) -> None:
    assert journal.runs() == ()
    assert journal.names() == ()


def test_a_clock_set_back_makes_no_run_older_than_those_before_it(journal: Journal) -> None:
    journal.append("before", 1, first(7200.0))
    journal.append("after", 2, first(5.0))
    journal.append("before", 3, started(3))
    assert journal.names() == ("after", "before")


def test_runs_are_listed_newest_first_with_how_far_they_came(journal: Journal) -> None:
    journal.append("old", 1, first(1.0))
    journal.append("new", 1, first(5.0))
    journal.append("old", 1, started(1))
    journal.append("old", 1, ended("failed", "a@h1 ended failed", at=4.0, rollback=False))
    told = [(one.run, one.state, one.created_at, one.steps, one.ended) for one in journal.runs()]
    assert journal.names() == ("new", "old")
    assert told == [("new", "created", 5.0, 2, 0), ("old", "failed", 1.0, 2, 0)]
