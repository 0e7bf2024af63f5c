"""`insvc plan`."""

import dataclasses
import shutil
from pathlib import Path

import click

from insvc.adapters.formats import dump_text
from insvc.adapters.report_files import write_text
from insvc.check.plan_check import OUR_DEFECT, check_plan, refuse_unsafe
from insvc.cli.improving import chosen_solver, improve_options
from insvc.cli.inputs import choose_catalog, choose_policy, look_at
from insvc.cli.options import world_options
from insvc.controller.history import measured_so_far
from insvc.plan.improve import improve_plan
from insvc.plan.plan import Plan
from insvc.plan.planner import make_folded_plan
from insvc.plan.policy import Limit
from insvc.plan.selection import select
from insvc.plan.turns import write_out
from insvc.report.plan_text import explain, forecast_table, gantt, plan_table

_FILE = click.Path(path_type=Path, dir_okay=False)
_PATH = click.Path(path_type=Path)
_WIDTH = 100


@click.command("plan")
@click.argument("names", nargs=-1, metavar="[SERVICE]...")
@world_options
@click.option("--topology", type=_FILE, metavar="FILE", help="Offline: the hosts.")
@click.option("--observation", type=_FILE, metavar="FILE", help="Offline: what was seen on them.")
@click.option("--catalog", "catalog_path", type=_PATH, metavar="PATH", help="Use this catalog.")
@click.option("--page", type=_FILE, metavar="FILE", help="Know only what this page says.")
@click.option("--policy", "policy_file", type=_FILE, metavar="FILE", help="What the plan may do.")
@click.option("--allow-lock", is_flag=True, help="Lock hosts where nothing less is possible.")
@click.option(
    "--unlock",
    multiple=True,
    metavar="HOST",
    help="Bring this locked host back into service first.",
)
@click.option("--max-unavailable", metavar="N|N%", help="Instances of a service down at once.")
@improve_options
@click.option("--folded", is_flag=True, help="Leave hosts that are alike together, as lines.")
@click.option("--json", "as_json", is_flag=True, help="The plan as an insvc-plan/1 document.")
@click.option("--explain", "explains", is_flag=True, help="Why each step, and why no other.")
@click.option("--gantt/--no-gantt", "draws", default=True, help="Draw the steps over time.")
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Write the plan there too.")
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    names: tuple[str, ...],
    cloud: Path | None,
    topology: Path | None,
    observation: Path | None,
    catalog_path: Path | None,
    page: Path | None,
    policy_file: Path | None,
    allow_lock: bool,
    unlock: tuple[str, ...],
    max_unavailable: str | None,
    improve: bool,
    improve_within: float | None,
    folded: bool,
    as_json: bool,
    explains: bool,
    draws: bool,
    output: Path | None,
) -> None:
    """Decide what to restart, in which order, and what it costs. Nothing is touched.

    SERVICE is an entry (cinder), a service (cinder-api) or one instance (ceph-mon@storage-0); with
    none, everything that runs replaced code is planned. The plan is made from the running cloud,
    or from the files given by --topology and --observation.

    Of many hosts that are alike, one is planned for all, and each gets its turn. With --folded they
    stay together: a line says which hosts, what is done on each, and how many at once.

    Exits with 4 where no plan is possible, and says what stands in the way.
    """
    solve = chosen_solver(improve=improve, within=improve_within)
    hosts, seen, world = look_at(cloud, topology, observation)
    catalog = choose_catalog(catalog_path, page, world)
    history = {} if world is None else measured_so_far(world)
    policy = choose_policy(policy_file, world)
    if allow_lock:
        policy = dataclasses.replace(policy, allow_lock=True)
    policy = dataclasses.replace(policy, unlock=(*policy.unlock, *unlock))
    if max_unavailable is not None:
        policy = dataclasses.replace(policy, max_unavailable=_limit(max_unavailable))
    chosen = select(seen, names, catalog, only_stale=True)
    plan = make_folded_plan(chosen, catalog, hosts, policy, history)
    if solve is not None:
        plan = improve_plan(write_out(plan), chosen, catalog, hosts, history, solve)
    refuse_unsafe(check_plan(plan, chosen, catalog, hosts), next_act=OUR_DEFECT)
    plan = plan if folded else write_out(plan)
    if output is not None:
        write_text(output, dump_text(plan))
    if as_json:
        click.echo(dump_text(plan), nl=False)
    else:
        click.echo(_render(plan, explains=explains, draws=draws), nl=False)


def _limit(written: str) -> Limit:
    """A count where it is one; anything else is judged with the policy."""
    try:
        return int(written)
    except ValueError:
        return written


def _render(plan: Plan, *, explains: bool, draws: bool) -> str:
    if explains:
        return "\n".join([plan_table(plan), explain(plan)])
    parts = [plan_table(plan)]
    if plan.count_steps():
        width = min(shutil.get_terminal_size((_WIDTH, 24)).columns, 160)
        parts += [gantt(plan, width)] if draws else []
        parts += [forecast_table(plan)]
    return "\n".join(parts)
