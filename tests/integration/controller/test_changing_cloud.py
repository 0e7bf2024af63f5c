"""Runs on the embedded cloud while hosts leave and packages arrive."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.deb_files import available
from insvc.bootstrap import connect
from insvc.cloud.archive import archived, archived_versions, next_version
from insvc.controller.executor import start_run
from insvc.controller.follow import followers
from insvc.controller.history import measured_so_far
from insvc.controller.patches import install
from insvc.controller.world import World
from insvc.flow import observe_cloud
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy
from insvc.plan.selection import select
from insvc.report.build import build_report
from tests.fakes.progress import FakeProgress

pytestmark = [pytest.mark.integration, pytest.mark.slow]

PACKAGE = "io-monitor-manager"


def plan_for(world: World, *names: str, policy: Policy | None = None) -> Plan:
    seen = asyncio.run(observe_cloud(world.topology, world.agents))
    chosen = select(seen, names, world.catalog, only_stale=False)
    return make_plan(chosen, world.catalog, world.topology, policy or Policy(dwell_s=0.2))


class Absence:
    """A host whose agent cannot be reached for a while: its socket is out of the way."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.aside = socket.with_suffix(".aside")

    def begin(self) -> None:
        self.socket.rename(self.aside)

    def end(self) -> None:
        if self.aside.exists():
            self.aside.rename(self.socket)


class Watcher(FakeProgress):
    """Sends a host away when the first step has ended; fetches it back once another step waits."""

    def __init__(self, absence: Absence) -> None:
        super().__init__()
        self.absence = absence

    def step_ended(self, step_id: str, outcome: str, why: str, outage_s: float | None) -> None:
        super().step_ended(step_id, outcome, why, outage_s)
        if len([line for line in self.lines if " ended " in line]) == 1:
            self.absence.begin()

    def said(self, line: str) -> None:
        super().said(line)
        if " waits: " in line:
            self.absence.end()


@contextmanager
def away(cloud: Path, host: str) -> Iterator[Absence]:
    absence = Absence(cloud / "hosts" / host / "run" / "agent.sock")
    assert absence.socket.exists()
    try:
        yield absence
    finally:
        absence.end()


def test_a_host_that_leaves_holds_back_what_would_be_one_too_many(running_cloud: Path) -> None:
    world = connect(running_cloud)
    plan = plan_for(world, "nova-compute")
    first, second = plan.steps
    with away(running_cloud, first.host) as absence:
        progress = Watcher(absence)
        run = asyncio.run(start_run(world, plan, progress=progress))
    (told,) = [line for line in progress.lines if " waits: " in line]
    assert told.startswith(f"{second.id} waits: nothing was done: taking {second.id} down")
    assert f"{first.id} is unknown" in told
    report = build_report(run, world.journal.records(run), after=None)
    assert report.outcome == "succeeded"


def test_the_next_forecast_is_what_this_run_measured(running_cloud: Path) -> None:
    world = connect(running_cloud)
    asyncio.run(start_run(world, plan_for(world, "nova-compute"), progress=FakeProgress()))
    known = measured_so_far(world)["nova-compute"]
    for step in make_plan_again(world).steps:
        assert step.expected_outage_s == known.outage_s
        assert "measured in" in step.reason


def make_plan_again(world: World) -> Plan:
    seen = asyncio.run(observe_cloud(world.topology, world.agents))
    chosen = select(seen, ("nova-compute",), world.catalog, only_stale=False)
    return make_plan(chosen, world.catalog, world.topology, Policy(), measured_so_far(world))


class Begun(FakeProgress):
    """Tells when the first step is under way."""

    def __init__(self) -> None:
        super().__init__()
        self.first = asyncio.Event()

    def step_started(self, step_id: str, attempt: int) -> None:
        super().step_started(step_id, attempt)
        self.first.set()


async def patched_meanwhile(world: World, other: World, plan: Plan, deb: Path) -> str:
    """The run, and the packages that arrive from elsewhere while it goes on."""
    progress = Begun()
    running = asyncio.create_task(start_run(world, plan, progress=progress))
    await progress.first.wait()
    done = await install(other, available([deb]), progress=FakeProgress())
    run = await running
    assert done.left_to == run
    return run


def test_packages_that_arrive_meanwhile_are_carried_out_by_a_run_that_follows(
    running_cloud: Path,
) -> None:
    world, other = connect(running_cloud), connect(running_cloud)
    plan = plan_for(world, PACKAGE, policy=Policy(on_second_patch="merge", dwell_s=0.2))
    seen = asyncio.run(observe_cloud(world.topology, world.agents))
    installed = seen.host("controller-0").packages[PACKAGE]
    version = next_version(installed, *archived_versions(running_cloud, PACKAGE))
    deb = archived(running_cloud, PACKAGE, version)
    run = asyncio.run(patched_meanwhile(world, other, plan, deb))
    (follower,) = followers(world, run)
    assert (follower.state, len(follower.plan.steps)) == ("succeeded", 2)
    after = asyncio.run(observe_cloud(world.topology, world.agents))
    assert after.stale() == ()
    assert after.host("controller-0").packages[PACKAGE] == version
    report = build_report(run, world.journal.records(run), after=replace(after))
    assert report.is_proven
