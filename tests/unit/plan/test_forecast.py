"""`insvc.plan.forecast`: what users will notice, and when."""

from typing import Any

import pytest

from insvc.catalog.entry import Command, Impact
from insvc.model.words import Action, Redundancy
from insvc.plan.forecast import join_forecasts, make_forecast
from insvc.plan.history import Measured
from insvc.plan.plan import Impairment, Line, LineHost, Step
from insvc.plan.policy import Policy
from insvc.plan.view import make_view
from tests.unit.plan.crowd import crowd, folded_plan
from tests.unit.plan.sample import Cloud, entry, failed, fresh, job, stale, stopped


def forecast(cloud: Cloud, **policy: object) -> dict[str, Impairment]:
    return {one.entry: one for one in cloud.plan(Policy(), **policy).forecast}


def test_the_catalogs_words_are_passed_on() -> None:
    impact = Impact(
        outstanding_requests="complete",
        new_requests="queued",
        may_lose=("samples: 10 ms",),
        sessions="lost",
        note="A note.",
    )
    found = forecast(Cloud(entry("a", impact=impact)).host("compute-0", stale("a")))["a"]
    assert found.title == "A"
    assert found.outstanding_requests == "complete"
    assert found.new_requests == "queued"
    assert found.may_lose == ("samples: 10 ms",)
    assert found.sessions == "lost"
    assert found.note == "A note."


def test_it_lasts_from_the_first_step_to_the_last() -> None:
    cloud = Cloud(entry("a", "a", "a2"))
    cloud.host("compute-1", stale("a")).host("compute-0", stale("a"), stale("a2"))
    plan = cloud.plan()
    (found,) = plan.forecast
    assert found.from_s == 0.0
    assert found.until_s == plan.makespan_s
    assert sorted(found.services) == ["a", "a2"]
    assert found.hosts == ("compute-1", "compute-0")
    assert found.outage_s == max(step.expected_outage_s for step in plan.steps)


def test_a_peer_that_serves_stands_in() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"))
    assert forecast(cloud)["a"].is_interrupted
    cloud.host("compute-1", fresh("a"))
    assert not forecast(cloud)["a"].is_interrupted


def test_a_peer_that_does_not_know_the_sessions_does_not_stand_in() -> None:
    logs_out = entry("a", impact=Impact(sessions="lost"), redundancy=Redundancy.ACTIVE_ACTIVE)
    cloud = Cloud(logs_out).host("controller-0", stale("a")).host("controller-1", fresh("a"))
    assert forecast(cloud)["a"].is_interrupted


def test_the_sessions_are_on_the_active_controller() -> None:
    logs_out = entry("a", impact=Impact(sessions="lost"), redundancy=Redundancy.ACTIVE_ACTIVE)
    cloud = Cloud(logs_out).host("controller-0", fresh("a")).host("controller-1", stale("a"))
    assert not forecast(cloud)["a"].is_interrupted


def test_a_peer_that_is_down_at_the_same_time_does_not() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", stale("a"))
    assert not forecast(cloud, max_unavailable=1)["a"].is_interrupted
    assert forecast(cloud, max_unavailable=2)["a"].is_interrupted


def test_a_standby_starts_too_late_to_stand_in() -> None:
    web = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)
    cloud = Cloud(web).host("controller-0", stale("web")).host("controller-1", stopped("web"))
    assert forecast(cloud)["web"].is_interrupted


def test_a_job_interrupts_nothing() -> None:
    cloud = Cloud(entry("purge", redundancy=Redundancy.ACTIVE_STANDBY))
    found = forecast(cloud.host("controller-0", job("purge")))["purge"]
    assert (found.is_interrupted, found.outage_s) == (False, 0.0)


def test_a_locked_host_takes_all_its_services_with_it() -> None:
    web = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)
    cloud = Cloud(entry("sm", in_service_patchable=False), web, entry("a"))
    cloud.host("controller-0", stale("sm"), fresh("web"), fresh("a"), fresh("stranger"))
    cloud.host("controller-1", fresh("sm"), stopped("web"), fresh("a"))
    plan = cloud.plan(allow_lock=True)
    found = {one.entry: one for one in plan.forecast}
    swact, lock = plan.step("swact@controller-0"), plan.step("lock@controller-0")
    assert set(found) == {"sm", "web", "a"}
    assert (found["web"].from_s, found["web"].until_s) == (swact.start_s, swact.end_s)
    assert (found["a"].from_s, found["a"].until_s) == (lock.start_s, plan.makespan_s)
    assert "whole host" in found["a"].note
    assert found["web"].is_interrupted
    assert not found["a"].is_interrupted


