"""Controllers and agents that die in the middle of a run, on the real embedded cloud."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.bootstrap import connect
from insvc.cloud.lifecycle import start_cloud, stop_cloud
from insvc.cloud.patches import build_patch
from insvc.controller.executor import resume_run, start_run
from insvc.controller.world import World
from insvc.demo.crash import run_and_kill
from insvc.execute.run import Record, RecordKind
from insvc.flow import install_patch, observe_cloud
from insvc.model.observation import Observation
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy
from insvc.report.build import build_report
from insvc.report.report import Report
from tests.fakes.progress import FakeProgress

pytestmark = [pytest.mark.scenario, pytest.mark.slow]

PATCH = ("cinder", "horizon", "neutron-dhcp-agent")
STEPS = 7
LATE_S = 4.0


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("resume") / "cloud"
    start_cloud(directory, said=lambda _: None)
    yield directory
    stop_cloud(directory)


async def patch_and_plan(world: World) -> tuple[Observation, Plan]:
    patch = build_patch(world.directory, PATCH)
    epoch = world.lease.acquire()
    try:
        await install_patch(world.topology, world.agents, patch, epoch, FakeProgress())
    finally:
        world.lease.release()
    seen = await observe_cloud(world.topology, world.agents)
    plan = make_plan(seen, world.catalog, world.topology, Policy())
    assert len(plan.steps) == STEPS
    return seen, plan


def dwelling(plan: Plan) -> Plan:
    """The plan with so long a last step that who is to kill in it is not late."""
    last = max(plan.steps, key=lambda step: step.start_s)
    long = replace(last, dwell_s=last.dwell_s + LATE_S, end_s=last.end_s + LATE_S)
    return replace(plan, steps=tuple(long if step is last else step for step in plan.steps))


def starts(world: World) -> Counter[tuple[str, str]]:
    """How often each service came up, by the service's own log."""
    logs = (world.directory / "hosts").glob("*/log/*.log")
    return Counter(
        {(log.parents[1].name, log.stem): log.read_text().count(" ready on ") for log in logs}
    )


def judge(world: World, run: str, before: Observation, came_up: Counter[tuple[str, str]]) -> Report:
    """The report of a run that must have restarted each stale instance once and nothing else."""
    after = asyncio.run(observe_cloud(world.topology, world.agents))
    report = build_report(run, world.journal.records(run), after=after)
    assert report.outcome == "succeeded", report.why
    assert report.is_proven
    stale = {(host, one.service) for host, one in before.stale()}
    assert starts(world) - came_up == Counter(dict.fromkeys(stale, 1))
    return report


def attempts(records: tuple[Record, ...]) -> list[str]:
    return [one.step for one in records if one.kind is RecordKind.STEP_STARTED]


@pytest.mark.parametrize("after_steps", [0, STEPS // 2, STEPS - 1])
def test_a_run_whose_controller_was_killed_in_a_step_is_resumed(
    cloud: Path, after_steps: int
) -> None:
    world = connect(cloud)
    before, plan = asyncio.run(patch_and_plan(world))
    came_up = starts(world)
    plan = dwelling(plan)
    run = run_and_kill(cloud, plan, world.journal, after_steps=after_steps)
    assert asyncio.run(resume_run(world, run, progress=FakeProgress())) == run
    report = judge(world, run, before, came_up)
    assert len(report.steps) == STEPS
    controllers = [
        one for one in world.journal.records(run) if one.kind is RecordKind.CONTROLLER_STARTED
    ]
    assert len(controllers) == 2


def test_a_run_outlives_an_agent_that_is_killed_in_its_step(cloud: Path) -> None:
    world = connect(cloud)
    before, plan = asyncio.run(patch_and_plan(world))
    came_up = starts(world)
    run = asyncio.run(run_and_kill_agent(world, plan, "controller-0"))
    judge(world, run, before, came_up)


async def run_and_kill_agent(world: World, plan: Plan, host: str) -> str:
    known = {one.run for one in world.journal.runs()}
    going = asyncio.ensure_future(start_run(world, plan, progress=FakeProgress()))
    pidfile = world.directory / "hosts" / host / "run" / "agent.pid"
    victim = int(pidfile.read_text())
    while not in_step_on(world, known, host):
        assert not going.done(), "the run ended before its agent could be killed"
        await asyncio.sleep(0.01)
    os.kill(victim, signal.SIGKILL)
    run = await going
    assert int(pidfile.read_text()) != victim
    return run


def in_step_on(world: World, known: set[str], host: str) -> bool:
    for one in world.journal.runs():
        if one.run in known:
            continue
        records = world.journal.records(one.run)
        ended = {done.step for done in records if done.kind is RecordKind.STEP_ENDED}
        if any(step.endswith(f"@{host}") for step in set(attempts(records)) - ended):
            return True
    return False
