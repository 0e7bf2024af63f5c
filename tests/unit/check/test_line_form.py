"""`insvc.check.line_form`: what makes lines unfit to be judged by a few of their hosts."""

import dataclasses
from typing import Any

import pytest

from insvc.check.line_form import check_form, check_lines, is_plain, make_known, traits_of
from insvc.check.violation import Violation
from insvc.model.observation import Evidence, HostObservation
from insvc.model.words import EvidenceKind, InstanceState, Personality, Role, Verdict
from insvc.plan.plan import Line, Omission, Plan
from insvc.plan.policy import MaxStarts, Policy, Window
from tests.unit.plan.crowd import crowd, folded_plan
from tests.unit.plan.sample import REPLACED, Cloud, entry, stale, stopped

DB = entry("db")
API = entry("api", depends_on=("db",))


def one_line() -> Cloud:
    return crowd(Cloud(DB, entry("web")), 4, stale("db"), stale("web"))


def two_lines() -> Cloud:
    """Of one kind: api waits for db everywhere."""
    return crowd(Cloud(DB, API), 4, stale("db"), stale("api"))


def unfit(cloud: Cloud, plan: Plan) -> list[Violation]:
    known = make_known(plan, cloud.observation, cloud.topology)
    return list(check_lines(plan, plan.policy, known))


def told(cloud: Cloud, plan: Plan) -> tuple[str, str]:
    """Code and words of the one fault of a plan."""
    (one,) = unfit(cloud, plan)
    return one.code, f"{one.subject} {one.reason}"


def with_line(plan: Plan, place: int = 0, **fields: Any) -> Plan:
    """The plan in which one line is otherwise."""
    lines = list(plan.lines)
    lines[place] = dataclasses.replace(lines[place], **fields)
    return dataclasses.replace(plan, lines=tuple(lines))


def with_host(line: Line, place: int, **fields: Any) -> dict[str, Any]:
    """The hosts of a line of which one is otherwise."""
    hosts = list(line.hosts)
    hosts[place] = dataclasses.replace(hosts[place], **fields)
    return {"hosts": tuple(hosts)}


def test_lines_as_they_are_made_are_fit() -> None:
    for cloud in (one_line(), two_lines()):
        plan = folded_plan(cloud)
        assert plan.lines
        assert unfit(cloud, plan) == []


def test_windows_and_start_limits_want_a_plan_that_is_written_out() -> None:
    cloud = one_line()
    plan = folded_plan(cloud)
    known = make_known(plan, cloud.observation, cloud.topology)
    for policy in (
        Policy(windows=(Window(opens="01:00", closes="02:00"),)),
        Policy(max_starts=MaxStarts(count=1, within_s=9.0)),
    ):
        (one,) = check_lines(plan, policy, known)
        assert (one.code, one.subject) == ("plan.structure", "the plan")
        assert "write the plan out" in one.reason


def test_a_line_occurs_once() -> None:
    plan = folded_plan(one_line())
    twice = dataclasses.replace(plan, lines=plan.lines * 2)
    (one,) = check_form(twice)
    assert str(one) == "plan.structure line@compute-0: occurs 2 times, once is expected"


@pytest.mark.parametrize("fields", [{"hosts": ()}, {"turn": ()}, {"at_once": 0}, {"pause_s": -1.0}])
def test_a_line_has_hosts_steps_lanes_and_no_pause_below_nothing(fields: dict[str, Any]) -> None:
    cloud = one_line()
    code, why = told(cloud, with_line(folded_plan(cloud), **fields))
    assert (code, why) == (
        "plan.structure",
        "line@compute-0 needs a host, a step, a lane, and no pause below 0",
    )


@pytest.mark.parametrize("name", ["line@compute-1", "row@compute-0"])
def test_a_line_is_named_after_its_first_host(name: str) -> None:
    cloud = one_line()
    code, why = told(cloud, with_line(folded_plan(cloud), id=name))
    assert (code, why) == (
        "plan.structure",
        f"{name} is not named after compute-0, its first host",
    )


def test_a_line_gives_a_reason() -> None:
    cloud = one_line()
    code, why = told(cloud, with_line(folded_plan(cloud), reason=" "))
    assert (code, why) == ("law.10", "line@compute-0 gives no reason (law 10)")


