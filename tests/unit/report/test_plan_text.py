"""`insvc.report.plan_text`: a plan as an operator reads it."""

from dataclasses import replace

import pytest

from insvc.catalog.entry import CarriesTraffic, Impact
from insvc.model.words import Redundancy
from insvc.plan.plan import Improvement, Line, LineHost, Plan, Step
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy
from insvc.plan.selection import select
from insvc.report.plan_text import explain, forecast_table, gantt, plan_table
from tests.unit.plan.pair import BY_ESTIMATE, pair
from tests.unit.plan.sample import Cloud, entry, failed, fresh, job, stale, stopped


def sample() -> Plan:
    proxy = entry("proxy", special_handling=(CarriesTraffic(),))
    lost = Impact(outstanding_requests="fail", new_requests="refused", sessions="lost")
    cloud = Cloud(
        entry("a"),
        entry("web", impact=lost, redundancy=Redundancy.ACTIVE_STANDBY),
        proxy,
        entry("purge"),
    )
    cloud.host("controller-0", stale("a"), stale("web"), stale("proxy"), job("purge"))
    return cloud.host("controller-1", stale("a"), stopped("web")).plan()


def locked() -> Plan:
    web = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)
    cloud = Cloud(entry("sm", in_service_patchable=False), web)
    cloud.host("controller-0", stale("sm"), fresh("web"))
    return cloud.host("controller-1", fresh("sm"), stopped("web")).plan(allow_lock=True)


PLANS = pytest.mark.parametrize("plan", [sample(), locked()], ids=["in service", "locks"])


@PLANS
def test_the_table_has_a_line_for_every_step_and_says_how_long_it_takes(plan: Plan) -> None:
    text = plan_table(plan)
    for number, step in enumerate(plan.steps, start=1):
        line = next(one for one in text.splitlines() if one.startswith(f"{number} "))
        assert step.host in line
        assert step.action.value in line
    assert f"{len(plan.steps)} steps on" in text
    assert "no order of them can take less than" in text


def test_who_found_a_shorter_order_is_told_with_what_it_was_before() -> None:
    plan = replace(sample(), improvement=Improvement(by="A Solver 1.0", before_s=99.0))
    assert "A Solver 1.0 brought that down from 1 min 39 s." in plan_table(plan).replace("\n", " ")


def test_a_search_without_a_find_is_told_too() -> None:
    plan = sample()
    searched = replace(plan, improvement=Improvement(by="A Solver 1.0", before_s=plan.makespan_s))
    assert "A Solver 1.0 found no shorter order." in plan_table(searched).replace("\n", " ")
    assert "Solver" not in plan_table(plan)


@PLANS
def test_no_line_is_wider_than_a_terminal(plan: Plan) -> None:
    for text in (plan_table(plan), forecast_table(plan), explain(plan), gantt(plan, 100)):
        assert max(map(len, text.splitlines())) <= 100


def test_a_step_names_what_it_waits_for_by_number() -> None:
    plan = sample()
    number = {step.id: str(place) for place, step in enumerate(plan.steps, start=1)}
    last = plan_table(plan).split("proxy")[1].splitlines()[0]
    for step in plan.step("proxy@controller-0").after:
        assert number[step] in last


def test_of_many_steps_waited_for_the_latest_are_named() -> None:
    steps = [Step(id=f"a{number}@h", host="h", service=f"a{number}") for number in range(5)]
    last = Step(id="z@h", host="h", service="z", after=tuple(step.id for step in steps))
    assert "4, 5 +3" in plan_table(Plan(steps=(*steps, last), makespan_s=1.0))


def test_the_table_names_the_laws_by_their_number() -> None:
    text = plan_table(sample())
    assert "job 6" in text
    assert "stale 7" in text
    assert "lock 1,4" in plan_table(locked())


