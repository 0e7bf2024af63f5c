import asyncio
from pathlib import Path

import pytest

from insvc.controller.executor import start_run
from insvc.controller.runs import is_live, read_run
from insvc.controller.wishes import abort_run, continue_run, pause_run
from insvc.errors import InputError, UnknownName
from insvc.execute.records import created
from insvc.execute.run import Record, RecordKind
from insvc.execute.transitions import RunState
from insvc.plan.plan import Plan
from tests.fakes.cloud import Scene, change, host, instance, plan_for, scene, step
from tests.fakes.journal import Killed


def killed_in_a_step() -> tuple[Scene, str]:
    made = scene([host("h1", instance("a", 1), instance("b", 2))])
    plan = plan_for(made.cloud, step("a@h1"), step("b@h1", "a@h1"))
    made.cloud.kill_after.add("a@h1")
    with pytest.raises(Killed):
        asyncio.run(start_run(made.world(), plan, progress=made.progress))
    made.crash()
    return made, made.journal.runs()[0].run


def ended() -> tuple[Scene, str]:
    made = scene([host("h1")])
    return made, asyncio.run(start_run(made.world(), Plan(), progress=made.progress))


def live() -> tuple[Scene, str]:
    """A run whose controller holds the lease and waits."""
    made = scene([host("h1")])
    epoch = made.world().lease.acquire()
    body = {"pid": 1, "epoch": epoch}
    made.journal.append("r", epoch, created(Plan(), at=1.0, patch={}, stale_before=0))
    made.journal.append("r", epoch, Record(kind=RecordKind.CONTROLLER_STARTED, at=1.0, body=body))
    return made, "r"


def last(made: Scene, run: str) -> RecordKind:
    return made.journal.records(run)[-1].kind


def test_a_run_is_live_while_its_controller_holds_the_lease() -> None:
    made, run = live()
    assert is_live(made.world(), read_run(made.world(), run))
    made.crash()
    assert not is_live(made.world(), read_run(made.world(), run))


def test_a_live_run_is_paused_and_resumed_by_wishes() -> None:
    made, run = live()
    pause_run(made.world(), run)
    assert last(made, run) is RecordKind.PAUSE_ASKED
    assert not asyncio.run(continue_run(made.world(), run, progress=made.progress))
    assert last(made, run) is RecordKind.RESUME_ASKED


def test_a_live_run_that_goes_on_is_not_resumed() -> None:
    made, run = live()
    with pytest.raises(InputError, match="goes on with it already"):
        asyncio.run(continue_run(made.world(), run, progress=made.progress))


def test_a_live_run_is_aborted_by_a_wish() -> None:
    made, run = live()
    assert not asyncio.run(abort_run(made.world(), run, progress=made.progress))
    assert last(made, run) is RecordKind.ABORT_ASKED


def test_a_dead_run_cannot_be_paused() -> None:
    made, run = killed_in_a_step()
    with pytest.raises(InputError, match="no controller carries it on"):
        pause_run(made.world(), run)


def test_a_dead_run_is_carried_on_by_whoever_resumes_it() -> None:
    made, run = killed_in_a_step()
    assert asyncio.run(continue_run(made.world(), run, progress=made.progress))
    assert read_run(made.world(), run).outcome == "succeeded"
    assert made.cloud.restarts == {"a@h1": 1, "b@h1": 1}


def test_a_dead_run_is_aborted_here_once_its_step_in_hand_is_known() -> None:
    made, run = killed_in_a_step()
    assert asyncio.run(abort_run(made.world(), run, progress=made.progress))
    told = read_run(made.world(), run)
    assert told.state is RunState.ABORTED
    assert told.steps["a@h1"].outcome == "restarted"
    assert made.cloud.restarts == {"a@h1": 1}


def test_what_has_ended_can_neither_be_paused_nor_aborted() -> None:
    made, run = ended()
    with pytest.raises(InputError, match="has ended already"):
        pause_run(made.world(), run)
    with pytest.raises(InputError, match="has ended already"):
        asyncio.run(abort_run(made.world(), run, progress=made.progress))


def test_an_unknown_run_is_an_error() -> None:
    made, _ = ended()
    with pytest.raises(UnknownName):
        pause_run(made.world(), "other")


def test_a_rollback_is_aborted_through_its_own_run(tmp_path: Path) -> None:
    made = scene([host("h1", instance("a", 1))])
    (tmp_path / "a_1.0-1_all.deb").touch()
    patch = {"h1": [change("a", tmp_path)]}
    run = asyncio.run(start_run(made.world(), Plan(), progress=made.progress, patch=patch))
    body = {"run": "other", "why": "x"}
    started = Record(kind=RecordKind.ROLLBACK_STARTED, at=1.0, body=body)
    made.journal.append(run, made.leases.epoch, started)
    with pytest.raises(InputError, match="being rolled back by run other"):
        asyncio.run(abort_run(made.world(), run, progress=made.progress))
    assert not is_live(made.world(), read_run(made.world(), run))
    epoch = made.world().lease.acquire()
    made.journal.append("other", epoch, created(Plan(), at=2.0, patch={}, stale_before=0))
    body2 = {"pid": 3, "epoch": epoch}
    made.journal.append(
        "other", epoch, Record(kind=RecordKind.CONTROLLER_STARTED, at=2.0, body=body2)
    )
    assert is_live(made.world(), read_run(made.world(), run))
