import pytest

from insvc.controller.session import Session, StopWish
from insvc.errors import StaleEpoch
from insvc.execute.records import created
from insvc.execute.run import Record, RecordKind
from insvc.execute.transitions import RunState
from insvc.plan.plan import Plan
from tests.fakes.cloud import Scene, host, scene


def session_of(made: Scene, epoch: int = 1) -> Session:
    return Session(made.world(), "r1", epoch, made.progress, StopWish())


def begun() -> tuple[Scene, Session]:
    made = scene([host("h1")])
    session = session_of(made)
    session.write(created(Plan(), at=session.now(), patch={}, stale_before=0))
    return made, session


def test_what_it_writes_is_what_it_knows() -> None:
    _, session = begun()
    assert session.run.state is RunState.CREATED
    session.begin()
    assert (session.run.state, session.run.epoch) == (RunState.RUNNING, 1)


def test_what_others_wrote_is_taken_in_in_its_place() -> None:
    made, session = begun()
    session.begin()
    made.journal.append("r1", 0, Record(kind=RecordKind.PAUSE_ASKED, at=2.0))
    assert session.run.state == "running"
    session.write(Record(kind=RecordKind.CONTROLLER_STOPPED, at=3.0, body={"why": "x"}))
    assert session.run.state == "interrupted"
    assert len(made.journal.records("r1")) == 4


def test_a_session_of_an_older_lease_writes_nothing() -> None:
    made, session = begun()
    newer = session_of(made, epoch=2)
    newer.begin()
    with pytest.raises(StaleEpoch):
        session.begin()


def test_a_wish_to_stop_is_shared() -> None:
    made, session = begun()
    other = Session(made.world(), "r2", 1, made.progress, session.stop)
    assert not other.stopping
    session.stop.asked = True
    assert other.stopping


def test_time_is_the_clocks() -> None:
    made, session = begun()
    assert session.now() == made.clock.now()
