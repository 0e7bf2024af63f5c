"""`insvc.execute.guard`: the laws held against what the hosts show at the moment of the act."""

from dataclasses import replace

import pytest

from insvc.catalog.entry import AtMostOneDown, Command, NotWhile
from insvc.execute.guard import find_hindrance, taken_down, to_look_at
from insvc.execute.picture import Picture
from insvc.model.observation import HostObservation
from insvc.model.words import Action, Redundancy, Role
from insvc.plan.plan import Step
from insvc.plan.policy import Policy
from tests.unit.plan.pair import CHAIN, NEW, giver, pair, taker
from tests.unit.plan.sample import Cloud, entry, failed, fresh, stale, stopped


def step(name: str, action: Action = Action.RESTART, **more: object) -> Step:
    service, _, host = name.partition("@")
    own = "" if action in {Action.LOCK, Action.UNLOCK, Action.SWACT} else service
    plain = Step(id=name, host=host, service=own, action=action)
    return replace(plain, **more)  # type: ignore[arg-type]


def picture(cloud: Cloud) -> Picture:
    return Picture(cloud.observation, cloud.catalog, cloud.topology)


def looks(cloud: Cloud, one: Step, most: int = 64) -> list[str]:
    return sorted(to_look_at(picture(cloud), one, most))


def hindrance(cloud: Cloud, one: Step, *busy: Step, **policy: object) -> str | None:
    return find_hindrance(picture(cloud), one, Policy(**policy), busy)  # type: ignore[arg-type]


def computes(*states: str) -> Cloud:
    cloud = Cloud(entry("a"), entry("b"))
    made = {"up": stale("a"), "failed": failed("a"), "stopped": stopped("a")}
    for number, state in enumerate(states):
        cloud.host(f"compute-{number}", *([made[state]] if state in made else []), fresh("b"))
        if state == "silent":
            cloud.seen[-1] = HostObservation(host=f"compute-{number}", reachable=False)
    return cloud


def test_with_all_others_up_a_step_may_start() -> None:
    assert hindrance(computes("up", "up"), step("a@compute-0")) is None


@pytest.mark.parametrize(
    ("state", "word"), [("failed", "failed"), ("silent", "unreachable"), ("stopped", "stopped")]
)
def test_a_member_that_went_down_uses_up_the_budget(state: str, word: str) -> None:
    told = hindrance(computes("up", state, "up"), step("a@compute-0"))
    assert told == (
        f"taking a@compute-0 down is not allowed now: a@compute-1 is {word}, so 1 of 3 would be "
        "left, but law 5 (max_unavailable 1) wants 2 or more up"
    )


def test_a_larger_budget_leaves_room() -> None:
    cloud = computes("up", "failed", "up")
    assert hindrance(cloud, step("a@compute-0"), max_unavailable=2) is None


def test_what_is_down_elsewhere_of_another_service_costs_nothing() -> None:
    assert hindrance(computes("up", "failed"), step("b@compute-0")) is None


def test_what_does_not_run_is_not_taken_down() -> None:
    assert hindrance(computes("failed", "failed"), step("a@compute-0")) is None
    assert hindrance(computes("none", "failed"), step("a@compute-0")) is None


def test_steps_under_way_count_as_down_even_where_the_service_still_runs() -> None:
    cloud, busy = computes("up", "up", "up"), step("a@compute-1")
    told = hindrance(cloud, step("a@compute-0"), busy)
    assert told is not None
    assert "a@compute-1 is taken down by this run" in told
    assert hindrance(cloud, step("a@compute-0"), busy, max_unavailable=2) is None
    assert hindrance(cloud, step("a@compute-0"), step("b@compute-1")) is None


def test_a_step_does_not_hinder_itself_and_what_is_seen_down_counts_once() -> None:
    cloud = computes("up", "failed", "up")
    one, other = step("a@compute-0"), step("a@compute-1")
    assert hindrance(computes("up", "up"), one, one) is None
    assert hindrance(cloud, one, one, other, max_unavailable=2) is None


def test_a_step_on_a_host_nobody_looked_at_is_none_of_its_business() -> None:
    assert hindrance(computes("up"), step("a@compute-0"), step("a@compute-9")) is None


def test_a_quorum_is_kept_whatever_the_policy_allows() -> None:
    cloud = Cloud(entry("mon", redundancy=Redundancy.QUORUM))
    cloud.host("storage-0", stale("mon")).host("storage-1", failed("mon"))
    cloud.host("storage-2", fresh("mon"))
    told = hindrance(cloud, step("mon@storage-0"), max_unavailable=3)
    assert told is not None
    assert "law 2" in told


def test_never_two_members_down_where_the_entry_says_so() -> None:
    rule = (AtMostOneDown(service="osd"),)
    cloud = Cloud(entry("osd", special_handling=rule))
    cloud.host("storage-0", stale("osd")).host("storage-1", fresh("osd"))
    busy = step("osd@storage-1")
    told = hindrance(cloud, step("osd@storage-0"), busy, max_unavailable=2)
    assert told is not None
    assert "law 2 (never two members down)" in told


def test_two_voters_can_spare_none() -> None:
    cloud = Cloud(entry("mon", redundancy=Redundancy.QUORUM))
    cloud.host("storage-0", stale("mon")).host("storage-1", fresh("mon"))
    told = hindrance(cloud, step("mon@storage-0"))
    assert told is not None
    assert "all others are up, so 1 of 2" in told


def test_the_standby_is_not_meant_to_run_and_hinders_nobody() -> None:
    cloud = Cloud(entry("a", redundancy=Redundancy.ACTIVE_STANDBY))
    cloud.host("controller-0", stale("a")).host("controller-1", stopped("a"))
    assert hindrance(cloud, step("a@controller-0")) is None