def test_what_is_restarted_along_is_foretold_too() -> None:
    loud = entry("a", restart=(Command(run="sm-restart service a"),))
    quiet = entry("b", depends_on=("a",))
    found = forecast(Cloud(loud, quiet).host("compute-0", stale("a"), fresh("b")))
    assert found["b"].outage_s == found["a"].outage_s > 0
    safe = Cloud(entry("a"), quiet).host("compute-0", stale("a"), fresh("b"))
    assert set(forecast(safe)) == {"a"}


def test_what_came_back_stands_in_for_the_next() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", failed("a"))
    assert not forecast(cloud, revive_failed=True)["a"].is_interrupted
    assert forecast(cloud, max_unavailable=2)["a"].is_interrupted


def test_what_is_down_everywhere_is_interrupted_until_it_is_back() -> None:
    cloud = Cloud(entry("a")).host("compute-0", failed("a")).host("compute-1", failed("a"))
    assert forecast(cloud, revive_failed=True)["a"].is_interrupted


def test_a_restart_on_a_locked_host_does_not_count_twice() -> None:
    cloud = Cloud(entry("sm", in_service_patchable=False))
    cloud.host("controller-0", fresh("sm")).host("controller-1", stale("sm"))
    assert not forecast(cloud, allow_lock=True)["sm"].is_interrupted


def test_two_turns_of_one_host_are_two_outages() -> None:
    loud = entry("a", restart=(Command(run="sm-restart service a"),))
    quiet = entry("b", depends_on=("a",))
    cloud = Cloud(loud, quiet).host("compute-0", stale("a"), stale("b"))
    cloud.host("compute-1", fresh("a"), fresh("b"))
    found = forecast(cloud)["b"]
    assert (found.hosts, found.is_interrupted) == (("compute-0",), False)
    assert forecast(Cloud(loud, quiet).host("compute-0", stale("a"), stale("b")))[
        "b"
    ].is_interrupted


def test_a_quorum_without_a_majority_serves_nobody() -> None:
    cloud = Cloud(entry("a", redundancy=Redundancy.QUORUM)).host("controller-0", stale("a"))
    cloud.host("controller-1", failed("a")).host("storage-0", stale("a"))
    assert not forecast(cloud, revive_failed=True)["a"].is_interrupted
    cloud.host("storage-1", failed("a"))
    assert forecast(cloud, revive_failed=True)["a"].is_interrupted


def test_one_entry_in_two_parts_of_a_plan_is_told_once() -> None:
    early = Impairment(
        entry="a",
        services=("a",),
        hosts=("h1",),
        from_s=1.0,
        until_s=2.0,
        outage_s=0.5,
        note="x; y",
    )
    late = Impairment(
        entry="a",
        services=("a", "b"),
        hosts=("h2", "h1"),
        from_s=5.0,
        until_s=9.0,
        outage_s=0.7,
        is_interrupted=True,
        note="y",
    )
    other = Impairment(entry="o", from_s=3.0)
    both, alone = join_forecasts((early,), (late, other))
    assert alone == other
    assert both == Impairment(
        entry="a",
        services=("a", "b"),
        hosts=("h1", "h2"),
        from_s=1.0,
        until_s=9.0,
        outage_s=0.7,
        is_interrupted=True,
        note="x; y",
    )
    (quiet,) = join_forecasts((Impairment(entry="a"),), (Impairment(entry="a"),))
    assert (quiet.note, quiet.is_interrupted) == ("", False)


def test_each_service_that_a_swact_moves_is_out_from_its_stop_to_its_start() -> None:
    turns = Redundancy.ACTIVE_STANDBY
    cloud = Cloud(
        entry("sm", in_service_patchable=False),
        entry("a", redundancy=turns),
        entry("b", redundancy=turns, depends_on=("a",)),
    )
    cloud.host("controller-0", stale("sm"), fresh("a"), fresh("b"))
    cloud.host("controller-1", fresh("sm"), stopped("a"), stopped("b"))
    found = forecast(cloud, allow_lock=True)
    assert (found["a"].outage_s, found["b"].outage_s) == (1.3, 2.6)
    assert (found["a"].from_s, found["a"].until_s) == (found["b"].from_s, found["b"].until_s)


def struck(host: str, start_s: float, end_s: float, service: str = "a", **more: Any) -> Step:
    """A step that leaves a service of the host without service for a while."""
    fields: dict[str, Any] = {"expected_outage_s": 0.5, **more}
    name = f"{service}@{host}@{start_s}"
    return Step(id=name, host=host, service=service, start_s=start_s, end_s=end_s, **fields)


def foretold(cloud: Cloud, *steps: Step) -> dict[str, Impairment]:
    return {one.entry: one for one in make_forecast(cloud.view(), steps)}


