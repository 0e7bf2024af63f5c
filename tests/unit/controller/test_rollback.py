import asyncio
from pathlib import Path

import pytest

from insvc.controller.executor import resume_run, rollback_run, start_run
from insvc.controller.rollback import check_undoable, former_packages
from insvc.errors import InputError, UnknownName
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run, replay
from insvc.execute.transitions import RunState
from insvc.flow import Patch
from insvc.model.words import InstanceState
from insvc.plan.plan import Plan
from tests.fakes.cloud import Scene, change, host, instance, plan_for, scene, step
from tests.fakes.journal import Killed


@pytest.fixture
def patch(tmp_path: Path) -> Patch:
    (tmp_path / "a_1.0-1_all.deb").touch()
    (tmp_path / "unrelated.txt").touch()
    return {"h1": [change("a", tmp_path)]}


def ended(patch: Patch | None) -> tuple[Scene, str]:
    """A run that did nothing, after a patch."""
    made = scene([host("h1", instance("a", 1))])
    run = asyncio.run(start_run(made.world(), Plan(), progress=made.progress, patch=patch))
    return made, run


def undo(made: Scene, run: str) -> tuple[Run, Run]:
    other = asyncio.run(rollback_run(made.world(), run, progress=made.progress))
    return told(made, run), told(made, other)


def told(made: Scene, run: str) -> Run:
    return replay(run, made.journal.records(run))


def test_old_packages_come_back_and_what_is_stale_then_is_restarted(patch: Patch) -> None:
    made, run = ended(patch)
    undone, undoing = undo(made, run)
    assert undone.state is RunState.ROLLED_BACK
    assert undoing.rollback_of == run
    assert [step.id for step in undoing.plan.steps] == ["a@h1"]
    assert undoing.plan.policy.revive_failed
    assert undoing.plan.policy.on_failure == "stop"
    ((_, changes),) = made.cloud.installed
    assert [(one.from_version, one.to_version) for one in changes] == [("1.0-2", "1.0-1")]


def test_a_run_is_rolled_back_once(patch: Patch) -> None:
    made, run = ended(patch)
    undo(made, run)
    with pytest.raises(InputError, match="was rolled back already"):
        undo(made, run)


def test_a_run_that_does_not_know_its_patch_cannot_be_undone() -> None:
    made, run = ended(None)
    with pytest.raises(InputError, match="does not know which packages"):
        undo(made, run)
    assert told(made, run).state is RunState.SUCCEEDED


def test_a_run_under_way_cannot_be_undone(patch: Patch) -> None:
    going = Run(run="r", state=RunState.RUNNING, patch=patch)
    with pytest.raises(InputError, match="insvc run abort") as fault:
        raise _with_next(going)
    assert "only a run that has ended" in fault.value.reason


def _with_next(run: Run) -> InputError:
    """The refusal with its next act in its text."""
    with pytest.raises(InputError) as fault:
        check_undoable(run)
    return InputError(fault.value.next_act, fault.value.reason, next_act="")


def test_a_missing_old_package_is_refused_before_anything_happens(tmp_path: Path) -> None:
    made, run = ended({"h1": [change("a", tmp_path)]})
    with pytest.raises(UnknownName, match=r"a 1\.0-1"):
        undo(made, run)
    assert told(made, run).state is RunState.SUCCEEDED
    assert not made.cloud.installed


def test_a_package_that_was_new_has_nothing_to_go_back_to(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="was not installed before"):
        former_packages({"h1": [change("a", tmp_path, was=None)]})


def test_a_host_that_refuses_the_old_package_fails_the_rollback(patch: Patch) -> None:
    made, run = ended(patch)
    made.cloud.refuses_install.add("h1")
    undone, undoing = undo(made, run)
    assert (undone.state, undone.outcome) == (RunState.FAILED, "failed")
    assert (undoing.state, undoing.rollback_of) == (RunState.FAILED, run)
    assert "dpkg" in undone.why


def test_a_failed_rollback_can_be_tried_again(patch: Patch) -> None:
    made, run = ended(patch)
    made.cloud.refuses_install.add("h1")
    undo(made, run)
    made.cloud.refuses_install.clear()
    undone, undoing = undo(made, run)
    assert undone.state is RunState.ROLLED_BACK
    assert undoing.run == f"{run}-rollback-2"


