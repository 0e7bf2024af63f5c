"""On a plain host: left alone is what must be, restarted all else, and the judge agrees."""

from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from insvc.catalog.caution import while_words
from insvc.catalog.entry import Catalog, Entry, Note, NotWhile, Rule, Service
from insvc.check.plan_check import check_plan
from insvc.execute.guard import find_hindrance
from insvc.execute.picture import Picture
from insvc.model.observation import (
    HostObservation,
    Instance,
    Observation,
    ProcessIdentity,
)
from insvc.model.topology import Host, Topology
from insvc.model.words import (
    Action,
    EvidenceKind,
    InstanceState,
    Manager,
    Personality,
    Redundancy,
    RestartClass,
    Verdict,
)
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy
from insvc.plan.selection import select
from tests.property.plan_clouds import SIGN, Case

NAMES = ("a.service", "b.service", "c.service", "session-1.scope", "kernel")
CONDITIONS = ("package-transaction", "user-session", "graphical-session", "full-moon")
ACTIONS = (Action.RESTART, Action.RELOAD, Action.HANDOFF, Action.HANDLER, Action.NONE)
QUICK = settings(max_examples=120, deadline=None, derandomize=True)


@st.composite
def entries(draw: st.DrawFn, name: str) -> Entry:
    rules: list[Rule] = [Note(text="Why.")]
    if draw(st.integers(0, 2)) == 0:
        rules.append(NotWhile(condition=draw(st.sampled_from(CONDITIONS))))
    return Entry(
        name=name,
        title=name.upper(),
        function="Serves.",
        in_service_patchable=draw(st.integers(0, 5)) != 0,
        managed_by=draw(st.sampled_from((Manager.SYSTEMD, Manager.NONE))),
        runs_on=(Personality.HOST,),
        redundancy=Redundancy.PER_HOST,
        services=(Service(name=name),),
        action=draw(st.sampled_from((*ACTIONS, Action.NEXT_RUN))),
        restart_class=draw(st.sampled_from(RestartClass)),
        special_handling=tuple(rules),
    )


@st.composite
def hosts(draw: st.DrawFn) -> Case:
    """One plain host, as it is seen, with what is known of it and what is allowed."""
    known = [draw(entries(name)) for name in NAMES if draw(st.integers(0, 5)) != 0]
    states = st.sampled_from((*[InstanceState.RUNNING] * 6, InstanceState.FAILED))
    seen = tuple(
        Instance(
            service=name,
            manager=draw(st.sampled_from((Manager.SYSTEMD, Manager.NONE))),
            state=draw(states),
            verdict=draw(st.sampled_from(Verdict)),
            evidence=draw(st.sampled_from(((), (SIGN,)))),
            processes=(ProcessIdentity(boot_id="b", pid=9, start_ticks=9),),
            started_in_s=1.0,
        )
        for name in NAMES
    )
    found = draw(st.lists(st.sampled_from(CONDITIONS[:3]), unique=True))
    looked = HostObservation(host="h", instances=seen, conditions=tuple(found))
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2))
    catalog = Catalog(name="drawn", entries=tuple(known))
    only_stale = draw(st.booleans())
    observation = select(Observation(hosts=(looked,)), names, catalog, only_stale=only_stale)
    policy = Policy(
        leave=tuple(draw(st.lists(st.sampled_from(RestartClass), unique=True))),
        allow_lock=draw(st.booleans()),
        revive_failed=draw(st.booleans()),
    )
    topology = Topology(hosts=(Host(name="h", personality=Personality.HOST),))
    return Case(observation=observation, catalog=catalog, topology=topology, policy=policy)


def plan_of(case: Case) -> Plan:
    plan = make_plan(case.observation, case.catalog, case.topology, case.policy)
    event("acts" if plan.steps else "acts on nothing")
    return plan


def must_be_left(case: Case, entry: Entry, instance: Instance) -> bool:
    """The law once more, in one place and in other words than both planner and judge have it."""
    asked_for = EvidenceKind.REQUESTED in {one.kind for one in instance.evidence}
    (looked,) = case.observation.hosts
    unknown = {*CONDITIONS} - {"package-transaction", "user-session", "graphical-session"}
    barred = {rule.condition for rule in entry.special_handling if isinstance(rule, NotWhile)} & {
        *looked.conditions,
        *unknown,
    }
    if instance.state is InstanceState.FAILED:
        return bool(barred)
    wants_reboot = entry.restart_class is RestartClass.REBOOT_ONLY or not entry.in_service_patchable
    left = entry.restart_class in case.policy.leave and not asked_for
    return bool(barred) or wants_reboot or left or entry.action is Action.NONE


@QUICK
@given(case=hosts())
def test_exactly_what_may_be_restarted_is_restarted(case: Case) -> None:
    plan = plan_of(case)
    acted_on = {step.service for step in plan.steps if step.action is not Action.NEXT_RUN}
    (looked,) = case.observation.hosts
    expected = set()
    for instance in looked.instances:
        entry = case.catalog.entry_of(instance.service)
        if entry is None or entry.action is Action.NEXT_RUN:
            continue
        failed = instance.state is InstanceState.FAILED
        calls = case.policy.revive_failed if failed else instance.verdict is Verdict.STALE
        if calls and not must_be_left(case, entry, instance):
            expected.add(instance.service)
    assert acted_on == expected
    assert {step.host for step in plan.steps} <= {"h"}


@QUICK
@given(case=hosts())
def test_the_independent_judge_agrees_and_nothing_is_left_out_in_silence(case: Case) -> None:
    plan = plan_of(case)
    found = check_plan(plan, case.observation, case.catalog, case.topology)
    assert found == ()
    told = {one.service for one in plan.omitted} | {step.service for step in plan.steps}
    (looked,) = case.observation.hosts
    loud = {one.service for one in looked.instances if one.verdict is not Verdict.CURRENT}
    assert loud <= told
    assert all(one.reason for one in plan.omitted)


@QUICK
@given(case=hosts(), condition=st.sampled_from(CONDITIONS[:3]))
def test_a_condition_that_begins_after_the_plan_stops_exactly_its_services(
    case: Case, condition: str
) -> None:
    plan = plan_of(case)
    (looked,) = case.observation.hosts
    later = replace(looked, conditions=(*looked.conditions, condition))
    picture = Picture(Observation(hosts=(later,)), case.catalog, case.topology)
    for step in plan.steps:
        if step.action is Action.NEXT_RUN:
            continue
        entry = case.catalog.entry_of(step.service)
        assert entry is not None
        is_barred = NotWhile(condition=condition) in entry.special_handling
        told = find_hindrance(picture, step, case.policy)
        assert (told is not None and while_words(condition) in told) == is_barred


@QUICK
@given(case=hosts())
def test_no_plain_host_is_ever_locked_or_swacted(case: Case) -> None:
    actions = {step.action for step in plan_of(case).steps}
    assert not actions & {Action.LOCK, Action.UNLOCK, Action.SWACT}
