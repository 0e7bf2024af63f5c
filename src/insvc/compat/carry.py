"""Restart services of one host as a run of its own: planned, judged, carried out, told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from insvc.bootstrap import connect
from insvc.check.plan_check import OUR_DEFECT, check_plan, refuse_unsafe
from insvc.compat.choice import Choice, choose, in_the_way, is_passing, with_dependants
from insvc.compat.code import Code, Result
from insvc.compat.flags import Flags
from insvc.compat.place import Place
from insvc.controller.executor import start_run
from insvc.controller.runs import is_live, read_run
from insvc.controller.second import open_run
from insvc.controller.world import World
from insvc.errors import PlanRefused, RunInterrupted, WorldError
from insvc.flow import observe_cloud, observe_host
from insvc.model.observation import Observation
from insvc.model.words import Manager
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy
from insvc.plan.selection import select
from insvc.report.build import build_report
from insvc.report.report import StepReport

PATIENCE_S = 120.0
"""How long another run is waited for, and no longer."""
_STEADY_S = 30.0
_LOOK_EVERY_S = 0.25


class Quiet:
    """The port `Progress` for commands that say nothing while they work."""

    def step_started(self, step_id: str, attempt: int) -> None:
        """Nothing."""

    def step_ended(self, step_id: str, outcome: str, why: str, outage_s: float | None) -> None:
        """Nothing."""

    def said(self, line: str) -> None:
        """Nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What a command was asked to restart.

    Attributes:
        names: entries or services.
        manager: only its services are meant; absent means those of all.
        takes_dependants: whether what depends on them goes along; as documented where absent.
        at_once: how many may be restarted at a time.
        once: what was restarted under this patch already is left alone.
    """

    names: tuple[str, ...]
    manager: Manager | None = None
    takes_dependants: bool | None = None
    at_once: int = 1
    once: bool = False


async def restart(place: Place, wish: Wish) -> list[Result]:
    """Restart what the wish names on that host, and wait for its end.

    Returns:
        One result for each service that the names mean, and for each name that means none here.

    Raises:
        WorldError: the cloud cannot be worked on now.
    """
    world = connect(place.cloud)
    seen = await _look_when_steady(world, place, wish)
    here, flags = seen.host(place.host), Flags(place.flags)
    choice = choose(wish.names, here, world.catalog, wish.manager)
    done = [one for one in choice.services if wish.once and flags.is_done(one, here)]
    wanted = [one for one in choice.services if one not in done]
    said = "was restarted under this patch already"
    results = [*choice.left, *(Result(name=one, code=Code.DONE, said=said) for one in done)]
    reason = in_the_way(wanted, here, world.catalog, _under_way(world, place.host))
    if reason is not None:
        return [*results, *(_refused(one, reason) for one in wanted)]
    told = await _carry_out(world, seen, place.host, wanted, wish) if wanted else []
    if wish.once:
        await _note(world, place.host, flags, told)
    return [*results, *told]


async def foresee(place: Place, wish: Wish) -> Choice:
    """What `restart` would begin now, and what it would leave alone or refuse; nothing is done."""
    world = connect(place.cloud)
    seen = await observe_cloud(world.topology, world.agents)
    here = seen.host(place.host)
    choice = choose(wish.names, here, world.catalog, wish.manager)
    if not choice.services:
        return choice
    reason = in_the_way(choice.services, here, world.catalog, _under_way(world, place.host))
    if reason is not None:
        return _all_refused(choice, reason)
    try:
        _, plan = _plan(world, seen, place.host, choice.services, wish)
    except PlanRefused as fault:
        return _all_refused(choice, fault.reason)
    begun = {one.service for one in plan.steps if one.host == place.host}
    told = (_result(one, place.host, plan, ()) for one in choice.services if one not in begun)
    services = tuple(one for one in choice.services if one in begun)
    return Choice(services=services, left=(*choice.left, *told))


def _all_refused(choice: Choice, reason: str) -> Choice:
    return Choice(left=(*choice.left, *(_refused(one, reason) for one in choice.services)))


async def _note(world: World, host: str, flags: Flags, told: Sequence[Result]) -> None:
    """Note which of them were restarted, by what runs of them now."""
    after = await observe_host(host, world.agents)
    for result in told:
        one = after.instance(result.name)
        if result.code is Code.DONE and one is not None:
            flags.note(result.name, one.processes)


async def _look_when_steady(world: World, place: Place, wish: Wish) -> Observation:
    """What is there once nothing of it is on its way up or down, or it has been too long."""
    until = world.clock.now() + _STEADY_S
    while True:
        seen = await observe_cloud(world.topology, world.agents)
        if not is_passing(wish.names, seen.host(place.host), world.catalog):
            return seen
        if world.clock.now() >= until:
            return seen
        await world.clock.sleep(_LOOK_EVERY_S)


def _under_way(world: World, host: str) -> Collection[str]:
    """Services of the host that a run has still to restart, or does at this moment."""
    opened = open_run(world)
    if opened is None or not is_live(world, opened):
        return ()
    run = read_run(world, opened.run)
    steps = (one for one in run.plan.steps if one.host == host)
    return [one.service for one in steps if not run.steps[one.id].state.is_over]


async def _carry_out(
    world: World, seen: Observation, host: str, services: Sequence[str], wish: Wish
) -> list[Result]:
    try:
        world, plan = _plan(world, seen, host, services, wish)
        return await _run_and_tell(world, plan, host, services, len(seen.stale()))
    except PlanRefused as fault:
        return [_refused(one, fault.reason) for one in services]


async def _run_and_tell(
    world: World, plan: Plan, host: str, services: Sequence[str], stale: int
) -> list[Result]:
    try:
        steps = await _run_after_others(world, plan, stale)
    except RunInterrupted as stopped:
        return _interrupted(world, plan, host, services, stopped)
    return [_result(one, host, plan, steps) for one in services]


def _plan(
    world: World, seen: Observation, host: str, services: Sequence[str], wish: Wish
) -> tuple[World, Plan]:
    """How these are restarted, and the world with the catalog by which that was planned.

    Raises:
        PlanRefused: they may not be restarted so.
    """
    if wish.takes_dependants is not None:
        changed = with_dependants(world.catalog, services, wanted=wish.takes_dependants)
        world = replace(world, catalog=changed)
    chosen = select(seen, [f"{one}@{host}" for one in services], world.catalog, only_stale=False)
    policy = Policy(on_failure="continue", parallel_services=wish.at_once)
    plan = make_plan(chosen, world.catalog, world.topology, policy)
    refuse_unsafe(check_plan(plan, chosen, world.catalog, world.topology), OUR_DEFECT)
    return world, plan


def _interrupted(
    world: World, plan: Plan, host: str, services: Sequence[str], stopped: RunInterrupted
) -> list[Result]:
    """What had become of each of them when somebody stopped the run."""
    opened = open_run(world)
    if opened is None or read_run(world, opened.run).plan != plan:
        raise stopped
    steps = build_report(opened.run, world.journal.records(opened.run), after=None).steps
    begun = {one.service for one in steps if one.host == host and one.outcome is not None}
    said = f"was not restarted: interrupted before its turn; {stopped.next_act}"
    return [
        _result(one, host, plan, steps)
        if one in begun
        else Result(name=one, code=Code.INTERRUPTED, said=said)
        for one in services
    ]


async def _run_after_others(world: World, plan: Plan, stale: int) -> tuple[StepReport, ...]:
    """Run the plan once no other run is carried on: commands called at once follow one another.

    Raises:
        WorldError: the cloud cannot be worked on, or the others take too long.
    """
    until = world.clock.now() + PATIENCE_S
    while True:
        while world.lease.holder() is not None and world.clock.now() < until:
            await world.clock.sleep(_LOOK_EVERY_S)
        try:
            return await _run(world, plan, stale)
        except WorldError:
            if world.lease.holder() is None or world.clock.now() >= until:
                raise


async def _run(world: World, plan: Plan, stale: int) -> tuple[StepReport, ...]:
    if not plan.steps:
        return ()
    run = await start_run(world, plan, progress=Quiet(), stale_before=stale)
    return build_report(run, world.journal.records(run), after=None).steps


def _result(service: str, host: str, plan: Plan, steps: Sequence[StepReport]) -> Result:
    found = [one for one in steps if (one.service, one.host) == (service, host)]
    if not found:
        reasons = [one.reason for one in plan.omitted if one.service == service]
        return _refused(service, reasons[0] if reasons else "no step was planned for it")
    step = found[0]
    if step.outcome is not None and step.outcome.is_success:
        away = "" if step.outage_s is None else f", was away {step.outage_s:.2f} s"
        return Result(name=service, code=Code.DONE, said=f"restarted{away}")
    planned = next(one for one in plan.steps if one.id == step.id)
    took_s = (step.end_s or 0.0) - (step.start_s or 0.0)
    code = Code.TIMEOUT if took_s >= planned.timeout_s else Code.FAILED
    return Result(name=service, code=code, said=f"{step.outcome or 'not begun'}: {step.why}")


def _refused(name: str, reason: str) -> Result:
    return Result(name=name, code=Code.REFUSED, said=f"was not restarted: {reason}")
