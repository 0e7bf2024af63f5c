"""`insvc.plan.host_steps`: one chain, one host at a time."""

from itertools import pairwise

import pytest

from insvc.model.observation import Instance
from insvc.model.words import Action, Redundancy
from insvc.plan.host_steps import make_host_steps, make_unlock_steps
from insvc.plan.locking import HostTurn, plan_locking
from insvc.plan.needs import find_needs
from insvc.plan.pacing import Pace
from insvc.plan.plan import Step
from insvc.plan.policy import MaxStarts, Policy, Window
from tests.unit.plan.sample import MAIN, Cloud, entry, fresh, stale, stopped

POLICY = Policy(allow_lock=True)


def chain(*tails: str, from_s: float = 0.0) -> tuple[Step, ...]:
    sm = entry("sm", in_service_patchable=False)
    web = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)
    cloud = Cloud(sm, web).host("controller-0", stale("sm"), fresh("web"))
    view = cloud.host("controller-1", stale("sm"), stopped("web")).view()
    needs, _ = find_needs(view, POLICY)
    turns = plan_locking(view, needs, POLICY).turns
    return make_host_steps(view, turns, Pace(POLICY), tails, from_s)


def test_each_step_waits_for_the_one_before_it() -> None:
    steps = chain()
    assert steps[0].after == ()
    for former, latter in pairwise(steps):
        assert latter.after == (former.id,)
        assert latter.start_s == former.end_s


def test_the_first_waits_for_everything_in_service() -> None:
    steps = chain("b@h", "a@h", from_s=12.5)
    assert steps[0].after == ("a@h", "b@h")
    assert steps[0].start_s == 12.5
    assert "everything else is done before" in steps[0].reason
    assert "everything else is done before" not in steps[-1].reason


def test_every_step_says_which_law_asks_for_it() -> None:
    for step in chain():
        assert "law" in step.reason


def test_a_swact_says_who_takes_over_and_what_it_interrupts() -> None:
    (swact,) = [step for step in chain() if step.action is Action.SWACT]
    assert (swact.host, swact.to_host) == ("controller-0", "controller-1")
    assert swact.expected_outage_s > 0
    assert "interrupted for about" in swact.reason


def test_the_restart_on_a_locked_host_is_a_step_like_any_other() -> None:
    (first, _) = [step for step in chain() if step.service == "sm"]
    assert first.expects == (MAIN,)
    assert first.dwell_s == POLICY.dwell_s
    assert "the host is locked first (law 1)" in first.reason


def test_after_a_swact_a_lock_stops_less() -> None:
    by_id = {step.id: step for step in chain()}
    standby, active = by_id["lock@controller-1"], by_id["lock@controller-0"]
    assert standby.expected_outage_s == active.expected_outage_s


def alone(
    names: dict[str, str], tails: tuple[str, ...] = (), from_s: float = 0.0, **policy: object
) -> tuple[Step, ...]:
    """The turns of these hosts in this order; each has a service that is not patchable, by host."""
    chosen = Policy(allow_lock=True, **policy)  # type: ignore[arg-type]
    services = dict.fromkeys(names.values())
    cloud = Cloud(*(entry(name, in_service_patchable=False) for name in services))
    for host, service in names.items():
        cloud.host(host, stale(service))
    view = cloud.view()
    needs, _ = find_needs(view, chosen)
    turns = [
        HostTurn(host=host, because=tuple(need for need in needs if need.host == host), restarts=())
        for host in names
    ]
    return make_host_steps(view, turns, Pace(chosen), tails, from_s)


def soaks(steps: tuple[Step, ...]) -> dict[str, float]:
    return {step.id: step.soak_s for step in steps}


def test_a_lock_tells_every_service_it_is_for_and_why_each_is_worked_on() -> None:
    cloud = Cloud(*(entry(name, in_service_patchable=False) for name in ("x", "y")))
    cloud.host("controller-0", stale("x"), stale("y")).host("controller-1", fresh("x"))
    view = cloud.view()
    needs, _ = find_needs(view, POLICY)
    turns = plan_locking(view, needs, POLICY).turns
    swact, lock, _ = make_host_steps(view, turns, Pace(POLICY), (), 0.0)
    assert lock.reason.startswith("x, y: not patchable in service, so the host leaves service ")
    assert lock.reason.endswith("; ".join(need.cause for need in needs))
    assert "must be locked for x; controller-1 takes activity over" in swact.reason


def test_times_are_told_to_the_millisecond() -> None:
    first, *_ = chain("a@h", from_s=12.34567)
    assert first.start_s == 12.346


def test_host_actions_are_not_watched_for_a_while() -> None:
    assert {step.dwell_s for step in chain() if step.service != "sm"} == {0.0}


def test_a_host_rests_after_one_that_has_the_same_services_but_before_its_first_step_only() -> None:
    found = alone({"compute-0": "x", "compute-1": "y", "compute-2": "x"}, soak_s=3.0)
    assert soaks(found) == {
        "lock@compute-0": 0.0,
        "unlock@compute-0": 0.0,
        "lock@compute-1": 0.0,
        "unlock@compute-1": 0.0,
        "lock@compute-2": 3.0,
        "unlock@compute-2": 0.0,
    }
    assert found[4].start_s == pytest.approx(found[3].end_s + 3.0)


