"""`insvc run start | show | list | pause | resume | abort | rollback`."""

import asyncio
import json
from collections.abc import Callable, Collection, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from insvc.adapters.formats import dump_text, load, read_text
from insvc.adapters.places import world_directory
from insvc.adapters.progress import make_progress
from insvc.bootstrap import connect
from insvc.check.line_form import check_form
from insvc.check.plan_check import refuse_unsafe
from insvc.cli.inputs import choose_catalog
from insvc.cli.options import world_options
from insvc.cli.run_text import run_document, run_table, runs_table
from insvc.controller.executor import find_run, rollback_run, start_run
from insvc.controller.follow import followers
from insvc.controller.patches import unclaimed
from insvc.controller.runs import is_live, outline_run, read_run
from insvc.controller.wishes import abort_run, continue_run, pause_run
from insvc.controller.world import World
from insvc.execute.transitions import RunState
from insvc.flow import observe_cloud
from insvc.plan.plan import Plan
from insvc.plan.turns import write_out
from insvc.ports import Progress
from insvc.report.build import build_report
from insvc.report.report import Report
from insvc.report.text import render

_RUN_FAILED = 5
_FILE = click.Path(path_type=Path, dir_okay=False)
_PATH = click.Path(path_type=Path)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
run_argument = click.argument("run", metavar="RUN")


@click.group("run")
def command() -> None:
    """Carry out a plan; show, pause, resume, abort or undo it.

    RUN is a run's id or `latest`.
    """


@command.command("start")
@click.argument("plan", type=_FILE, metavar="PLAN")
@world_options
@click.option("--catalog", "catalog_path", type=_PATH, metavar="PATH", help="Made with this one.")
@click.option("--page", type=_FILE, metavar="FILE", help="Made with this page.")
@json_option
def start(
    plan: Path, cloud: Path | None, catalog_path: Path | None, page: Path | None, as_json: bool
) -> int:
    """Carry out the plan in this file until it has ended.

    The plan is judged first, by the catalog it was made with, against what runs now.

    Exit code 0: every step reached its goal; 4: the plan no longer fits what runs or would break a
    law, nothing was done; 5: a step failed; 130: stopped by Ctrl-C after the step in hand.
    """
    document = load(Plan, read_text(plan), str(plan))
    refuse_unsafe(tuple(check_form(document)), next_act="make the plan again with `insvc plan`")
    document = write_out(document)
    world = connect(world_directory(cloud))
    if catalog_path is not None or page is not None:
        world = replace(world, catalog=choose_catalog(catalog_path, page, world))

    async def act(progress: Progress) -> str:
        seen = await observe_cloud(world.topology, world.agents)
        return await start_run(
            world,
            document,
            progress=progress,
            patch=unclaimed(world, seen),
            stale_before=len(seen.stale()),
        )

    return _carry(world, document, act, as_json=as_json)


@command.command("resume")
@run_argument
@world_options
@json_option
def resume(run: str, cloud: Path | None, as_json: bool) -> int:
    """Go on with a paused run, or carry on here one whose controller has gone."""
    world = connect(world_directory(cloud))
    name = find_run(world, run)

    async def act(progress: Progress) -> str | None:
        return name if await continue_run(world, name, progress=progress) else None

    return _carry(world, outline_run(world, name).plan, act, as_json=as_json)


@command.command("abort")
@run_argument
@world_options
@json_option
def abort(run: str, cloud: Path | None, as_json: bool) -> int:
    """Start no further step and end the run; the steps in hand end first."""
    world = connect(world_directory(cloud))
    name = find_run(world, run)

    async def act(progress: Progress) -> str | None:
        return name if await abort_run(world, name, progress=progress) else None

    plan = outline_run(world, name).plan
    return _carry(world, plan, act, as_json=as_json, good={"aborted", "succeeded"})


@command.command("rollback")
@run_argument
@world_options
@json_option
def rollback(run: str, cloud: Path | None, as_json: bool) -> int:
    """Put the old packages back and restart what is stale then, as a run of its own."""
    world = connect(world_directory(cloud))
    name = find_run(world, run)

    async def act(progress: Progress) -> str:
        return await rollback_run(world, name, progress=progress)

    return _carry(world, Plan(), act, as_json=as_json)


@command.command("pause")
@run_argument
@world_options
def pause(run: str, cloud: Path | None) -> None:
    """Let the steps in hand end and start no other until the run is resumed."""
    world = connect(world_directory(cloud))
    name = find_run(world, run)
    pause_run(world, name)
    click.echo(f"run {name} pauses after the steps in hand; go on with `insvc run resume {name}`")


@command.command("show")
@run_argument
@world_options
@json_option
def show(run: str, cloud: Path | None, as_json: bool) -> None:
    """How far a run has come, step by step."""
    world = connect(world_directory(cloud))
    told = read_run(world, find_run(world, run))
    if as_json:
        click.echo(json.dumps(run_document(told, live=is_live(world, told)), indent=2))
    else:
        click.echo(run_table(told, live=is_live(world, told)), nl=False)


@command.command("list")
@world_options
@json_option
def list_runs(cloud: Path | None, as_json: bool) -> None:
    """Every run of this cloud, newest first."""
    world = connect(world_directory(cloud))
    runs = [(one, is_live(world, outline_run(world, one.run))) for one in world.journal.runs()]
    if as_json:
        rows = [
            {"run": one.run, "state": one.state, "live": live, "created_at": one.created_at}
            | {"steps": one.steps, "ended": one.ended}
            for one, live in runs
        ]
        click.echo(json.dumps({"runs": rows}, indent=2))
    else:
        click.echo(runs_table(runs), nl=False)


def _carry(
    world: World,
    plan: Plan,
    act: Callable[[Progress], Coroutine[Any, Any, str | None]],
    *,
    as_json: bool,
    good: Collection[str] = ("succeeded",),
) -> int:
    """Act with live progress, then print the report of the run that was carried on, if one was."""
    with make_progress(plan, Console(stderr=as_json)) as progress:
        run = asyncio.run(act(progress))
    if run is None:
        click.echo("asked; the run's own controller acts on it", err=as_json)
        return 0
    report = report_now(world, run)
    click.echo(dump_text(report) if as_json else render(report), nl=False)
    if any(one.state is not RunState.SUCCEEDED for one in followers(world, run)):
        return _RUN_FAILED
    return 0 if report.outcome in good else _RUN_FAILED


def report_now(world: World, run: str) -> Report:
    """The report of a run with what the hosts look like now, those that joined meanwhile too."""
    now = connect(world.directory)
    after = asyncio.run(observe_cloud(now.topology, now.agents))
    notes = [f"run {one.run} followed it up: {one.state}" for one in followers(world, run)]
    return build_report(run, world.journal.records(run), after=after, notes=notes)
