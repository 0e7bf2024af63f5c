"""`insvc.plan.puzzle`: the order of a plan's steps as a puzzle."""

from insvc.catalog.entry import AvoidTogether, Before, Entry
from insvc.model.words import Action, Role
from insvc.plan.needs import find_needs
from insvc.plan.plan import Step
from insvc.plan.policy import Policy, Window
from insvc.plan.precedence import Gate, Scope, order_entries
from insvc.plan.puzzle import Limit, Puzzle, make_puzzle
from insvc.plan.tasks import make_rooms, make_tasks
from tests.unit.plan.sample import Cloud, entry, failed, fresh, job, stale


def puzzle_of(cloud: Cloud, **fields: object) -> Puzzle:
    """The puzzle of everything that the cloud needs, one step after the other if not said."""
    policy = Policy(**fields)  # type: ignore[arg-type]
    view = cloud.view()
    needs, _ = find_needs(view, policy)
    acts = [need for need in needs if need.action is not Action.NEXT_RUN]
    tasks = make_tasks(view, needs, policy)
    rooms, _ = make_rooms(view, tasks, policy)
    plan = cloud.plan(policy)
    steps = [plan.step(task.need.id) for task in tasks]
    return make_puzzle(view, tasks, rooms, order_entries(view, acts).gates, policy, steps)


def chains(puzzle: Puzzle) -> set[tuple[str, str]]:
    """Each pair that is ordered, as text."""
    return {
        (puzzle.ids[first], puzzle.ids[then])
        for firsts, thens in puzzle.chains
        for first in firsts
        for then in thens
    }


def limits(puzzle: Puzzle) -> list[tuple[int, set[str]]]:
    return [
        (one.room, {"+".join(puzzle.ids[at] for at in member) for member in one.members})
        for one in puzzle.limits
    ]


def pair(*entries: Entry) -> Cloud:
    """Two controllers that have stale instances of everything."""
    names = [one.name for one in entries]
    cloud = Cloud(*entries)
    return cloud.host("controller-0", *map(stale, names)).host("controller-1", *map(stale, names))


def test_lengths_and_starts_are_those_of_the_plan() -> None:
    cloud = Cloud(entry("a"), entry("b")).host("compute-0", stale("a"), stale("b"))
    puzzle = puzzle_of(cloud, parallel_services=1)
    assert puzzle.ids == ("a@compute-0", "b@compute-0")
    assert puzzle.lengths == (2300, 2300)
    assert puzzle.starts == (0, 2300)
    assert puzzle.is_loose
    assert puzzle.least == 0


def test_starts_count_from_the_first_step() -> None:
    cloud = Cloud(entry("a"), entry("b")).host("compute-0", stale("a"), stale("b"))
    windows = (Window(opens=20.0, closes=70.0),)
    assert puzzle_of(cloud, parallel_services=1, windows=windows).starts == (0, 2300)


def test_a_host_takes_so_many_steps_at_once() -> None:
    cloud = Cloud(entry("a"), entry("b"), entry("c"))
    cloud.host("compute-0", *map(stale, "abc")).host("compute-1", stale("a"), stale("b"))
    found = limits(puzzle_of(cloud, max_unavailable=2))
    assert found == [(2, {"a@compute-0", "b@compute-0", "c@compute-0"})]


def test_a_service_has_room_for_so_many() -> None:
    cloud = Cloud(entry("a"))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("a"))
    everywhere = {"a@compute-0", "a@compute-1", "a@compute-2"}
    assert limits(puzzle_of(cloud)) == [(1, everywhere)]
    assert limits(puzzle_of(cloud, max_unavailable=2)) == [(2, everywhere)]
    assert limits(puzzle_of(cloud, max_unavailable=3)) == []


def test_hosts_take_turns_in_the_pieces_they_have_in_the_plan() -> None:
    cloud = Cloud(entry("a"), entry("b"), entry("c"))
    for number in range(2):
        cloud.host(f"compute-{number}", *map(stale, "abc"))
    puzzle = puzzle_of(cloud, max_unavailable=2, parallel_hosts={"worker": 1})
    pieces = {f"a@{host}+b@{host}" for host in ("compute-0", "compute-1")}
    assert (1, {*pieces, "c@compute-0", "c@compute-1"}) in limits(puzzle)
    assert not puzzle.is_loose


def test_hosts_that_all_have_a_slot_take_no_turns() -> None:
    cloud = Cloud(entry("a"))
    for number in range(2):
        cloud.host(f"compute-{number}", stale("a"))
    puzzle = puzzle_of(cloud, max_unavailable=2, parallel_hosts={"worker": 2, "storage": 1})
    assert limits(puzzle) == []
    assert puzzle.is_loose


def test_what_others_depend_on_ends_before_they_start() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    cloud.host("compute-0", stale("a"), stale("b")).host("compute-1", stale("b"))
    puzzle = puzzle_of(cloud)
    assert chains(puzzle) == {("a@compute-0", "b@compute-0"), ("a@compute-0", "b@compute-1")}
    assert len(puzzle.chains) == 1


def test_an_order_on_the_active_controller_holds_there_only() -> None:
    rule = Before(entries=("b",), where="active-controller")
    found = chains(puzzle_of(pair(entry("a", special_handling=(rule,)), entry("b"))))
    assert ("a@controller-0", "b@controller-0") in found
    assert ("a@controller-1", "b@controller-1") not in found
    assert ("a@controller-1", "b@controller-0") not in found


def test_what_must_not_meet_on_the_active_controller_is_ordered() -> None:
    rule = AvoidTogether(entries=("b",))
    found = chains(puzzle_of(pair(entry("a", special_handling=(rule,)), entry("b"))))
    assert {("a@controller-0", "b@controller-0"), ("a@controller-1", "b@controller-0")} <= found
    assert ("a@controller-0", "b@controller-1") not in found


