import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.controller.executor import find_run, new_run_id, resume_run, rollback_run, start_run
from insvc.errors import (
    FaultyDocument,
    InputError,
    PlanOutdated,
    RunInterrupted,
    StaleEpoch,
    UnknownName,
    UnsafePlan,
    WorldError,
)
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run, replay
from insvc.execute.transitions import RunState
from insvc.flow import Patch
from insvc.plan.plan import Plan
from tests.fakes.cloud import Scene, change, host, instance, plan_for, scene, step
from tests.fakes.journal import Killed
from tests.fakes.lease import FakeLease


def two_hosts() -> tuple[Scene, Plan]:
    made = scene([host("h1", instance("a", 1), instance("b", 2)), host("h2", instance("a", 3))])
    return made, plan_for(made.cloud, step("a@h1"), step("a@h2", "a@h1"), step("b@h1", "a@h2"))


def start(made: Scene, plan: Plan, patch: Patch | None = None, stale_before: int = 0) -> Run:
    run = asyncio.run(
        start_run(
            made.world(), plan, progress=made.progress, patch=patch, stale_before=stale_before
        )
    )
    return replay(run, made.journal.records(run))


def test_every_step_of_a_plan_is_carried_out_in_order() -> None:
    made, plan = two_hosts()
    told = start(made, plan, stale_before=3)
    assert (told.outcome, told.stale_before) == ("succeeded", 3)
    assert made.cloud.order == ["a@h1", "a@h2", "b@h1"]
    assert made.cloud.restarts == {"a@h1": 1, "a@h2": 1, "b@h1": 1}


def test_an_empty_plan_is_a_run_that_succeeds() -> None:
    made, _ = two_hosts()
    assert start(made, Plan()).outcome == "succeeded"
    assert not made.cloud.order


def test_the_lease_and_the_prober_are_given_back() -> None:
    made, plan = two_hosts()
    start(made, plan)
    assert made.leases.holder is None
    assert made.prober.closed == 1


def test_a_second_controller_is_refused_and_nothing_is_written() -> None:
    made, plan = two_hosts()
    FakeLease(made.leases).acquire()
    with pytest.raises(WorldError, match="held by"):
        start(made, plan)
    assert made.journal.runs() == ()


def test_a_plan_that_contradicts_itself_is_refused_whole() -> None:
    made, plan = two_hosts()
    broken = replace(plan, steps=plan.steps[1:])
    with pytest.raises(FaultyDocument) as fault:
        start(made, broken)
    assert fault.value.faults == ("step a@h2: waits for a@h1, which is no step of the plan",)
    assert made.journal.runs() == ()


def test_a_plan_that_no_longer_fits_is_refused_with_what_changed() -> None:
    made, plan = two_hosts()
    made.cloud.hosts["h1"] = host("h1", instance("a", 77), instance("b", 2))
    with pytest.raises(PlanOutdated, match="a@h1: runs as pid 77"):
        start(made, plan)
    assert made.journal.runs() == ()
    assert made.leases.holder is None


def test_a_failure_stops_the_rollout_and_is_no_exception() -> None:
    made, plan = two_hosts()
    made.cloud.fail.add("a@h2")
    told = start(made, plan)
    assert told.state is RunState.FAILED
    assert told.why.startswith("a@h2 ended failed: manager-done")
    assert made.cloud.order == ["a@h1", "a@h2"]


def test_runs_of_the_same_second_have_different_ids() -> None:
    made, _ = two_hosts()
    one, two = start(made, Plan()).run, start(made, Plan()).run
    assert one == "20261122-120000"
    assert two == "20261122-120000-2"
    assert new_run_id(made.world()) == "20261122-120000-3"


def test_a_run_is_found_by_id_or_as_the_latest() -> None:
    made, _ = two_hosts()
    with pytest.raises(UnknownName, match="none yet"):
        find_run(made.world(), "latest")
    one, two = start(made, Plan()).run, start(made, Plan()).run
    assert find_run(made.world(), "latest") == two
    assert find_run(made.world(), one) == one
    with pytest.raises(UnknownName, match=two):
        find_run(made.world(), "nonsense")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_after_the_step_in_hand_and_says_how_to_go_on(
    number: signal.Signals,
) -> None:
    made, plan = two_hosts()

    def twice(_: str) -> None:
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)

    made.cloud.on_act = twice
    with pytest.raises(RunInterrupted) as stopped:
        start(made, plan)
    (run,) = made.journal.runs()
    assert stopped.value.next_act == f"go on with `insvc run resume {run.run}`"
    assert made.cloud.restarts == {"a@h1": 1}
    records = made.journal.records(run.run)
    assert records[-1].kind is RecordKind.CONTROLLER_STOPPED
    assert "stopping already: the step in hand must end first" in made.progress.lines
    made.cloud.on_act = lambda _: None
    asyncio.run(resume_run(made.world(), run.run, progress=made.progress))
    assert replay(run.run, made.journal.records(run.run)).outcome == "succeeded"
    assert made.cloud.restarts == {"a@h1": 1, "a@h2": 1, "b@h1": 1}


def test_a_signal_during_the_last_step_leaves_a_run_that_has_ended() -> None:
    made = scene([host("h1", instance("a", 1))])
    made.cloud.on_act = lambda _: os.kill(os.getpid(), signal.SIGINT)
    told = start(made, plan_for(made.cloud, step("a@h1")))
    assert told.outcome == "succeeded"


