import asyncio

from insvc.controller.executor import start_run
from insvc.execute.state import replay
from tests.fakes.cloud import host, instance, plan_for, scene, step


def test_every_step_of_a_plan_is_carried_out_in_order() -> None:
    made = scene([host("h1", instance("a", 1), instance("b", 2)), host("h2", instance("a", 3))])
    plan = plan_for(made.cloud, step("a@h1"), step("a@h2", "a@h1"), step("b@h1", "a@h2"))
    run = asyncio.run(start_run(made.world(), plan, progress=made.progress, stale_before=3))
    told = replay(run, made.journal.records(run))
    assert told.outcome == "succeeded"
    assert made.cloud.order == ["a@h1", "a@h2", "b@h1"]
    assert made.cloud.restarts == {"a@h1": 1, "a@h2": 1, "b@h1": 1}
