"""What arrives while a run is open: refused, or made to wait, as that run's policy says."""

import asyncio

import pytest

from insvc.controller.executor import start_run
from insvc.controller.second import make_way, open_run
from insvc.controller.world import World
from insvc.errors import WorldError
from insvc.execute.run import Record, RecordKind
from insvc.plan.plan import Plan
from tests.fakes.cloud import Scene, host, instance, plan_for, scene, step
from tests.fakes.journal import Killed


def one_step(**policy: object) -> tuple[Scene, Plan]:
    made = scene([host("h1", instance("a", 1), instance("b", 2))])
    return made, plan_for(made.cloud, step("a@h1"), **policy)


async def both(made: Scene, world: World, first: Plan, second: Plan) -> list[object]:
    """Two runs, the second begun while the first is in its step."""
    begun = asyncio.Event()
    made.cloud.on_act = lambda _: begun.set()
    running = asyncio.create_task(start_run(made.world(), first, progress=made.progress))
    await begun.wait()
    starting = start_run(world, second, progress=made.progress)
    return list(await asyncio.gather(running, starting, return_exceptions=True))


def test_a_run_that_arrives_during_another_is_refused_and_told_which() -> None:
    made, first = one_step()
    second = plan_for(made.cloud, step("b@h1"))
    run, refusal = asyncio.run(both(made, made.world(), first, second))
    assert isinstance(refusal, WorldError)
    assert str(refusal).startswith(f"run {run}: is running, and its policy refuses")
    assert str(run) in refusal.next_act
    assert made.cloud.order == ["a@h1"]


@pytest.mark.parametrize("policy", ["queue", "merge"])
def test_a_run_that_arrives_during_another_waits_for_its_end(policy: str) -> None:
    made, first = one_step(on_second_patch=policy)
    second = plan_for(made.cloud, step("b@h1"))
    one, two = asyncio.run(both(made, made.world(), first, second))
    assert (made.cloud.order, one == two) == (["a@h1", "b@h1"], False)
    assert {each.state for each in made.journal.runs()} == {"succeeded"}
    assert made.progress.lines.count(f"waits until run {one} has ended") == 1


def test_a_run_that_nobody_carries_on_is_in_the_way_of_packages_only() -> None:
    made, first = one_step(on_second_patch="queue")
    made.cloud.kill_after.add("a@h1")
    with pytest.raises(Killed):
        asyncio.run(start_run(made.world(), first, progress=made.progress))
    made.crash()
    world = made.world()
    asyncio.run(make_way(world, made.progress, only_live=True))
    with pytest.raises(WorldError, match="no controller carries it on") as refusal:
        asyncio.run(make_way(world, made.progress))
    assert "insvc run resume" in refusal.value.next_act


def test_runs_that_have_ended_are_in_nobodys_way() -> None:
    made, first = one_step()
    assert open_run(made.world()) is None
    asyncio.run(start_run(made.world(), first, progress=made.progress))
    assert open_run(made.world()) is None
    asyncio.run(make_way(made.world(), made.progress))


def test_a_newer_run_that_has_ended_does_not_hide_an_older_one_that_is_open() -> None:
    made, first = one_step()
    asyncio.run(start_run(made.world(), first, progress=made.progress))
    older = Record(kind=RecordKind.CREATED, at=1.0, body=_created(made))
    made.journal.append("older", 9, older)
    opened = open_run(made.world())
    assert opened is not None
    assert opened.run == "older"


def _created(made: Scene) -> dict[str, object]:
    run = made.journal.runs()[0].run
    return dict(made.journal.records(run)[0].body)
