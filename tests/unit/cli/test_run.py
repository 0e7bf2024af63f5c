import json
import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from insvc.adapters.formats import dump_text
from insvc.catalog.entry import Catalog
from insvc.cli import run as module
from insvc.errors import (
    FaultyDocument,
    InputError,
    InsvcError,
    PlanOutdated,
    RunInterrupted,
    UnknownName,
    UnsafePlan,
)
from insvc.execute.run import Record, RecordKind
from insvc.plan.plan import Plan
from tests.fakes.cloud import Scene, host, instance, plan_for, scene, step


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A simulated cloud behind the command line."""
    one = scene([host("h1", instance("a", 1), instance("b", 2))])
    monkeypatch.setattr(module, "connect", lambda _: one.world())
    return one


@pytest.fixture
def plan(made: Scene, tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    document = plan_for(made.cloud, step("a@h1"), step("b@h1", "a@h1"))
    path.write_text(dump_text(document), encoding="utf-8")
    return path


def call(*arguments: object) -> Result:
    result = CliRunner().invoke(
        module.command, [str(one) for one in arguments], standalone_mode=False
    )
    if result.exception is not None:
        raise result.exception
    return result


def failing(*arguments: object) -> InsvcError:
    with pytest.raises(InsvcError) as fault:
        call(*arguments)
    return fault.value


def test_a_plan_is_carried_out_and_reported(made: Scene, plan: Path) -> None:
    result = call("start", plan)
    assert result.return_value == 0
    assert "SUCCEEDED" in result.output
    assert made.cloud.restarts == {"a@h1": 1, "b@h1": 1}


def test_the_report_of_a_run_is_json_on_demand(plan: Path) -> None:
    result = call("start", plan, "--json")
    report = json.loads(result.stdout)
    assert report["outcome"] == "succeeded"
    assert report["stale_before"] == 2
    assert [one["outcome"] for one in report["steps"]] == ["restarted", "restarted"]


def test_a_run_that_failed_ends_with_five(made: Scene, plan: Path) -> None:
    made.cloud.fail.add("a@h1")
    assert call("start", plan).return_value == 5


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_plan_that_is_cut_short_is_refused_whole(made: Scene, plan: Path, share: float) -> None:
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text[: int(len(text) * share)], encoding="utf-8")
    assert isinstance(failing("start", plan), FaultyDocument)
    assert made.journal.runs() == ()


def test_a_plan_that_is_missing_is_refused(tmp_path: Path) -> None:
    assert isinstance(failing("start", tmp_path / "none.json"), InputError)


def test_a_plan_that_no_longer_fits_is_refused(made: Scene, plan: Path) -> None:
    made.cloud.hosts["h1"] = host("h1", instance("a", 5), instance("b", 2))
    fault = failing("start", plan)
    assert isinstance(fault, PlanOutdated)
    assert fault.exit_code == 4


def test_an_interrupted_run_ends_with_130_and_is_resumed_by_name(made: Scene, plan: Path) -> None:
    made.cloud.on_act = lambda _: os.kill(os.getpid(), signal.SIGINT)
    fault = failing("start", plan)
    assert isinstance(fault, RunInterrupted)
    assert fault.exit_code == 130
    made.cloud.on_act = lambda _: None
    result = call("resume", "latest")
    assert result.return_value == 0
    assert made.cloud.restarts == {"a@h1": 1, "b@h1": 1}


def interrupted(made: Scene, plan: Path) -> str:
    made.cloud.on_act = lambda _: os.kill(os.getpid(), signal.SIGINT)
    failing("start", plan)
    made.cloud.on_act = lambda _: None
    return made.journal.runs()[0].run


def test_an_interrupted_run_can_be_aborted(made: Scene, plan: Path) -> None:
    run = interrupted(made, plan)
    result = call("abort", run)
    assert result.return_value == 0
    assert made.journal.runs()[0].state == "aborted"


def test_what_nobody_carries_on_cannot_be_paused(made: Scene, plan: Path) -> None:
    run = interrupted(made, plan)
    assert "no controller" in failing("pause", run).reason


def take_over(made: Scene, run: str) -> None:
    """A controller of another process carries the run on."""
    epoch = made.world().lease.acquire()
    body = {"pid": 1, "epoch": epoch}
    record = Record(kind=RecordKind.CONTROLLER_STARTED, at=made.clock.now(), body=body)
    made.journal.append(run, epoch, record)


def test_a_live_run_is_asked_and_not_carried_on_here(made: Scene, plan: Path) -> None:
    run = interrupted(made, plan)
    take_over(made, run)
    assert f"insvc run resume {run}" in call("pause", run).output
    assert made.journal.runs()[0].state == "paused"
    assert "the run's own controller" in call("resume", run).output
    assert made.journal.runs()[0].state == "running"
    assert call("abort", run, "--json").stdout == ""
    assert made.journal.runs()[0].state == "aborting"


def test_a_rollback_needs_to_know_what_was_installed(plan: Path) -> None:
    call("start", plan)
    assert "which packages" in failing("rollback", "latest").reason


def test_a_run_is_shown_as_text_and_as_json(plan: Path) -> None:
    call("start", plan)
    assert "a@h1  restarted" in call("show", "latest").output
    told = json.loads(call("show", "latest", "--json").stdout)
    assert told["state"] == "succeeded"


def test_runs_are_listed_as_text_and_as_json(plan: Path) -> None:
    assert "No run yet" in call("list").output
    call("start", plan)
    assert "2 of 2 ended" in call("list").output
    (told,) = json.loads(call("list", "--json").stdout)["runs"]
    assert (told["state"], told["live"], told["steps"], told["ended"]) == ("succeeded", False, 2, 2)


@pytest.mark.parametrize("verb", ["show", "pause", "resume", "abort", "rollback"])
def test_a_run_that_nobody_knows_is_named(verb: str) -> None:
    fault = failing(verb, "nonsense")
    assert isinstance(fault, UnknownName)
    assert fault.subject == "nonsense"


def test_an_empty_plan_succeeds(tmp_path: Path) -> None:
    path = tmp_path / "empty.json"
    path.write_text(dump_text(Plan()), encoding="utf-8")
    assert call("start", path).return_value == 0


def test_a_host_that_joined_meanwhile_is_named_with_what_is_stale_there(
    made: Scene, plan: Path
) -> None:
    made.cloud.on_act = lambda _: made.cloud.hosts.update({"h9": host("h9", instance("c", 9))})
    report = json.loads(call("start", plan, "--json").stdout)
    assert report["outcome"] == "succeeded"
    assert [one["host"] for one in report["stale_after"]] == ["h9"]
    assert report["notes"][0].startswith("h9 joined, or came back, after the run had begun")


@pytest.mark.parametrize(("fails", "code"), [(False, 0), (True, 5)])
def test_a_run_is_told_with_the_run_that_followed_it(
    made: Scene, tmp_path: Path, *, fails: bool, code: int
) -> None:
    steps = (step("a@h1"), step("b@h1", "a@h1"))
    document = plan_for(made.cloud, *steps, on_second_patch="merge")
    path = tmp_path / "merge.json"
    path.write_text(dump_text(document), encoding="utf-8")

    def replace_again(name: str) -> None:
        if name == "b@h1":
            made.cloud.on_act = lambda _: None
            made.cloud.hosts["h1"] = host("h1", instance("a", 77), instance("b", 2))
            if fails:
                made.cloud.fail.add("a@h1")

    made.cloud.on_act = replace_again
    done = call("start", path, "--json")
    report = json.loads(done.stdout)
    state = "failed" if fails else "succeeded"
    assert report["notes"][-1] == f"run {report['run']}-follow-up followed it up: {state}"
    assert done.return_value == code


def test_a_plan_is_judged_by_the_catalog_it_was_made_with(
    made: Scene, plan: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    other.write_text(dump_text(Catalog(name="other")), "utf-8")
    fault = failing("start", plan, "--catalog", other)
    assert isinstance(fault, UnsafePlan)
    assert "is in no entry of the catalog" in fault.reason
    assert made.journal.runs() == ()