def test_a_revival_is_no_restart_of_stale_code() -> None:
    cloud = Cloud(entry("a")).host("compute-0", failed("a"))
    assert " failed" in plan_table(cloud.plan(revive_failed=True))


def test_what_was_asked_for_by_name_is_neither_stale_nor_failed() -> None:
    cloud = Cloud(entry("a")).host("compute-0", fresh("a"))
    seen = select(cloud.observation, ["a"], cloud.catalog, only_stale=False)
    text = plan_table(make_plan(seen, cloud.catalog, cloud.topology, Policy()))
    assert " asked" in text
    assert "failed" not in text


def test_what_was_left_alone_is_counted() -> None:
    text = " ".join(plan_table(sample()).split())
    assert "1 instance left alone; --explain says why." in text


def test_an_empty_plan_says_so_everywhere() -> None:
    empty = Plan()
    assert plan_table(empty) == "Nothing to restart: no step is needed.\n"
    assert gantt(empty, 80) == ""
    assert forecast_table(empty) == "Users will notice nothing.\n"
    assert explain(empty) == "No steps.\n"


@pytest.mark.parametrize("width", [40, 72, 100, 160])
def test_the_chart_fits_its_width_and_every_step_has_a_bar(width: int) -> None:
    plan = sample()
    lines = gantt(plan, width).splitlines()
    bars = [line for line in lines if line.endswith("│")]
    assert len(bars) == len(plan.steps)
    assert {len(line) for line in bars} == {width}
    for line in bars:
        assert set(line.partition("│")[2]) & set("█◆")


def test_the_chart_groups_its_bars_by_host() -> None:
    lines = gantt(sample(), 80).splitlines()
    heads = [line for line in lines if line in {"controller-0", "controller-1"}]
    assert sorted(heads) == ["controller-0", "controller-1"]


def test_bars_stand_in_the_order_of_time() -> None:
    plan = sample()
    lines = gantt(plan, 100).splitlines()
    proxy = next(line for line in lines if line.startswith("  proxy"))
    web = next(line for line in lines if line.startswith("  web"))
    assert proxy.index("█") > web.index("▒")


def test_a_swact_says_where_activity_goes() -> None:
    assert "swact to controller-1" in gantt(locked(), 80)


def test_a_name_too_long_for_the_chart_is_cut() -> None:
    long = "x" * 50
    step = Step(id=f"{long}@h", host="h", service=long, end_s=1.0, expected_outage_s=0.5)
    assert "x" * 29 + "…" in gantt(Plan(steps=(step,), makespan_s=1.0), 80)


def test_the_forecast_says_what_users_notice_and_for_how_long() -> None:
    text = forecast_table(sample())
    assert "Web" in text
    assert "interrupted" in text
    assert "keeps serving" in text
    assert "users are" in text


def moved(*impacts: Impact) -> Plan:
    """A swact for a lock that moves an entry with each of these impacts."""
    turns = [
        entry(f"web{at}", impact=one, redundancy=Redundancy.ACTIVE_STANDBY)
        for at, one in enumerate(impacts)
    ]
    cloud = Cloud(entry("sm", in_service_patchable=False), *turns)
    cloud.host("controller-0", stale("sm"), *(fresh(one.name) for one in turns))
    cloud.host("controller-1", fresh("sm"), *(stopped(one.name) for one in turns))
    return cloud.plan(allow_lock=True)


def test_what_one_swact_moves_shares_a_line_that_tells_what_lasts() -> None:
    sessions = Impact(sessions="lost", new_requests="refused")
    plan = moved(Impact(), sessions, Impact(may_lose=("samples",)))
    text = forecast_table(plan)
    (line,) = [one for one in text.splitlines() if one.startswith("3 entries")]
    assert "interrupted" in line
    told = " ".join(text.split())
    assert "swact@controller-0 moves them to controller-1, where they answer again" in told
    assert "users of Web1 are logged out; Web2 may lose samples; `insvc plan --json` lists" in told
    assert "Web0" not in text
    assert "Sm " in text
    assert len(plan.forecast) == 4