def test_the_reverse_order_holds_from_the_active_controller_on() -> None:
    rule = AvoidTogether(entries=("a",))
    one, other = entry("a"), entry("b", depends_on=("c",), special_handling=(rule,))
    first = entry("c", depends_on=("a",))
    found = chains(puzzle_of(pair(one, first, other)))
    assert ("a@controller-0", "b@controller-1") in found


def test_members_of_a_service_keep_their_turns() -> None:
    cloud = Cloud(entry("a")).host("controller-0", stale("a")).host("controller-1", stale("a"))
    cloud.host("compute-0", failed("a"))
    assert chains(puzzle_of(cloud, revive_failed=True)) == {
        ("a@compute-0", "a@controller-1"),
        ("a@controller-1", "a@controller-0"),
    }


def test_what_has_no_steps_orders_nothing() -> None:
    cloud = Cloud(entry("a"), entry("b")).host("compute-0", stale("b"))
    view = cloud.view()
    needs, _ = find_needs(view, Policy())
    tasks = make_tasks(view, needs, Policy())
    gate = Gate(first="a", then="b", scope=Scope.EVERYWHERE, why="a before b")
    steps = cloud.plan().steps
    rooms, _ = make_rooms(view, tasks, Policy())
    assert make_puzzle(view, tasks, rooms, [gate], Policy(), steps).chains == ()


def test_a_look_at_a_job_waits_for_nothing() -> None:
    cloud = Cloud(entry("a"), entry("j", depends_on=("a",)))
    assert chains(puzzle_of(cloud.host("compute-0", stale("a"), job("j")))) == set()


def test_hosts_that_are_to_go_first_do_not_start_after_others() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", stale("a"))
    puzzle = puzzle_of(cloud, prefer_first=("compute-1",))
    assert puzzle.ids == ("a@compute-1", "a@compute-0")
    assert puzzle.wishes == (((0,), (1,)),)
    assert not puzzle.is_loose


def test_the_pieces_of_a_host_are_cut_where_it_rests() -> None:
    cloud = Cloud(*map(entry, "abcd")).host("compute-0", *map(stale, "abcd"))
    cloud.host("compute-1", stale("a"))
    policy = Policy(max_unavailable=2, parallel_hosts={"worker": 1})
    view = cloud.view()
    needs, _ = find_needs(view, policy)
    tasks = make_tasks(view, needs, policy)
    times = {"a": (0.3, 0.5), "b": (0.0, 0.2), "c": (0.1, 0.4), "d": (0.5, 0.7)}
    steps = [
        Step(
            id=task.need.id,
            host=task.need.host,
            start_s=times[task.need.service][0] + 10 * (task.need.host == "compute-1"),
            end_s=times[task.need.service][1] + 10 * (task.need.host == "compute-1"),
        )
        for task in tasks
    ]
    rooms, _ = make_rooms(view, tasks, policy)
    slots = make_puzzle(view, tasks, rooms, (), policy, steps).limits[-1]
    at = {task.need.id: place for place, task in enumerate(tasks)}
    together = tuple(at[f"{name}@compute-0"] for name in "bca")
    assert slots == Limit(room=1, members=(together, (at["d@compute-0"],), (at["a@compute-1"],)))


def test_a_wish_holds_although_an_order_was_asked_for() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", stale("a"))
    puzzle = puzzle_of(cloud, prefer_first=("compute-1",), order=("a@compute-0",))
    assert puzzle.ids == ("a@compute-0", "a@compute-1")
    assert puzzle.wishes == (((1,), (0,)),)


def test_only_hosts_of_the_kind_that_have_something_to_do_take_turns() -> None:
    cloud = Cloud(entry("a")).host("storage-0", stale("a")).host("compute-2", fresh("a"))
    for number in range(2):
        cloud.host(f"compute-{number}", stale("a"))
    puzzle = puzzle_of(cloud, max_unavailable=4, parallel_hosts={"worker": 1})
    assert limits(puzzle) == [(1, {"a@compute-0", "a@compute-1"})]


def gated(cloud: Cloud, scope: Scope) -> set[tuple[str, str]]:
    """What a gate from `a` to `b` orders, whatever else there is."""
    policy = Policy(max_unavailable=2)
    view = cloud.view()
    tasks = make_tasks(view, find_needs(view, policy)[0], policy)
    gate = Gate(first="a", then="b", scope=scope, why="a before b")
    rooms, _ = make_rooms(view, tasks, policy)
    steps = [Step(id=task.need.id, host=task.need.host) for task in tasks]
    found = make_puzzle(view, tasks, rooms, [gate], policy, steps)
    return {pair for pair in chains(found) if pair[0][0] < pair[1][0]}


def test_a_gate_orders_no_look_at_a_job() -> None:
    cloud = Cloud(entry("a"), entry("b")).host("compute-0", stale("a"), job("b"))
    assert gated(cloud, Scope.EVERYWHERE) == set()


def test_a_gate_from_the_active_controller_holds_for_none_of_the_standby() -> None:
    assert gated(pair(entry("a"), entry("b")), Scope.FROM_ACTIVE) == {
        ("a@controller-0", "b@controller-0"),
        ("a@controller-0", "b@controller-1"),
    }


def test_a_gate_on_one_host_orders_nothing_between_two_that_are_active() -> None:
    cloud = Cloud(entry("a"), entry("b"))
    for number in range(2):
        cloud.host(f"controller-{number}", stale("a"), stale("b"), role=Role.ACTIVE)
    assert gated(cloud, Scope.SAME_HOST) == {
        ("a@controller-0", "b@controller-0"),
        ("a@controller-1", "b@controller-1"),
    }