def test_a_turn_is_done_on_the_first_host_in_an_order_that_can_be() -> None:
    cloud = one_line()
    plan = folded_plan(cloud)
    first, then = plan.lines[0].turn
    wrong = (
        (dataclasses.replace(first, host="compute-1"), then),
        (dataclasses.replace(first, after=(then.id,)), then),
    )
    for turn in wrong:
        code, why = told(cloud, with_line(plan, turn=turn))
        assert code == "plan.structure"
        assert why.startswith(first.id)
        assert "no step of a turn on compute-0 in an order in which they may start" in why


def test_every_host_is_told_of_every_step() -> None:
    cloud = one_line()
    plan = folded_plan(cloud)
    for fields in ({"expects": ()}, {"endpoints": (None,)}):
        code, why = told(cloud, with_line(plan, **with_host(plan.lines[0], 2, **fields)))
        assert code == "plan.structure"
        assert "has 2 steps on each host, compute-2 is told otherwise" in why


def test_a_line_has_no_host_twice() -> None:
    cloud = one_line()
    plan = folded_plan(cloud)
    hosts = plan.lines[0].hosts
    code, why = told(cloud, with_line(plan, hosts=(*hosts[:3], hosts[0])))
    assert (code, why) == ("plan.structure", "line@compute-0 has a host twice")


def test_every_host_was_seen_and_is_in_the_topology() -> None:
    cloud = one_line()
    plan = folded_plan(cloud)
    strange = with_line(plan, **with_host(plan.lines[0], 3, host="compute-9"))
    assert "compute-9 was not observed, or the topology does not have it" in told(cloud, strange)[1]
    observed = one_line()
    observed.seen.append(HostObservation(host="compute-9"))
    assert "compute-9 was not observed" in told(observed, strange)[1]


@pytest.mark.parametrize("fields", [{"role": Role.STANDBY}, {"locked": True}, {"reachable": False}])
def test_hosts_that_take_turns_or_are_out_of_service_are_in_no_line(fields: dict[str, Any]) -> None:
    cloud = one_line()
    plan = folded_plan(cloud)
    cloud.seen = [dataclasses.replace(one, **fields) for one in cloud.seen]
    assert "compute-0 takes turns, is out of service, or has something" in told(cloud, plan)[1]


def test_controllers_and_hosts_on_which_something_is_down_are_not_plain() -> None:
    cloud = one_line()
    host, seen = cloud.hosts[0], cloud.seen[0]
    assert is_plain(host, seen)
    both = dataclasses.replace(host, subfunctions=(Personality.CONTROLLER,))
    assert not is_plain(both, seen)
    down = dataclasses.replace(seen, instances=(*seen.instances, stopped("x")))
    assert not is_plain(host, down)


def test_a_line_does_nothing_to_what_was_not_seen() -> None:
    cloud = one_line()
    plan = folded_plan(cloud)
    cloud.seen = [dataclasses.replace(one, instances=one.instances[:1]) for one in cloud.seen]
    code, why = told(cloud, plan)
    assert (code, why) == ("law.9", "web@compute-0 no such service was seen there (law 9)")


def test_a_host_that_differs_is_no_part_of_a_line() -> None:
    cloud = one_line()
    plan = folded_plan(cloud)
    cloud.hosts[2] = dataclasses.replace(cloud.hosts[2], failure_domain="east")
    code, why = told(cloud, plan)
    assert code == "plan.structure"
    assert "compute-2 differs from compute-0 in what the laws depend on" in why


def test_the_steps_were_made_for_the_processes_that_were_seen() -> None:
    cloud = one_line()
    plan = folded_plan(cloud)
    other = plan.lines[0].hosts[0].expects
    wrong = with_line(plan, **with_host(plan.lines[0], 1, expects=other))
    code, why = told(cloud, wrong)
    assert code == "law.9"
    assert "was made for other processes than were seen on compute-1 (law 9)" in why


def test_lines_share_all_of_their_hosts_or_none() -> None:
    cloud = two_lines()
    plan = folded_plan(cloud)
    fewer = with_line(plan, 1, hosts=plan.lines[1].hosts[:3])
    assert "shares some of its hosts with another line, and not all" in told(cloud, fewer)[1]