def test_two_that_move_have_a_line_each() -> None:
    text = forecast_table(moved(Impact(), Impact()))
    assert "Web0" in text
    assert "Web1" in text
    assert "entries" not in text


def test_a_swact_that_cures_is_told_by_what_is_stale() -> None:
    table = plan_table(pair().plan(BY_ESTIMATE))
    (line,) = [one for one in table.splitlines() if "swact" in one]
    assert line.endswith("stale 4")
    assert "lock 1,4" in plan_table(locked())


def test_every_step_and_every_omission_is_explained() -> None:
    plan = locked()
    text = explain(plan)
    for step in plan.steps:
        assert f"  {step.id}  (" in text
    for one in plan.omitted:
        assert f"  {one.service}@{one.host}" in text


def test_a_silent_host_is_explained_by_its_name() -> None:
    cloud = Cloud(entry("a")).host("compute-0", reachable=False).host("compute-1")
    text = explain(cloud.plan())
    assert "\n  compute-0\n" in text
    assert "does not answer" in text


def test_a_very_large_plan_is_drawn_by_service() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    for number in range(80):
        cloud.host(f"compute-{number}", stale("a"), stale("b"))
    lines = gantt(cloud.plan(), 90).splitlines()
    bars = [line for line in lines if line.endswith("│")]
    assert [line.split("│")[0].strip() for line in bars] == ["a, 80 steps", "b, 80 steps"]
    assert {len(line) for line in bars} == {90}
    assert bars[0].index("▒") < bars[1].index("▒")


def in_line() -> Plan:
    """A line of three hosts, and a step after it."""
    why = "runs replaced code (law 9)"
    first = Step(
        id="a@compute-0",
        host="compute-0",
        entry="a",
        service="a",
        reason=why,
        end_s=2.0,
        expected_outage_s=1.0,
    )
    second = replace(
        first,
        id="b@compute-0",
        entry="b",
        service="b",
        start_s=2.0,
        end_s=4.0,
        after=(first.id,),
        expected_outage_s=1.5,
    )
    line = Line(
        id="line@compute-0",
        hosts=tuple(LineHost(host=f"compute-{number}") for number in range(3)),
        at_once=1,
        by_host=True,
        turn=(first, second),
        end_s=12.0,
        reason="3 hosts alike, 1 at once in 3 turns: at most 1 a down by us at once: law 5",
    )
    last = replace(
        first,
        id="a@controller-0",
        host="controller-0",
        start_s=12.0,
        end_s=14.0,
        after=(line.id,),
        reason=f"{why}; after line@compute-0: the active host is last (law 4)",
    )
    return Plan(steps=(last,), lines=(line,), makespan_s=14.0, lower_bound_s=14.0)


def test_hosts_that_are_alike_share_a_line_of_the_table() -> None:
    text = plan_table(in_line())
    first, second = (row for row in text.splitlines() if row.startswith(("1 ", "2 ")))
    assert first.split()[1:8] == ["0.0", "12.0", "compute-0", "+", "2", "alike", "2"]
    assert first.endswith("1 at once 5")
    assert "1.50 s" in first
    assert second.split()[-3:] == ["1", "stale", "4"]
    assert "7 steps on 4 hosts" in text


def test_a_chart_of_lines_has_a_bar_a_service_that_counts_every_host() -> None:
    text = gantt(in_line(), 60)
    assert "a, 4 steps" in text
    assert "b, 3 steps" in text
    bar = next(row for row in text.splitlines() if row.startswith("b, ")).partition("│")[2]
    assert bar.index("▒") > 0


def test_every_reason_of_a_line_is_told_once() -> None:
    text = explain(in_line())
    assert "Why these 7 steps:" in text
    assert "line@compute-0  (3 hosts)" in text
    assert text.count("each b (restart):") == 1
