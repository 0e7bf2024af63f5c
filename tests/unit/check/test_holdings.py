from insvc.catalog.entry import Command
from insvc.check.holdings import busy_by_host, holdings_by_service, relate, stops_along
from insvc.model.words import Action, Redundancy
from insvc.plan.plan import Plan
from tests.unit.check.sample import add, case_of
from tests.unit.plan.sample import Cloud, entry, failed, fresh, stale, stopped


def cloud() -> Cloud:
    whole = (Command(run="sm-restart service db"),)
    return (
        Cloud(
            entry("db", restart=whole),
            entry("api", depends_on=("db",)),
            entry("ip", redundancy=Redundancy.ACTIVE_STANDBY),
        )
        .host("controller-0", stale("db"), fresh("api"), fresh("ip"), fresh("stranger"))
        .host("controller-1", failed("db"), stopped("ip"))
    )


def test_a_restart_holds_its_service_and_what_stops_along() -> None:
    plan = add(Plan(), "db@controller-0", with_dependants=True)
    case = case_of(cloud(), plan)
    assert stops_along(case, plan.steps[0]) == ["api"]
    held = holdings_by_service(case)
    assert [one.host for one in held["db"]] == ["controller-0"]
    assert [one.step for one in held["api"]] == ["db@controller-0"]


def test_what_was_down_is_down_from_the_beginning_until_it_is_back() -> None:
    plan = add(Plan(), "db@controller-1")
    (back,) = holdings_by_service(case_of(cloud(), plan))["db"]
    assert (back.first, back.last, back.takes) == (None, 0, False)


def test_what_rests_and_what_waits_for_its_next_run_hold_nothing() -> None:
    plan = add(add(Plan(), "ip@controller-1"), "api@controller-0", action=Action.NEXT_RUN)
    assert holdings_by_service(case_of(cloud(), plan)) == {}


def test_a_lock_holds_all_that_runs_until_the_unlock() -> None:
    plan = add(Plan(), "lock@controller-0", action=Action.LOCK, service="", entry="")
    plan = add(plan, "db@controller-0", "lock@controller-0")
    plan = add(plan, "unlock@controller-0", "db@controller-0", action=Action.UNLOCK, service="")
    held = holdings_by_service(case_of(cloud(), plan))
    assert set(held) == {"db", "api", "ip", "stranger"}
    assert [(one.first, one.last) for one in held["db"]] == [(0, 2)]


def test_a_lock_that_nothing_ends_holds_for_ever() -> None:
    plan = add(Plan(), "lock@controller-0", action=Action.LOCK, service="", entry="")
    case = case_of(cloud(), plan)
    (held,) = holdings_by_service(case)["db"]
    assert held.last is None
    assert list(relate(case, [[held]])) == [[0]]


def test_a_swact_takes_what_runs_on_the_active_host_alone() -> None:
    plan = add(Plan(), "swact@controller-0", action=Action.SWACT, service="", entry="")
    plan = add(plan, "lock@controller-0", "swact@controller-0", action=Action.LOCK, service="")
    held = holdings_by_service(case_of(cloud(), plan))
    assert [one.step for one in held["ip"]] == ["swact@controller-0"]
    assert [one.step for one in held["db"]] == ["lock@controller-0"]


def test_every_step_keeps_its_host_busy() -> None:
    plan = add(add(Plan(), "db@controller-0"), "api@controller-0", "db@controller-0")
    busy = busy_by_host(case_of(cloud(), plan))
    assert [one.step for one in busy["controller-0"]] == ["db@controller-0", "api@controller-0"]


def test_many_groups_are_related_block_by_block() -> None:
    big = Cloud(entry("db"), *(entry(f"s{number}") for number in range(2500)))
    names = [f"s{number}" for number in range(2500)]
    big.host("compute-0", fresh("db"), *map(fresh, names))
    plan = add(Plan(), "db@compute-0")
    for name in names:
        plan = add(plan, f"{name}@compute-0", "db@compute-0")
    case = case_of(big, plan)
    held = holdings_by_service(case)
    groups = [[held["db"][0], *(held[name][0] for name in names)]] * 2
    for rows in relate(case, groups):
        assert rows == [0] + [1] * 2500