def test_lines_on_the_same_hosts_go_one_after_the_other() -> None:
    cloud = two_lines()
    plan = folded_plan(cloud)
    first, then = plan.lines
    code, why = told(cloud, with_line(plan, 1, after=()))
    assert code == "plan.structure"
    assert why == f"{then.id} is on the hosts of {first.id} and does not wait for it"


def test_no_other_step_is_done_on_the_hosts_of_a_line() -> None:
    cloud = two_lines()
    plan = folded_plan(cloud)
    moved = dataclasses.replace(plan.lines[1].turn[0], host="compute-3", id="api@compute-3")
    extra = dataclasses.replace(plan, steps=(moved,))
    assert "compute-3 is in a line, and this is no part of it" in told(cloud, extra)[1]


def test_nothing_waits_for_a_part_of_a_line() -> None:
    cloud = crowd(Cloud(DB, API), 9, stale("db")).host("storage-0", stale("api"))
    plan = folded_plan(cloud, max_unavailable=3)
    (api,) = plan.steps
    part = ("db@compute-2", "db@compute-3")
    wrong = dataclasses.replace(plan, steps=(dataclasses.replace(api, after=part),))
    names = [one.reason.partition(",")[0] for one in unfit(cloud, wrong)]
    assert names == ["waits for db@compute-2", "waits for db@compute-3"]


def test_no_step_of_a_turn_waits_for_a_part_of_a_line() -> None:
    cloud = two_lines()
    plan = folded_plan(cloud, max_unavailable=2)
    (api,) = plan.lines[1].turn
    assert api.after == (plan.lines[0].id,)
    for part in ("db@compute-3", "api@compute-2"):
        turn = (dataclasses.replace(api, after=(part,)),)
        code, why = told(cloud, with_line(plan, 1, turn=turn))
        assert code == "plan.structure"
        assert why.startswith(f"{api.id} waits for {part}, which is no line")


def test_traits_are_all_that_the_laws_read_but_for_names_and_processes() -> None:
    cloud = crowd(Cloud(DB), 2, stale("db"))
    plan = Plan()

    def alike(plan: Plan = plan) -> bool:
        known = make_known(plan, cloud.observation, cloud.topology)
        return traits_of(known, "compute-0") == traits_of(known, "compute-1")

    assert alike()
    seen, host = cloud.seen[1], cloud.hosts[1]
    for fields in (
        {"verdict": Verdict.SUSPECT},
        {"evidence": ()},
        {"state": InstanceState.FAILED},
    ):
        instance = dataclasses.replace(seen.instances[0], **fields)
        cloud.seen[1] = dataclasses.replace(seen, instances=(instance,))
        assert not alike()
    more = dataclasses.replace(seen.instances[0], evidence=(REPLACED, REPLACED))
    cloud.seen[1] = dataclasses.replace(seen, instances=(more,))
    assert alike()
    cloud.hosts[1] = dataclasses.replace(host, personality=Personality.STORAGE)
    assert not alike()


def test_hosts_of_which_less_is_told_are_not_alike() -> None:
    cloud = crowd(Cloud(DB), 2, stale("db"))
    both = tuple(
        Omission(host=name, service="db", entry="db", reason="why")
        for name in ("compute-0", "compute-1")
    )
    cases = (
        (both, True),
        (both[:1], False),
        ((both[0], dataclasses.replace(both[1], reason=" ")), False),
        ((both[0], dataclasses.replace(both[1], entry="")), False),
    )
    for omitted, expected in cases:
        known = make_known(Plan(omitted=omitted), cloud.observation, cloud.topology)
        alike = traits_of(known, "compute-0") == traits_of(known, "compute-1")
        assert alike is expected


def test_what_goes_on_and_what_was_asked_for_make_hosts_differ() -> None:
    wish = Evidence(kind=EvidenceKind.REQUESTED, subject="db", found="asked for by name")
    cloud = Cloud(DB).host("compute-0", stale("db"))
    cloud.host("compute-1", stale("db"), conditions=("package-transaction",))
    cloud.host("compute-2", stale("db", evidence=(REPLACED, wish)))
    known = make_known(Plan(), cloud.observation, cloud.topology)
    assert len({traits_of(known, f"compute-{number}") for number in range(3)}) == 3
