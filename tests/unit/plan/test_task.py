"""`insvc.plan.task`: what is not said of a task is the least."""

from insvc.plan.durations import Estimate
from insvc.plan.needs import find_needs
from insvc.plan.policy import Policy
from insvc.plan.task import Placed, Room, Task
from tests.unit.plan.sample import Cloud, entry, stale


def test_a_bare_task_occupies_nothing_and_waits_for_nobody() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"))
    (need,), _ = find_needs(cloud.view(), Policy())
    task = Task(need=need, estimate=Estimate(duration_s=1.0, outage_s=0.5, timeout_s=9.0))
    placed = Placed(task=task, start_s=0.0, end_s=1.0, least_start_s=0.0, least_end_s=1.0)
    assert task.occupies == ()
    assert task.segment == (0, 0, 0)
    assert placed.after == {}
    assert task.soak_s == placed.soak_s == Room(room=1, why="law").soak_s == 0.0