@pytest.mark.parametrize(
    ("span", "is_interrupted"),
    [((1, 2), True), ((2.5, 3), True), ((4.5, 6), True), ((5, 6), False)],
)
def test_steps_of_one_host_that_overlap_are_one_outage(
    span: tuple[float, float], is_interrupted: bool
) -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", stale("a"))
    steps = [struck("compute-0", *each) for each in ((3, 5), (0, 4), (1, 2))]
    found = foretold(cloud, *steps, struck("compute-1", *span))["a"]
    assert found.is_interrupted is is_interrupted


def test_what_came_back_goes_down_again_with_its_next_step() -> None:
    cloud = Cloud(entry("a")).host("compute-0", failed("a")).host("compute-1", stale("a"))
    back, again = struck("compute-0", 0, 1), struck("compute-0", 3, 4)
    assert not foretold(cloud, back, struck("compute-1", 3, 4))["a"].is_interrupted
    assert foretold(cloud, back, again, struck("compute-1", 3, 4))["a"].is_interrupted


def test_the_longest_outage_is_told() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"))
    steps = [
        struck("compute-0", at, at + 1, expected_outage_s=length)
        for at, length in ((0, 0.25), (2, 0.75), (4, 0.5))
    ]
    assert foretold(cloud, *steps)["a"].outage_s == 0.75


def test_a_lock_without_a_swact_takes_down_what_is_active_there() -> None:
    web = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)
    cloud = Cloud(web, entry("a")).host("controller-0", stale("web"), stale("a"))
    lock = struck("controller-0", 1, 2, "", action=Action.LOCK)
    unlock = struck("controller-0", 8, 9.12345, "", action=Action.UNLOCK)
    later = struck("controller-0", 20, 21)
    found = foretold(cloud, lock, unlock, later)
    assert (found["web"].until_s, found["web"].outage_s) == (9.12345, 8.123)
    assert found["web"].note == "it goes down with its whole host (swact or lock)"
    assert (found["a"].until_s, found["a"].outage_s) == (21, 8.123)
    assert found["a"].note == found["web"].note


def test_hosts_of_a_line_go_down_so_many_at_once_and_not_as_a_whole() -> None:
    cloud = crowd(Cloud(entry("a")), 4, stale("a"))
    (some,) = folded_plan(cloud, max_unavailable=2).forecast
    (every,) = folded_plan(cloud, max_unavailable=4).forecast
    assert (some.is_interrupted, every.is_interrupted) == (False, True)
    assert some.note == every.note == ""


@pytest.mark.parametrize(
    ("span", "is_interrupted"),
    [((0.5, 0.8), True), ((2, 2.5), False), ((6, 7), True), ((20, 21), False)],
)
def test_between_two_outages_of_a_host_it_serves(
    span: tuple[float, float], is_interrupted: bool
) -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", stale("a"))
    steps = [struck("compute-0", *each) for each in ((0, 1), (3, 8), (4, 5))]
    found = foretold(cloud, *steps, struck("compute-1", *span))["a"]
    assert found.is_interrupted is is_interrupted


def test_an_outage_by_a_swact_is_told_in_milliseconds() -> None:
    web = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)
    cloud = Cloud(web).host("controller-0", stale("web", started_in_s=1.23456))
    swact = struck("controller-0", 0, 2, "", action=Action.SWACT)
    assert foretold(cloud, swact)["web"].outage_s == 1.535


def test_what_goes_down_with_its_host_is_not_measured_by_former_restarts() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"))
    history = {"a": Measured(outage_s=0.5, took_s=1.0, runs=2)}
    view = make_view(cloud.observation, cloud.catalog, cloud.topology, history)
    lock = struck("compute-0", 0, 1, "", action=Action.LOCK)
    unlock = struck("compute-0", 2, 3, "", action=Action.UNLOCK)
    (with_host,) = make_forecast(view, (lock, unlock))
    (alone,) = make_forecast(view, (struck("compute-0", 0, 1),))
    assert with_host.note == "it goes down with its whole host (swact or lock)"
    assert alone.note == "a: out about 0.50 s, measured in 2 runs"


def test_of_two_lines_that_take_a_service_down_the_wider_one_counts() -> None:
    cloud = crowd(Cloud(entry("a", redundancy=Redundancy.QUORUM)), 4, stale("a"))
    hosts = tuple(LineHost(host=host.name) for host in cloud.hosts)

    def line(start_s: float, at_once: int) -> Line:
        return Line(
            id=f"line@{start_s}",
            hosts=hosts,
            at_once=at_once,
            by_host=False,
            turn=(struck("compute-0", start_s, start_s + 1),),
            end_s=start_s + 4,
        )

    (narrow,) = make_forecast(cloud.view(), (), (line(0, 1), line(10, 1)))
    (wide,) = make_forecast(cloud.view(), (), (line(0, 1), line(10, 2)))
    assert (narrow.is_interrupted, wide.is_interrupted) == (False, True)
