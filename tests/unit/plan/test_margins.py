"""`insvc.plan.margins`: what must come before a step and after it."""

from insvc.catalog.entry import AvoidTogether, Before, Command, Entry
from insvc.model.words import Action
from insvc.plan.energy import Job
from insvc.plan.margins import Margins, make_margins, services_ms
from insvc.plan.needs import find_needs
from insvc.plan.policy import Policy
from insvc.plan.precedence import order_entries
from insvc.plan.task import Room
from insvc.plan.tasks import make_rooms, make_tasks
from tests.unit.plan.sample import Cloud, entry, failed, fresh, job, stale

ONE = 2300
"""How long one restart takes here, in milliseconds."""


def margins(cloud: Cloud, policy: Policy | None = None) -> Margins:
    chosen = policy or Policy()
    view = cloud.view()
    needs, _ = find_needs(view, chosen)
    acts = [need for need in needs if need.action is not Action.NEXT_RUN]
    tasks = make_tasks(view, needs, chosen)
    rooms, _ = make_rooms(view, tasks, chosen)
    precedence = order_entries(view, acts)
    return make_margins(tasks, precedence, view.active, rooms, chosen.parallel_services, {})


def pair(*entries: Entry) -> Margins:
    """Two controllers that have stale instances of everything."""
    names = [one.name for one in entries]
    cloud = Cloud(*entries).host("controller-0", *map(stale, names))
    return margins(cloud.host("controller-1", *map(stale, names)))


def test_a_chain_of_prerequisites_comes_before_and_after() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)), entry("c", depends_on=("b",)))
    found = margins(cloud.host("compute-0", *map(stale, "abc")))
    assert found.heads == {"a@compute-0": 0, "b@compute-0": ONE, "c@compute-0": 2 * ONE}
    assert found.tails == {"a@compute-0": 2 * ONE, "b@compute-0": ONE, "c@compute-0": 0}


def test_the_members_of_a_service_take_their_rooms_one_after_the_other() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("a"), stale("b"))
    assert margins(cloud).heads["b@compute-0"] == 3 * ONE
    assert margins(cloud, Policy(max_unavailable=2)).heads["b@compute-0"] == 2 * ONE
    assert margins(cloud, Policy(max_unavailable=2)).tails["a@compute-0"] == 2 * ONE


def test_the_services_of_an_entry_share_the_lanes_of_their_host() -> None:
    cloud = Cloud(entry("a", "a1", "a2", "a3"), entry("b", depends_on=("a",)))
    cloud.host("compute-0", *map(stale, ("a1", "a2", "a3", "b")))
    assert margins(cloud).heads["b@compute-0"] == 2 * ONE
    assert margins(cloud, Policy(parallel_services=3)).heads["b@compute-0"] == ONE


def test_what_is_down_comes_back_first_and_the_active_host_goes_last() -> None:
    cloud = Cloud(entry("a")).host("controller-0", stale("a")).host("controller-1", stale("a"))
    cloud.host("compute-0", failed("a"))
    found = margins(cloud, Policy(revive_failed=True))
    back = found.heads["a@controller-1"]
    assert found.heads == {
        "a@compute-0": 0,
        "a@controller-1": back,
        "a@controller-0": back + ONE,
    }
    assert found.tails == {"a@compute-0": 2 * ONE, "a@controller-1": ONE, "a@controller-0": 0}


def test_an_order_on_the_active_controller_counts_there() -> None:
    rule = Before(entries=("b",), where="active-controller")
    found = pair(entry("a", special_handling=(rule,)), entry("b"))
    # On the standby each has only its own turn before the active host's.
    assert found.heads["a@controller-1"] == found.heads["b@controller-1"] == 0
    assert found.heads["b@controller-0"] == 2 * ONE
    assert found.tails["a@controller-0"] == ONE
    assert found.tails["a@controller-1"] == 2 * ONE


def test_what_must_not_meet_on_the_active_controller_counts_from_everywhere_else() -> None:
    rule = AvoidTogether(entries=("b",))
    found = pair(entry("a", special_handling=(rule,)), entry("b"))
    assert found.heads["b@controller-0"] == 2 * ONE
    assert found.heads["b@controller-1"] == 0
    assert found.tails["a@controller-0"] == ONE