def test_a_newer_patch_stands_in_the_way(patch: Patch) -> None:
    made, run = ended(patch)
    made.cloud.hosts["h1"].packages["a"] = "1.0-3"
    undone, _ = undo(made, run)
    assert undone.state is RunState.FAILED
    assert "has version 1.0-3" in undone.why
    assert not made.cloud.installed


def test_a_restart_that_fails_fails_the_rollback(patch: Patch) -> None:
    made, run = ended(patch)
    made.cloud.fail.add("a@h1")
    undone, undoing = undo(made, run)
    assert undone.state is RunState.FAILED
    assert undone.why == undoing.why


def test_a_newer_controller_stops_a_rollback_at_once(patch: Patch) -> None:
    made, run = ended(patch)
    made.cloud._epochs["h1"] = 99
    with pytest.raises(Exception, match="epoch 99 was seen"):
        undo(made, run)
    assert told(made, run).state is RunState.ROLLING_BACK
    kinds = [one.kind for one in made.journal.records(run)[-2:]]
    assert kinds == [RecordKind.ROLLBACK_STARTED, RecordKind.CONTROLLER_STARTED]


def test_a_rollback_that_had_only_begun_is_finished_by_a_resume(patch: Patch) -> None:
    made, run = ended(patch)
    body = {"run": f"{run}-rollback", "why": "x"}
    record = Record(kind=RecordKind.ROLLBACK_STARTED, at=made.clock.now(), body=body)
    made.journal.append(run, made.leases.epoch, record)
    asyncio.run(resume_run(made.world(), run, progress=made.progress))
    assert told(made, run).state is RunState.ROLLED_BACK
    assert made.cloud.restarts == {"a@h1": 1}


def test_a_rollback_waits_for_a_start_that_is_still_under_way(patch: Patch) -> None:
    made = scene([host("h1", instance("a", 1))])
    plan = plan_for(made.cloud, step("a@h1"))
    run = asyncio.run(start_run(made.world(), plan, progress=made.progress, patch=patch))
    going: list[asyncio.Task[None]] = []

    async def give_up() -> None:
        await made.clock.sleep(30.0)
        failed = instance("a", state=InstanceState.FAILED, stale=False)
        made.cloud.hosts["h1"] = host("h1", failed)

    def hang() -> None:
        made.cloud.hosts["h1"] = host("h1", instance("a", 9, state=InstanceState.STARTING))
        going.append(asyncio.get_running_loop().create_task(give_up()))

    made.cloud.on_install = hang
    undone, undoing = undo(made, run)
    assert undone.state is RunState.ROLLED_BACK
    assert [one.id for one in undoing.plan.steps] == ["a@h1"]
    assert made.cloud.hosts["h1"].instances[0].state is InstanceState.RUNNING


def test_a_rollback_that_leaves_down_what_its_run_took_down_has_failed(patch: Patch) -> None:
    made = scene([host("h1", instance("a", 1), instance("b", 2, stale=False))])
    made.cloud.fail.add("a@h1")
    made.cloud.loses["a@h1"] = ("b",)

    def old_code_is_back() -> None:
        made.cloud.fail.clear()
        made.cloud.loses.clear()
        made.cloud._put("h1", instance("b", stale=False, state=InstanceState.STOPPED))

    made.cloud.on_install = old_code_is_back
    plan = plan_for(made.cloud, step("a@h1"), on_failure="rollback")
    run = asyncio.run(start_run(made.world(), plan, progress=made.progress, patch=patch))
    undone = told(made, run)
    assert undone.state is RunState.FAILED
    assert "b@h1" in undone.why


@pytest.mark.parametrize("write", range(1, 9))
@pytest.mark.parametrize("side", ["kill_before", "kill_after"])
def test_a_rollback_that_was_refused_is_failed_wherever_it_is_cut_off(
    patch: Patch, side: str, write: int
) -> None:
    made, run = ended(patch)
    made.cloud.refuses_install.add("h1")
    setattr(made.journal, side, made.journal.writes + write)
    try:
        undo(made, run)
    except Killed:
        made.crash()
        if told(made, run).state is RunState.ROLLING_BACK:
            asyncio.run(resume_run(made.world(), run, progress=made.progress))
    assert told(made, run).state is not RunState.ROLLED_BACK
    assert not made.cloud.installed