def test_on_a_locked_host_everything_is_free() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"), locked=True)
    cloud.host("compute-1", failed("a"))
    assert hindrance(cloud, step("a@compute-0")) is None


def test_a_lock_takes_everything_down_that_runs_on_its_host() -> None:
    cloud = computes("up", "failed")
    lock = step("lock@compute-0", Action.LOCK)
    assert taken_down(picture(cloud), lock) == ("a", "b")
    assert "taking a@compute-0 down" in str(hindrance(cloud, lock))
    assert hindrance(computes("up", "up"), step("a@compute-1"), lock) is not None


@pytest.mark.parametrize("action", [Action.NEXT_RUN, Action.UNLOCK, Action.SWACT, Action.NONE])
def test_what_stops_nothing_is_not_hindered(action: Action) -> None:
    assert hindrance(computes("up", "failed"), step("a@compute-0", action)) is None


def test_what_is_stopped_along_is_counted_too() -> None:
    cloud = Cloud(
        entry("a", restart=(Command(run="sm-restart service a"),)),
        entry("b", depends_on=("a",)),
    )
    cloud.host("compute-0", stale("a"), fresh("b")).host("compute-1", failed("b"))
    one = step("a@compute-0", with_dependants=True)
    assert taken_down(picture(cloud), one) == ("a", "b")
    assert "b@compute-1 is failed" in str(hindrance(cloud, one))
    assert taken_down(picture(cloud), step("c@compute-0", with_dependants=True)) == ()


def test_the_group_is_who_has_the_service_and_who_was_never_seen() -> None:
    cloud = computes("up", "none", "silent", "up")
    assert looks(cloud, step("a@compute-0")) == ["compute-0", "compute-2", "compute-3"]


def test_the_group_of_a_lock_is_who_has_anything_of_its_host() -> None:
    cloud = computes("up", "none").host("storage-0", fresh("c"))
    lock = step("lock@compute-0", Action.LOCK)
    assert looks(cloud, lock) == ["compute-0", "compute-1"]


def test_a_failure_domain_has_a_budget_of_its_own() -> None:
    cloud = Cloud(entry("a"))
    for number, domain in enumerate(("east", "east", "west", "west")):
        cloud.host(f"compute-{number}", stale("a"), failure_domain=domain)
    limits = {"max_unavailable": 3, "max_unavailable_per_domain": 1}
    near, far = step("a@compute-1"), step("a@compute-2")
    told = hindrance(cloud, step("a@compute-0"), near, far, **limits)
    assert told is not None
    assert "a@compute-1 is taken down by this run, so 0 of 2 would be left" in told
    assert "max_unavailable_per_domain 1 in east" in told
    assert hindrance(cloud, step("a@compute-0"), far, **limits) is None


def test_a_percentage_is_one_of_all_members() -> None:
    cloud, busy = computes("up", "up", "up", "up"), step("a@compute-1")
    assert hindrance(cloud, step("a@compute-0"), busy, max_unavailable="50%") is None
    assert hindrance(cloud, step("a@compute-0"), busy, max_unavailable="25%") is not None


SWACT = step("swact@controller-0", Action.SWACT, to_host="controller-1", cures=CHAIN)


def test_a_swact_that_is_to_cure_needs_a_standby_with_the_installed_code() -> None:
    assert hindrance(pair(), SWACT) is None
    old = pair(standby=taker(packages={**NEW, "b": "1"}))
    assert hindrance(old, SWACT) == "controller-1 has b 1 and controller-0 has 2"
    assert hindrance(old, replace(SWACT, cures=())) is None


def test_a_swact_that_was_begun_is_carried_on() -> None:
    gone = pair(active=giver(role=Role.STANDBY), standby=taker(role=Role.ACTIVE))
    assert hindrance(gone, SWACT) is None


def test_who_takes_over_is_looked_at_as_well() -> None:
    cloud = pair().host("compute-0", fresh("a"))
    assert looks(cloud, SWACT) == ["controller-0", "controller-1"]


def test_who_is_down_is_listed_by_host_with_what_was_seen_of_it() -> None:
    cloud = computes("up", "up", "failed")
    first, seen_down = step("a@compute-1"), step("a@compute-2")
    told = hindrance(cloud, step("a@compute-0"), first, seen_down, max_unavailable=2)
    assert told is not None
    assert "a@compute-1 is taken down by this run, a@compute-2 is failed, so 0 of 3" in told


def test_what_a_lock_takes_down_is_listed_by_name() -> None:
    names = tuple("hgfedcba")
    cloud = Cloud(*map(entry, names)).host("compute-0", *map(fresh, names))
    assert taken_down(picture(cloud), step("lock@compute-0", Action.LOCK)) == names[::-1]


@pytest.mark.parametrize("locked", [False, True])
def test_a_condition_that_has_begun_since_the_plan_hinders(locked: bool) -> None:
    rule = NotWhile(condition="package-transaction")
    cloud = Cloud(entry("a", special_handling=(rule,)))
    cloud.host("host-0", stale("a"), conditions=("package-transaction",), locked=locked)
    told = hindrance(cloud, step("a@host-0"))
    assert told is not None
    assert told.startswith("a is never restarted while packages are being changed (law 8)")
    assert hindrance(cloud, step("a@host-0", Action.NEXT_RUN)) is None


def test_a_condition_of_another_host_hinders_nothing() -> None:
    rule = NotWhile(condition="package-transaction")
    cloud = Cloud(entry("a", special_handling=(rule,))).host("host-0", stale("a"))
    cloud.host("host-1", stale("a"), conditions=("package-transaction",))
    assert hindrance(cloud, step("a@host-0")) is None
