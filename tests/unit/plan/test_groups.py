"""`insvc.plan.groups`: whom a task waits for as a whole."""

from insvc.catalog.entry import AvoidTogether, Before
from insvc.plan.groups import Groups
from insvc.plan.needs import find_needs
from insvc.plan.policy import Policy
from insvc.plan.precedence import order_entries
from insvc.plan.task import Placed, Task
from insvc.plan.tasks import make_rooms, make_tasks
from tests.unit.plan.sample import Cloud, entry, job, stale

POLICY = Policy()


def grouped(cloud: Cloud) -> tuple[Groups, dict[str, Task]]:
    view = cloud.view()
    needs, _ = find_needs(view, POLICY)
    tasks = make_tasks(view, needs, POLICY)
    rooms, _ = make_rooms(view, tasks, POLICY)
    groups = Groups(tasks, order_entries(view, needs), view.active, rooms, view.counts)
    return groups, {task.need.id: task for task in tasks}


def placed(task: Task, start_s: float, *after: str) -> Placed:
    duration_s = task.estimate.duration_s
    return Placed(
        task=task,
        start_s=start_s,
        end_s=start_s + duration_s,
        least_start_s=0.0,
        least_end_s=duration_s,
        after=dict.fromkeys(after, "why"),
    )


def enter(groups: Groups, one: Placed) -> bool:
    return groups.enter(one, one.end_s)


def test_a_task_waits_until_the_whole_group_has_its_place() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    cloud.host("compute-0", stale("a"), stale("b")).host("compute-1", stale("a"))
    groups, tasks = grouped(cloud)
    b = tasks["b@compute-0"]
    assert not groups.is_open(b)
    assert not enter(groups, placed(tasks["a@compute-0"], 0.0))
    assert enter(groups, placed(tasks["a@compute-1"], 2.2, "a@compute-0"))
    assert groups.is_open(b)
    ((group, gate),) = groups.gates(b)
    assert list(group.tails) == ["a@compute-1"]
    assert group.end_s == 2.2 + tasks["a@compute-1"].estimate.duration_s
    assert gate.first == "a"


def test_the_least_end_counts_the_work_of_a_service_over_its_room() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", stale("a"))
    groups, tasks = grouped(cloud)
    assert groups.least_end_s() == 0.0
    for task in tasks.values():
        enter(groups, placed(task, 0.0))
    assert groups.least_end_s() == sum(task.estimate.duration_s for task in tasks.values())


def test_a_job_belongs_to_no_group_and_waits_for_none() -> None:
    cloud = Cloud(entry("a"), entry("purge", depends_on=("a",)))
    groups, tasks = grouped(cloud.host("compute-0", stale("a"), job("purge")))
    assert groups.is_open(tasks["purge@compute-0"])
    assert not enter(groups, placed(tasks["purge@compute-0"], 0.0))


def test_rules_of_the_active_host_leave_other_hosts_alone() -> None:
    rules = (
        Before(entries=("b",), where="active-controller"),
        AvoidTogether(entries=("c",)),
    )
    cloud = Cloud(entry("a", special_handling=rules), entry("b"), entry("c"))
    for name in ("controller-0", "controller-1"):
        cloud.host(name, stale("a"), stale("b"), stale("c"))
    groups, tasks = grouped(cloud)
    assert groups.is_open(tasks["b@controller-1"])
    assert groups.is_open(tasks["c@controller-1"])
    enter(groups, placed(tasks["a@controller-0"], 0.0))
    assert groups.is_open(tasks["b@controller-0"])
    assert not groups.is_open(tasks["c@controller-0"])


def test_what_is_to_be_off_the_active_hosts_first_is_waited_for_there_only() -> None:
    cloud = Cloud(
        entry("a", depends_on=("b",), special_handling=(AvoidTogether(entries=("d",)),)),
        entry("b", special_handling=(Before(entries=("a",), where="active-controller"),)),
        entry("d", special_handling=(Before(entries=("b",), where="active-controller"),)),
    )
    for name in ("controller-0", "controller-1"):
        cloud.host(name, stale("a"), stale("b"), stale("d"))
    groups, tasks = grouped(cloud)
    waits = [(gate.first, group.left) for group, gate in groups.gates(tasks["a@controller-1"])]
    assert waits == [("b", 2), ("d", 1)]


def test_a_short_group_ends_when_its_last_step_does() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    groups, tasks = grouped(cloud.host("compute-0", stale("a"), stale("b")))
    first = tasks["a@compute-0"]
    brief = Placed(task=first, start_s=0.0, end_s=0.25, least_start_s=0.0, least_end_s=0.25)
    enter(groups, brief)
    ((group, _),) = groups.gates(tasks["b@compute-0"])
    assert group.end_s == 0.25
