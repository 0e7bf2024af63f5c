"""A swact instead of many restarts in place, carried out on the embedded cloud."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.catalog_files import builtin
from insvc.bootstrap import connect
from insvc.catalog.entry import Catalog, ClearSessions, Command
from insvc.catalog.layers import Amendment, Layer, overlay
from insvc.check.run_check import check_run, seen_before
from insvc.cloud.patches import build_patch
from insvc.cloud.services import TABLE
from insvc.controller.executor import start_run
from insvc.controller.history import measured_so_far
from insvc.controller.world import World
from insvc.flow import install_patch, observe_cloud
from insvc.model.observation import Observation
from insvc.model.words import Action, InstanceState, Manager, Outcome, Redundancy, Role
from insvc.plan.plan import Plan, Step
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy
from insvc.report.build import build_report
from insvc.report.claims import make_claims
from tests.fakes.progress import FakeProgress

pytestmark = [pytest.mark.integration, pytest.mark.slow]

BY_ESTIMATE = Policy(swact="by-estimate", dwell_s=0.2)


def site() -> Catalog:
    """What is known here: a restart of what takes turns takes along what depends on it."""
    catalog = builtin("titanium")
    amended = tuple(
        Amendment(name=one.name, restart=(Command(run=f"sm-restart service {one.name}"),))
        for one in catalog.entries
        if one.redundancy is Redundancy.ACTIVE_STANDBY and one.managed_by is Manager.SM
    )
    return overlay(catalog, Layer(name="whole trees", level="site", entries=amended))


def nearly_all(catalog: Catalog) -> list[str]:
    """Everything that sm moves but what has sessions to clear."""
    rows = [one for one in TABLE if one.manager is Manager.SM]
    entries = {one.entry: catalog.entry(one.entry) for one in rows}
    return [
        one.name
        for one in rows
        if (entry := entries[one.entry]) is not None
        and not any(isinstance(rule, ClearSessions) for rule in entry.special_handling)
    ]


def look(world: World) -> Observation:
    return asyncio.run(observe_cloud(world.topology, world.agents))


async def patched(world: World, cloud: Path, names: list[str]) -> None:
    patch = build_patch(cloud, names)
    epoch = world.lease.acquire()
    try:
        await install_patch(world.topology, world.agents, patch, epoch, FakeProgress())
    finally:
        world.lease.release()


def carry_out(world: World, plan: Plan, stale_before: int = 0) -> str:
    started = start_run(world, plan, progress=FakeProgress(), stale_before=stale_before)
    return asyncio.run(started)


def bare_swact(host: str, to_host: str) -> Plan:
    step = Step(
        id=f"swact@{host}",
        host=host,
        to_host=to_host,
        action=Action.SWACT,
        reason="a person wants it",
        end_s=5.0,
    )
    return Plan(policy=Policy(), steps=(step,), makespan_s=5.0)


def active_of(seen: Observation) -> str:
    return next(one.host for one in seen.hosts if one.role is Role.ACTIVE)


@pytest.fixture
def world(running_cloud: Path) -> Iterator[World]:
    """The cloud after a swact that was measured; its first controller is active again after it."""
    world = connect(running_cloud, catalog=site())
    carry_out(world, bare_swact("controller-0", "controller-1"))
    yield world
    if active_of(look(world)) != "controller-0":
        carry_out(world, bare_swact("controller-1", "controller-0"))


def test_one_swact_cures_nearly_all_of_the_active_controller(
    world: World, running_cloud: Path
) -> None:
    asyncio.run(patched(world, running_cloud, nearly_all(world.catalog)))
    before = look(world)
    stale = {service.service for _, service in before.stale()}
    assert len(stale) >= 25
    plan = make_plan(before, world.catalog, world.topology, BY_ESTIMATE, measured_so_far(world))
    (swact,) = plan.steps
    assert (swact.id, swact.to_host) == ("swact@controller-1", "controller-0")
    assert set(swact.cures) == stale
    assert swact.cost_s < swact.instead_s
    run = carry_out(world, plan, len(stale))
    after = look(world)
    assert active_of(after) == "controller-0"
    assert after.stale() == ()
    for service in stale:
        one = after.host("controller-0").instance(service)
        assert one is not None
        assert one.state is InstanceState.RUNNING
    records = world.journal.records(run)
    report = build_report(run, records, after=after)
    assert report.outcome == "succeeded"
    assert report.is_proven
    assert [one.outcome for one in report.steps] == [Outcome.DONE]
    claims = make_claims(report)
    assert f"{len(stale)} of {len(stale)} run there with the installed code" in str(claims)
    assert all(one.holds is not False for one in claims)
    assert check_run(plan, records, world.catalog, world.topology, seen_before(plan, after)) == ()