def test_a_host_rests_after_any_of_its_kind() -> None:
    hosts = {"compute-0": "x", "storage-0": "y", "compute-1": "z"}
    found = soaks(alone(hosts, soak_s_of={"worker": 7.0, "controller": 50.0}))
    assert (found["lock@storage-0"], found["lock@compute-1"]) == (0.0, 7.0)
    assert found["lock@compute-0"] == 0.0


@pytest.mark.parametrize(
    ("tails", "turns", "rest_s"),
    [
        (("a@compute-9",), {"worker": 1}, 7.0),
        (("a@compute-9",), {"storage": 1}, 0.0),
        ((), {"worker": 1}, 0.0),
    ],
)
def test_a_host_of_a_kind_that_takes_turns_rests_after_what_was_done_in_service(
    tails: tuple[str, ...], turns: dict[str, int], rest_s: float
) -> None:
    found = alone({"compute-0": "x"}, tails, parallel_hosts=turns, soak_s_of={"worker": 7.0})
    assert found[0].soak_s == rest_s


def test_every_service_of_a_host_rests_after_what_was_done_in_service() -> None:
    found = alone({"compute-0": "x", "compute-1": "y"}, ("a@compute-9",), soak_s_of={"x": 4.0})
    assert soaks(found)["lock@compute-0"] == 4.0
    assert soaks(found)["lock@compute-1"] == 0.0


def unlocked(*instances: Instance, **policy: object) -> tuple[Step, ...]:
    """Two locked hosts that are brought back, each with these instances."""
    chosen = Policy(**policy)  # type: ignore[arg-type]
    cloud = Cloud(entry("sm", in_service_patchable=False), entry("mon"))
    for host in ("compute-0", "compute-1"):
        cloud.host(host, *instances, locked=True)
    view = cloud.view()
    needs, _ = find_needs(view, chosen)
    return make_unlock_steps(view, ["compute-0", "compute-1"], needs, Pace(chosen))


def test_a_host_is_brought_back_after_the_pause_of_what_is_restarted_there() -> None:
    found = unlocked(stale("sm"), soak_s=5.0)
    assert soaks(found) == {
        "sm@compute-0": 0.0,
        "unlock@compute-0": 0.0,
        "sm@compute-1": 5.0,
        "unlock@compute-1": 0.0,
    }
    assert found[0].start_s == 0.0
    assert found[2].start_s == pytest.approx(found[1].end_s + 5.0)


def test_what_was_started_too_often_is_left_alone_before_its_host_is_brought_back() -> None:
    limit = MaxStarts(count=2, within_s=60.0)
    found = unlocked(stale("sm", restarts=3), soak_s=5.0, max_starts=limit)
    assert (found[0].soak_s, found[0].start_s) == (60.0, 60.0)


def test_a_start_on_a_locked_host_counts_for_what_comes_after() -> None:
    view = Cloud(entry("sm")).host("compute-0", stale("sm"), locked=True).view()
    pace = Pace(Policy(max_starts=MaxStarts(count=1, within_s=60.0)))
    needs, _ = find_needs(view, pace.policy)
    first, _ = make_unlock_steps(view, ["compute-0"], needs, pace)
    assert first.start_s == 0.0
    assert pace.limit_s("compute-0", 10.0) == 60.0


def test_a_restart_on_a_locked_host_waits_for_the_limit_of_starts_and_its_unlock_does_not() -> None:
    view = Cloud(entry("sm")).host("compute-0", stale("sm"), locked=True).view()
    pace = Pace(Policy(max_starts=MaxStarts(count=1, within_s=60.0)))
    needs, _ = find_needs(view, pace.policy)
    pace.note(needs[0], 0.0)
    restart, unlock = make_unlock_steps(view, ["compute-0"], needs, pace)
    assert (restart.start_s, unlock.start_s) == (60.0, restart.end_s)


def test_a_start_in_a_turn_counts_for_what_comes_after() -> None:
    cloud = Cloud(entry("sm", in_service_patchable=False)).host("compute-0", stale("sm"))
    view = cloud.view()
    pace = Pace(Policy(allow_lock=True, max_starts=MaxStarts(count=1, within_s=60.0)))
    needs, _ = find_needs(view, pace.policy)
    turns = plan_locking(view, needs, pace.policy).turns
    steps = {step.id: step for step in make_host_steps(view, turns, pace, (), 0.0)}
    assert pace.limit_s("compute-0", 0.0) == steps["sm@compute-0"].start_s + 60.0


@pytest.mark.parametrize(("spare_s", "begins_s"), [(0.001, 0.0), (-0.001, 1000.0)])
def test_a_window_has_room_for_all_until_a_host_is_back(spare_s: float, begins_s: float) -> None:
    length_s = unlocked(stale("sm"))[1].end_s
    windows = (Window(opens=0.0, closes=length_s + spare_s), Window(opens=1000.0, closes=2000.0))
    assert unlocked(stale("sm"), windows=windows)[0].start_s == begins_s
