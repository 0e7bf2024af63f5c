"""`insvc check`."""

import asyncio
import json
from dataclasses import asdict, replace
from pathlib import Path

import click

from insvc.adapters.formats import load, read_text
from insvc.adapters.places import world_directory
from insvc.bootstrap import connect
from insvc.check.plan_check import check_plan
from insvc.check.run_check import check_run, seen_before
from insvc.check.violation import UNDECIDED, Violation
from insvc.cli.inputs import choose_catalog, look_at
from insvc.cli.options import world_options
from insvc.controller.executor import find_run
from insvc.controller.runs import outline_run
from insvc.controller.world import World
from insvc.errors import InputError
from insvc.flow import observe_cloud
from insvc.model.observation import Observation
from insvc.plan.plan import Plan
from insvc.plan.policy import Policy
from insvc.plan.selection import select

_FILE = click.Path(path_type=Path, dir_okay=False)
_PATH = click.Path(path_type=Path)
_BROKEN = 4


@click.command("check")
@click.argument("plan", required=False, type=_FILE, metavar="[PLAN]")
@world_options
@click.option("--run", "run", metavar="RUN", help="Check what a run did, by its records.")
@click.option("--topology", type=_FILE, metavar="FILE", help="Offline: the hosts.")
@click.option("--observation", type=_FILE, metavar="FILE", help="What was seen before.")
@click.option("--catalog", "catalog_path", type=_PATH, metavar="PATH", help="Use this catalog.")
@click.option("--page", type=_FILE, metavar="FILE", help="Know only what this page says.")
@click.option("--policy", "policy_file", type=_FILE, metavar="FILE", help="What was allowed.")
@click.option("--only", multiple=True, metavar="SERVICE", help="What the plan was narrowed to.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    plan: Path | None,
    cloud: Path | None,
    run: str | None,
    topology: Path | None,
    observation: Path | None,
    catalog_path: Path | None,
    page: Path | None,
    policy_file: Path | None,
    only: tuple[str, ...],
    as_json: bool,
) -> int:
    """Judge a plan, or a run, against every law, whatever made it.

    PLAN is a file that `insvc plan --json` wrote. It is judged at every instant and for every order
    in which its steps may end: what a step waits for by name counts, and its pause, never a time.
    Only start limits and maintenance windows are judged by the planned times; windows need to know
    when the run begins: from --observation, or from the policy's starts_at. The laws are checked
    against the running cloud, or against the files given by --topology and --observation. The
    policy is the plan's own, unless another is given. A plan that was made for some services alone
    is checked with the same names: --only cinder --only nova-api.

    With --run, the records of a run (an id, or `latest`) are judged instead, by what really
    overlapped and when it did.

    Exits with 0 where every law holds, and with 4 and a counter-example in words where not, or
    where no bounded search could tell.
    """
    if (plan is None) == (run is None):
        raise InputError(
            "PLAN and --run",
            "one of them is expected, and no more",
            next_act="name a plan's file, or a run with --run",
        )
    if plan is None:
        world = connect(world_directory(cloud))
        world = replace(world, catalog=choose_catalog(catalog_path, page, world))
        return _check_run(world, str(run), observation, as_json=as_json)
    document = load(Plan, read_text(plan), str(plan))
    if policy_file is not None:
        policy = load(Policy, read_text(policy_file), str(policy_file))
        document = replace(document, policy=policy)
    hosts, seen, world_seen = look_at(cloud, topology, observation)
    catalog = choose_catalog(catalog_path, page, world_seen)
    chosen = select(seen, only, catalog, only_stale=True)
    is_dated = observation is not None or document.policy.starts_at is not None
    found = check_plan(document, chosen, catalog, hosts, is_dated=is_dated)
    return _tell(str(plan), document.count_steps(), found, as_json=as_json)


def _check_run(world: World, run: str, observation: Path | None, *, as_json: bool) -> int:
    name = find_run(world, run)
    plan = outline_run(world, name).plan
    if observation is None:
        seen = seen_before(plan, asyncio.run(observe_cloud(world.topology, world.agents)))
    else:
        seen = load(Observation, read_text(observation), str(observation))
    found = check_run(plan, world.journal.records(name), world.catalog, world.topology, seen)
    return _tell(f"run {name}", len(plan.steps), found, as_json=as_json)


def _count(found: tuple[Violation, ...]) -> str:
    undecided = sum(one.code == UNDECIDED for one in found)
    broken = len(found) - undecided
    noun = "violation" if broken == 1 else "violations"
    told = (f"{broken} {noun}" if broken else "", f"{undecided} undecided" if undecided else "")
    return ", ".join(filter(None, told))


def _tell(subject: str, steps: int, found: tuple[Violation, ...], *, as_json: bool) -> int:
    if as_json:
        rows = [asdict(one) for one in found]
        told = {"subject": subject, "steps": steps, "sound": not found, "violations": rows}
        click.echo(json.dumps(told, indent=2))
    elif not found:
        noun = "step" if steps == 1 else "steps"
        click.echo(f"{subject}: {steps} {noun}, every law holds at every instant.")
    else:
        click.echo(f"{subject}: {_count(found)}.")
        for one in found:
            click.echo(f"  {one.code}  {one.subject}: {one.reason}")
    return _BROKEN if found else 0