def test_a_signal_before_the_first_record_leaves_nothing_behind() -> None:
    made, plan = two_hosts()
    made.cloud.on_look = lambda _: made.interrupt()
    with pytest.raises(RunInterrupted, match="nothing was done"):
        start(made, plan)
    assert made.journal.runs() == ()
    assert not made.cloud.order


def test_a_run_that_has_ended_is_not_resumed() -> None:
    made, plan = two_hosts()
    run = start(made, plan).run
    with pytest.raises(InputError, match="has ended"):
        asyncio.run(resume_run(made.world(), run, progress=made.progress))


def test_a_run_that_does_not_exist_is_not_resumed() -> None:
    made, _ = two_hosts()
    with pytest.raises(UnknownName):
        asyncio.run(resume_run(made.world(), "r", progress=made.progress))


def test_a_newer_controller_stops_this_one_at_once() -> None:
    made, plan = two_hosts()

    def usurp(_: str) -> None:
        run = made.journal.runs()[0].run
        body = {"pid": 99, "epoch": 50}
        made.journal.append(
            run, 50, Record(kind=RecordKind.CONTROLLER_STARTED, at=made.clock.now(), body=body)
        )

    made.cloud.on_act = usurp
    with pytest.raises(StaleEpoch):
        start(made, plan)
    assert made.cloud.order == ["a@h1"]
    kinds = [one.kind for one in made.journal.records(made.journal.runs()[0].run)]
    assert kinds[-1] is RecordKind.CONTROLLER_STARTED


def patched(folder: Path) -> Patch:
    """A patch of a and b on h1 whose old package files are at hand."""
    for name in ("a", "b"):
        (folder / f"{name}_1.0-1_all.deb").touch()
    return {"h1": [change("a", folder), change("b", folder)]}


def one_host() -> tuple[Scene, Plan]:
    made = scene([host("h1", instance("a", 1), instance("b", 2))])
    policy = {"on_failure": "rollback", "parallel_services": 1}
    return made, plan_for(made.cloud, step("a@h1"), step("b@h1", "a@h1"), **policy)


def test_the_policy_rollback_undoes_a_failed_run(tmp_path: Path) -> None:
    made, plan = one_host()
    made.cloud.fail.add("b@h1")
    made.cloud.on_install = made.cloud.fail.clear
    told = start(made, plan, patch=patched(tmp_path))
    assert (told.state, told.outcome) == (RunState.ROLLED_BACK, "rolled-back")
    undoing = replay(str(told.rollback_run), made.journal.records(str(told.rollback_run)))
    assert undoing.rollback_of == told.run
    assert undoing.outcome == "succeeded"
    assert made.cloud.hosts["h1"].packages == {"a": "1.0-1", "b": "1.0-1"}
    assert made.cloud.restarts["b@h1"] == 1


def test_a_run_without_a_known_patch_is_not_rolled_back_by_policy() -> None:
    made, plan = one_host()
    made.cloud.fail.add("b@h1")
    assert start(made, plan).state is RunState.FAILED


def test_a_rollback_by_hand_returns_the_run_that_undid_it(tmp_path: Path) -> None:
    made, plan = one_host()
    run = start(made, plan, patch=patched(tmp_path)).run
    undoing = asyncio.run(rollback_run(made.world(), run, progress=made.progress))
    assert undoing == f"{run}-rollback"
    assert replay(run, made.journal.records(run)).state is RunState.ROLLED_BACK


@pytest.mark.parametrize("write", range(1, 16))
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_kill_anywhere_in_a_rollback_is_survived(write: int, side: str, tmp_path: Path) -> None:
    made, plan = one_host()
    run = start(made, plan, patch=patched(tmp_path)).run
    restarted = dict(made.cloud.restarts)
    number = made.journal.writes + write
    if side == "before":
        made.journal.kill_before = number
    else:
        made.journal.kill_after = number
    try:
        asyncio.run(rollback_run(made.world(), run, progress=made.progress))
    except Killed:
        made.crash()
        told = replay(run, made.journal.records(run))
        again = rollback_run if told.state is RunState.SUCCEEDED else resume_run
        if told.state is not RunState.ROLLED_BACK:
            asyncio.run(again(made.world(), run, progress=made.progress))
    assert replay(run, made.journal.records(run)).state is RunState.ROLLED_BACK
    assert made.cloud.restarts == {name: count + 1 for name, count in restarted.items()}


def test_resuming_the_undoing_run_finishes_the_one_it_undoes(tmp_path: Path) -> None:
    made, plan = one_host()
    run = start(made, plan, patch=patched(tmp_path)).run
    made.cloud.on_act = lambda _: os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(RunInterrupted) as stopped:
        asyncio.run(rollback_run(made.world(), run, progress=made.progress))
    assert stopped.value.subject == f"run {run}"
    made.cloud.on_act = lambda _: None
    carried = asyncio.run(resume_run(made.world(), f"{run}-rollback", progress=made.progress))
    assert carried == run
    assert replay(run, made.journal.records(run)).state is RunState.ROLLED_BACK


def test_a_plan_that_would_break_a_law_is_not_begun() -> None:
    made = scene([host("h1", instance("a", 1)), host("h2", instance("a", 2))])
    plan = plan_for(made.cloud, step("a@h1"), step("a@h2"))
    with pytest.raises(UnsafePlan, match="a@h1 and a@h2 may be down together"):
        asyncio.run(start_run(made.world(), plan, progress=made.progress))
    assert made.journal.runs() == ()
    assert not made.cloud.order
