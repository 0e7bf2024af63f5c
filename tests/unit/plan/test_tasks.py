"""`insvc.plan.tasks`: what each occupies, its turn, and the room there is."""

import pytest

from insvc.catalog.entry import Command
from insvc.errors import OverBudget
from insvc.model.words import Redundancy
from insvc.plan.needs import find_needs
from insvc.plan.policy import Policy
from insvc.plan.task import Task
from insvc.plan.tasks import estimate_of, make_rooms, make_tasks
from tests.unit.plan.sample import Cloud, entry, failed, fresh, job, stale, stopped

REVIVE = Policy(revive_failed=True)


def tasks(cloud: Cloud, policy: Policy = REVIVE) -> tuple[Task, ...]:
    view = cloud.view()
    needs, _ = find_needs(view, policy)
    return make_tasks(view, needs, policy)


def order(cloud: Cloud) -> list[str]:
    return [task.need.host for task in tasks(cloud)]


def test_first_what_is_down_then_the_standby_then_others_last_the_active() -> None:
    cloud = Cloud(entry("a")).host("controller-0", stale("a")).host("compute-0", stale("a"))
    cloud.host("compute-1", failed("a")).host("controller-1", stale("a"))
    assert order(cloud) == ["compute-1", "controller-1", "compute-0", "controller-0"]


def test_domains_stay_together_in_the_order_they_are_first_named() -> None:
    cloud = Cloud(entry("a"))
    for number, domain in enumerate(("west", "east", "west")):
        cloud.host(f"compute-{number}", stale("a"), failure_domain=domain)
    assert order(cloud) == ["compute-0", "compute-2", "compute-1"]


def test_a_job_and_a_revival_occupy_nothing() -> None:
    cloud = Cloud(entry("a"), entry("purge"))
    for task in tasks(cloud.host("compute-0", failed("a"), job("purge"))):
        assert task.occupies == ()


def test_a_restart_with_dependants_occupies_those_that_run() -> None:
    loud = entry("a", restart=(Command(run="sm-restart service a"),))
    cloud = Cloud(
        loud, entry("b", depends_on=("a",)), entry("c", depends_on=("a",)), entry("d")
    ).host("compute-0", stale("a"), fresh("b"), stopped("c"), fresh("d"), fresh("stranger"))
    (task,) = tasks(cloud)
    assert task.occupies == ("a", "b")


def test_the_room_is_what_the_budget_spares() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", failed("a"))
    cloud.host("compute-2", stale("a"))
    view = cloud.view()
    policy = Policy(max_unavailable=2)
    rooms, obstacles = make_rooms(view, tasks(cloud, policy), policy)
    assert rooms["a"].room == 1
    assert "law 5" in rooms["a"].why
    assert obstacles == []


def test_what_is_revived_leaves_its_room_to_others() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", failed("a"))
    rooms, obstacles = make_rooms(cloud.view(), tasks(cloud), REVIVE)
    assert rooms["a"].room == 1
    assert obstacles == []


def test_no_room_is_an_obstacle() -> None:
    pair = entry("a", redundancy=Redundancy.QUORUM)
    cloud = Cloud(pair).host("compute-0", stale("a")).host("compute-1", fresh("a"))
    _, obstacles = make_rooms(cloud.view(), tasks(cloud), REVIVE)
    assert [one.insist for one in obstacles] == [False]


def test_a_job_is_estimated_as_a_job() -> None:
    cloud = Cloud(entry("purge")).host("compute-0", job("purge"))
    (task,) = tasks(cloud)
    assert estimate_of(cloud.view(), task.need, Policy()).outage_s == 0.0


def test_the_dwell_is_part_of_a_restart() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"))
    (task,) = tasks(cloud)
    short = estimate_of(cloud.view(), task.need, Policy(dwell_s=0.0))
    long = estimate_of(cloud.view(), task.need, Policy(dwell_s=7.0))
    assert long.duration_s == short.duration_s + 7.0


def test_a_turn_says_why_it_is_not_the_first() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"), failure_domain="east")
    cloud.host("compute-1", stale("a")).host("controller-0", stale("a"))
    whys = [task.segment_why for task in tasks(cloud)]
    assert [why.partition("(")[2] for why in whys] == ["", "law 2)", "law 4)"]


def test_within_a_failure_domain_only_so_many_go_down() -> None:
    cloud = Cloud(entry("a"))
    for number in range(4):
        cloud.host(f"compute-{number}", stale("a"), failure_domain="east")
    plan = cloud.plan(max_unavailable=4, max_unavailable_per_domain="50%")
    assert sum(step.start_s == 0.0 for step in plan.steps) == 2
    assert "max_unavailable_per_domain 50% in east" in plan.steps[-1].reason


def test_a_domain_without_room_is_an_obstacle() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"), failure_domain="east")
    cloud.host("compute-1", failed("a"), failure_domain="east")
    policy = Policy(max_unavailable=4, max_unavailable_per_domain=1)
    _, obstacles = make_rooms(cloud.view(), tasks(cloud, policy), policy)
    assert "max_unavailable_per_domain" in obstacles[0].why


def test_preferred_hosts_and_entries_go_first_where_the_laws_leave_a_choice() -> None:
    cloud = Cloud(entry("a"), entry("b")).host("controller-0", stale("a"), stale("b"))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("a"), stale("b"))
    plan = cloud.plan(
        parallel_services=1, prefer_first=("controller-0", "compute-2", "b"), prefer_last=("a",)
    )
    of_b = [step.host for step in plan.steps if step.service == "b"]
    assert of_b == ["compute-2", "compute-0", "compute-1", "controller-0"]
    assert plan.steps[0].service == "b"


def test_an_order_says_which_member_of_a_service_goes_first() -> None:
    cloud = Cloud(entry("a")).host("controller-0", stale("a"))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("a"))
    order = ("a@controller-0", "a@compute-2", "a@compute-1")
    placed = tasks(cloud, Policy(order=order))
    found = [task.need.host for task in placed]
    # The active controller stays last (law 4); what the order does not name comes after the rest.
    assert found == ["compute-2", "compute-1", "compute-0", "controller-0"]


def test_what_stops_along_is_not_down_beside_a_peer_that_is_not_back_yet() -> None:
    loud = entry("a", restart=(Command(run="sm-restart service a"),))
    cloud = Cloud(loud, entry("b", depends_on=("a",)))
    cloud.host("compute-0", failed("b")).host("compute-1", stale("a"), fresh("b"))
    with pytest.raises(OverBudget, match="b@compute-0 is failed"):
        cloud.plan(revive_failed=True)
    assert cloud.plan(revive_failed=True, max_unavailable=2).steps


def test_a_revival_that_stops_dependants_occupies_those() -> None:
    loud = entry("a", restart=(Command(run="sm-restart service a"),))
    cloud = Cloud(loud, entry("b", depends_on=("a",))).host("compute-0", failed("a"), fresh("b"))
    (task,) = tasks(cloud)
    assert task.occupies == ("b",)


@pytest.mark.parametrize(
    ("per_domain", "domain", "occupied"),
    [(None, "east", ("a",)), (1, None, ("a",)), (1, "east", ("a", "a in east"))],
)
def test_a_domain_is_occupied_where_there_is_one_and_a_limit_for_it(
    per_domain: int | None, domain: str | None, occupied: tuple[str, ...]
) -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"), failure_domain=domain)
    (task,) = tasks(cloud, Policy(max_unavailable_per_domain=per_domain))
    assert task.occupies == occupied