def test_the_same_the_other_way_round_counts_onto_everything() -> None:
    rule = AvoidTogether(entries=("a",))
    other = entry("b", depends_on=("c",), special_handling=(rule,))
    found = pair(entry("a"), entry("c", depends_on=("a",)), other)
    # b on any host waits for c everywhere, which waits for a everywhere: two turns each.
    assert found.heads["b@controller-1"] == 4 * ONE
    assert found.tails["a@controller-0"] == 4 * ONE


def test_a_look_at_a_job_has_no_margins() -> None:
    cloud = Cloud(entry("a"), entry("j", depends_on=("a",)))
    found = margins(cloud.host("compute-0", stale("a"), job("j")))
    assert set(found.heads) == set(found.tails) == {"a@compute-0"}


def test_a_task_is_a_job_between_its_margins() -> None:
    cloud = Cloud(entry("a"), entry("j")).host("compute-0", stale("a"), job("j"))
    view = cloud.view()
    a, j = make_tasks(view, find_needs(view, Policy())[0], Policy())[::-1]
    found = Margins(heads={"a@compute-0": 7}, tails={"a@compute-0": 9})
    assert {found.job(a), found.job(j)} == {Job(ONE, head=7, tail=9), Job(500)}


def test_a_place_rests_between_two_steps_and_not_after_the_last() -> None:
    cloud = Cloud(entry("a"))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("a"))
    view = cloud.view()
    tasks = make_tasks(view, find_needs(view, Policy())[0], Policy())
    rooms = {"a": Room(room=1, why="", soak_s=60.0)}
    jobs = [(task, Job(ONE, head=5, tail=6)) for task in tasks]
    assert max(services_ms(jobs, rooms, {})) == 5 + 3 * ONE + 2 * 60_000 + 6
    wide = {"a": Room(room=3, why="", soak_s=60.0)}
    assert max(services_ms(jobs, wide, {})) == 5 + ONE + 6


def test_an_order_that_leads_to_nothing_on_the_active_controller_takes_no_time() -> None:
    for rule in (AvoidTogether(entries=("b",)), Before(entries=("b",), where="active-controller")):
        cloud = Cloud(entry("a", special_handling=(rule,)), entry("b"))
        cloud.host("controller-0", stale("a")).host("controller-1", stale("a"), stale("b"))
        assert margins(cloud).tails == {
            "a@controller-1": ONE,
            "a@controller-0": 0,
            "b@controller-1": 0,
        }


def test_what_stops_along_needs_no_pause() -> None:
    loud = entry("a", restart=(Command(run="sm-restart service a"),))
    cloud = Cloud(loud, entry("b", depends_on=("a",)))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("a"), fresh("b"))
    view = cloud.view()
    tasks = make_tasks(view, find_needs(view, Policy())[0], Policy())
    rooms = {name: Room(room=1, why="", soak_s=5.0) for name in "ab"}
    jobs = [(task, Job(ONE)) for task in tasks]
    assert [task.occupies for task in tasks] == [("a", "b")] * 3
    assert sorted(services_ms(jobs, rooms, {})) == [3 * ONE, 3 * ONE, 3 * ONE + 2 * 5000]


def test_one_failure_domain_comes_after_the_other() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"), failure_domain="east")
    cloud.host("compute-1", stale("a"), failure_domain="west")
    found = margins(cloud, Policy(max_unavailable=2))
    assert found.heads == {"a@compute-0": 0, "a@compute-1": ONE}
    assert found.tails == {"a@compute-0": ONE, "a@compute-1": 0}


def test_what_is_done_later_than_all_tasks_takes_no_time_after_them() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    view = cloud.host("compute-0", stale("a"), stale("b")).view()
    needs, _ = find_needs(view, Policy())
    tasks = make_tasks(view, needs, Policy())
    rooms, _ = make_rooms(view, tasks, Policy())
    before = [task for task in tasks if task.need.service == "a"]
    found = make_margins(before, order_entries(view, needs), view.active, rooms, 2, {})
    assert found.tails == {"a@compute-0": 0}
