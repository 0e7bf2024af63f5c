"""`insvc restart`."""

import asyncio
import dataclasses
from pathlib import Path

import click
from rich.console import Console

from insvc.adapters.formats import dump_text
from insvc.adapters.places import world_directory
from insvc.adapters.progress import make_progress
from insvc.bootstrap import connect
from insvc.check.plan_check import OUR_DEFECT, check_plan, refuse_unsafe
from insvc.cli.improving import chosen_solver, improve_options
from insvc.cli.inputs import choose_policy
from insvc.cli.options import world_options
from insvc.cli.run import report_now
from insvc.controller.executor import start_run
from insvc.controller.history import measured_so_far
from insvc.controller.patches import unclaimed
from insvc.controller.second import make_way
from insvc.controller.world import World
from insvc.errors import InputError
from insvc.flow import observe_cloud
from insvc.model.observation import Observation
from insvc.plan.improve import improve_plan
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan
from insvc.plan.selection import dead, select
from insvc.report.plan_text import forecast_table, plan_table
from insvc.report.report import Report
from insvc.report.text import render

_RUN_FAILED = 5
_HOW_TO_START = (
    "mend it, then start it by its manager, or give a policy that says `revive_failed: true`"
)


@click.command("restart")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@world_options
@click.option("--stale", "only_stale", is_flag=True, help="Only what runs replaced code.")
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What the plan may do.",
)
@click.option("--allow-lock", is_flag=True, help="Lock hosts where nothing less is possible.")
@click.option(
    "--unlock",
    multiple=True,
    metavar="HOST",
    help="Bring this locked host back into service first.",
)
@improve_options
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON; needs --yes.")
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    names: tuple[str, ...],
    cloud: Path | None,
    only_stale: bool,
    policy_file: Path | None,
    allow_lock: bool,
    unlock: tuple[str, ...],
    improve: bool,
    improve_within: float | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Plan, show, ask and restart in one go.

    NAME is an entry (cinder), a service (cinder-api) or one instance (ceph-mon@storage-0). With no
    NAME, everything that runs replaced code is restarted.
    """
    if as_json and not yes:
        raise InputError(
            "--json", "there is nobody to ask before the restart", next_act="add --yes"
        )
    solve = chosen_solver(improve=improve, within=improve_within)
    world = connect(world_directory(cloud))
    policy = choose_policy(policy_file, world)
    policy = dataclasses.replace(
        policy,
        allow_lock=policy.allow_lock or allow_lock,
        unlock=(*policy.unlock, *unlock),
    )
    console = Console(stderr=as_json)
    with make_progress(Plan(), console) as progress:
        asyncio.run(make_way(world, progress, only_live=True))
    seen = asyncio.run(observe_cloud(world.topology, world.agents))
    chosen = select(seen, names, world.catalog, only_stale=only_stale or not names)
    history = measured_so_far(world)
    plan = make_plan(chosen, world.catalog, world.topology, policy, history)
    if solve is not None:
        plan = improve_plan(plan, chosen, world.catalog, world.topology, history, solve)
    refuse_unsafe(check_plan(plan, chosen, world.catalog, world.topology), OUR_DEFECT)
    _show(plan, console)
    left = set(dead(seen, names, world.catalog)) - {one.id for one in plan.steps}
    for one in sorted(left):
        click.echo(f"{one} does not run, so it was not restarted: {_HOW_TO_START}", err=True)
    if not plan.steps or not (yes or click.confirm("Carry this out?", default=False)):
        return _RUN_FAILED if left else 0
    report = _carry_out(world, plan, seen, console)
    if as_json:
        click.echo(dump_text(report), nl=False)
    else:
        click.echo(render(report))
    return 0 if report.outcome == "succeeded" and not left else _RUN_FAILED


def _show(plan: Plan, console: Console) -> None:
    for part in (plan_table(plan), forecast_table(plan)):
        console.print(part, markup=False, highlight=False, soft_wrap=True)
        console.print()


def _carry_out(world: World, plan: Plan, seen: Observation, console: Console) -> Report:
    patch, stale = unclaimed(world, seen), len(seen.stale())
    with make_progress(plan, console) as progress:
        starting = start_run(world, plan, progress=progress, patch=patch, stale_before=stale)
        run = asyncio.run(starting)
    return report_now(world, run)
