import dataclasses

from insvc.catalog.entry import AvoidTogether, Before, CarriesTraffic
from insvc.model.words import Action
from insvc.plan.plan import Plan
from tests.unit.check.sample import change, codes, found, only
from tests.unit.plan.sample import Cloud, entry, failed, fresh, stale


def pair(
    *rules: Before | AvoidTogether, depends: bool = False, host: str = "controller-0"
) -> Cloud:
    """Two entries, `first` and `then`, stale on one host."""
    return Cloud(
        entry("first", special_handling=rules),
        entry("then", depends_on=("first",) if depends else ()),
        entry("other"),
    ).host(host, stale("first"), stale("then"), fresh("other"))


def loosened(cloud: Cloud, name: str = "then@controller-0") -> Plan:
    plan = cloud.plan()
    assert codes(cloud, plan) == set()
    return change(plan, name, after=())


def test_a_prerequisite_comes_first() -> None:
    cloud = pair(depends=True)
    fault = only(cloud, loosened(cloud))
    assert fault.code == "law.3"
    assert fault.reason == (
        "may start before first@controller-0 has ended, but then depends on first (law 3)"
    )
    assert fault.at == ("first@controller-0", "then@controller-0")


def test_before_holds_everywhere_or_on_the_active_controller() -> None:
    everywhere = pair(Before(entries=("then",)))
    assert codes(everywhere, loosened(everywhere)) == {"law.3"}
    there = pair(Before(entries=("then", "nobody", "first"), where="active-controller"))
    assert "on the active controller" in only(there, loosened(there)).reason


def test_before_on_the_active_controller_says_nothing_of_others() -> None:
    rule = Before(entries=("then",), where="active-controller")
    cloud = pair(rule, host="compute-0")
    assert codes(cloud, loosened(cloud, "then@compute-0")) == set()


def test_several_that_come_too_early_are_counted() -> None:
    cloud = pair(depends=True).host("compute-0", stale("then")).host("compute-1", stale("then"))
    plan = cloud.plan(max_unavailable=3)
    for step in plan.steps:
        if step.service == "then":
            plan = change(plan, step.id, after=())
    assert "(so may 2 more)" in " ".join(one.reason for one in found(cloud, plan))


def test_what_must_not_meet_on_the_active_controller_does_not() -> None:
    cloud = pair(AvoidTogether(entries=("then", "nobody")))
    fault = only(cloud, loosened(cloud))
    assert (fault.code, set(fault.at)) == ("law.3", {"first@controller-0", "then@controller-0"})
    assert "first avoids them" in fault.reason


def test_either_order_keeps_two_apart() -> None:
    cloud = pair(AvoidTogether(entries=("then",)))
    turned = change(loosened(cloud), "first@controller-0", after=("then@controller-0",))
    assert codes(cloud, turned) == set()


def test_what_is_avoided_may_come_together_elsewhere() -> None:
    cloud = pair(AvoidTogether(entries=("then",)), host="compute-0")
    assert codes(cloud, loosened(cloud, "then@compute-0")) == set()


def test_the_standby_goes_before_the_active_host() -> None:
    cloud = Cloud(entry("db")).host("controller-0", stale("db")).host("controller-1", stale("db"))
    plan = change(cloud.plan(), "db@controller-0", after=())
    plan = change(plan, "db@controller-1", after=("db@controller-0",))
    fault = only(cloud, plan)
    assert fault.code == "law.4"
    assert "may start before db@controller-1 has ended" in fault.reason


def test_what_is_down_comes_back_before_others_go_down() -> None:
    cloud = Cloud(entry("db")).host("compute-0", failed("db")).host("compute-1", stale("db"))
    cloud.host("controller-1", failed("db"))
    plan = cloud.plan(revive_failed=True, max_unavailable=3)
    assert codes(cloud, plan) == set()
    assert codes(cloud, change(plan, "db@compute-1", after=())) == {"law.2"}


def traffic() -> Cloud:
    rules = (CarriesTraffic(),)
    return (
        Cloud(
            entry("proxy", special_handling=rules),
            entry("net", special_handling=rules, depends_on=("proxy",)),
            entry("db", depends_on=("net",)),
            entry("os", in_service_patchable=False),
        )
        .host("controller-0", stale("proxy"), stale("db"), stale("net"))
        .host("controller-1", stale("proxy"))
        .host("compute-0", stale("os"))
    )


def test_what_carries_the_traffic_goes_last() -> None:
    cloud = traffic()
    plan = cloud.plan(allow_lock=True)
    assert codes(cloud, plan) == set()
    early = change(plan, "proxy@controller-1", after=())
    assert "law.7" in codes(cloud, early)


def test_what_carries_the_traffic_goes_one_side_at_a_time() -> None:
    cloud = traffic()
    plan = cloud.plan(allow_lock=True, max_unavailable=2)
    both = change(plan, "proxy@controller-0", after=plan.step("proxy@controller-1").after)
    told = " ".join(one.reason for one in found(cloud, both) if one.law == 7)
    assert "one side at a time" in told


def test_what_carries_the_traffic_meets_no_lock() -> None:
    cloud = traffic()
    plan = change(cloud.plan(allow_lock=True), "lock@compute-0", after=("db@controller-0",))
    told = " ".join(one.reason for one in found(cloud, plan) if one.law == 7)
    assert "lock@compute-0" in told


def test_a_further_entry_may_carry_the_traffic_here() -> None:
    cloud = pair()
    plan = change(cloud.plan(), "then@controller-0", after=("first@controller-0",))
    policy = dataclasses.replace(plan.policy, carries_traffic=("first",))
    assert codes(cloud, plan) == set()
    assert codes(cloud, dataclasses.replace(plan, policy=policy)) == {"law.7"}


def test_a_next_run_needs_no_order() -> None:
    cloud = pair(depends=True)
    plan = change(cloud.plan(), "then@controller-0", after=(), action=Action.NEXT_RUN)
    assert codes(cloud, plan) == {"law.8"}
