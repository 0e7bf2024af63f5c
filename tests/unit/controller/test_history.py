import asyncio

from insvc.controller.executor import start_run
from insvc.controller.history import measured_so_far
from insvc.ports import Outage
from tests.fakes.cloud import ACT_S, host, instance, plan_for, scene, step


def test_a_cloud_without_runs_teaches_nothing() -> None:
    assert measured_so_far(scene([host("h1")]).world()) == {}


def test_only_the_newest_runs_teach() -> None:
    made = scene([host("h1", instance("a", 1))])
    world = made.world()
    one = step("a@h1", endpoint="127.0.0.1:80")
    for number in range(6):
        until = 10.0 + number
        made.prober.sees["127.0.0.1:80"] = (
            Outage(from_at=10.0, until_at=until, resolution_s=0.01),
        )
        made.cloud.hosts["h1"] = host("h1", instance("a", 1))
        plan = plan_for(made.cloud, one)
        made.clock.advance(1.0)
        asyncio.run(start_run(world, plan, progress=made.progress))
    found = measured_so_far(world)["a"]
    assert (found.outage_s, found.runs) == (3.0, 5)
    assert found.took_s <= ACT_S
