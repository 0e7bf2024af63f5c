import pytest

from insvc.catalog.entry import (
    AtMostOneDown,
    ClearSessions,
    Command,
    GracefulWindow,
    ReapOrphans,
    Rule,
    Service,
)
from insvc.model.act import DrainRule
from insvc.model.words import Action, InstanceState, Manager
from insvc.plan.plan import Plan
from tests.unit.check.sample import add, change, codes, only
from tests.unit.plan.sample import Cloud, entry, failed, job, stale


def test_a_job_is_left_to_its_next_run() -> None:
    for state in (InstanceState.SCHEDULED, InstanceState.RUNNING):
        cloud = Cloud(entry("expirer", managed_by=Manager.CRON, action=Action.NEXT_RUN)).host(
            "controller-0", job("expirer", state=state)
        )
        plan = cloud.plan()
        assert codes(cloud, plan) == set()
        fault = only(cloud, change(plan, "expirer@controller-0", action=Action.RESTART))
        assert fault.code == "law.6"
        assert "never ended in the middle of one" in fault.reason


@pytest.mark.parametrize(
    ("wanted", "done", "code"),
    [
        (Action.RELOAD, Action.RESTART, "law.8"),
        (Action.RESTART, Action.RELOAD, "law.8"),
        (Action.RESTART, Action.NEXT_RUN, "law.8"),
        (Action.RESTART, Action.NONE, "law.8"),
    ],
)
def test_what_is_done_is_what_cures(wanted: Action, done: Action, code: str) -> None:
    cloud = Cloud(entry("db", action=wanted)).host("compute-0", stale("db"))
    plan = cloud.plan()
    assert codes(cloud, plan) == set()
    assert codes(cloud, change(plan, "db@compute-0", action=done)) == {code}


def test_what_has_failed_is_restarted_whatever_would_load_new_code() -> None:
    cloud = Cloud(entry("db", action=Action.RELOAD)).host("compute-0", failed("db"))
    plan = cloud.plan(revive_failed=True)
    assert codes(cloud, plan) == set()
    assert codes(cloud, change(plan, "db@compute-0", action=Action.HANDOFF)) == {"law.8"}


def test_no_more_is_taken_down_than_the_documented_restart_takes() -> None:
    cloud = Cloud(entry("db", restart=(Command(run="sm-restart-safe service db"),)))
    cloud.host("compute-0", stale("db"))
    fault = only(cloud, change(cloud.plan(), "db@compute-0", with_dependants=True))
    assert "takes what depends on it down too" in fault.reason


def test_what_must_go_with_a_restart_goes_with_it() -> None:
    rules = (
        ReapOrphans(match="child", of="db"),
        ReapOrphans(match="child", of="other"),
        ClearSessions(path="/x"),
    )
    cloud = Cloud(entry("db", special_handling=rules)).host("compute-0", stale("db"))
    plan = cloud.plan()
    assert codes(cloud, plan) == set()
    for wrong in (None, "other"):
        why = only(cloud, change(plan, "db@compute-0", reap=wrong)).reason
        assert why == f"must end the orphans child with it, the step ends {wrong or 'none'} (law 8)"
    kept = change(plan, "db@compute-0", clear_sessions=False)
    assert "sessions must be deleted" in only(cloud, kept).reason


def test_nothing_goes_with_a_restart_that_the_catalog_does_not_name() -> None:
    cloud = Cloud(entry("db")).host("compute-0", stale("db"))
    plan = cloud.plan()
    why = only(cloud, change(plan, "db@compute-0", reap="java")).reason
    assert why == "has no orphans to end with it, the step ends java (law 8)"
    why = only(cloud, change(plan, "db@compute-0", clear_sessions=True)).reason
    assert why.startswith("deletes stored sessions, and nothing in the catalog calls for that")


def test_what_the_documented_restart_takes_along_is_taken_along() -> None:
    cloud = Cloud(entry("db", restart=(Command(run="sm-restart service db"),)))
    cloud.host("compute-0", stale("db"))
    plan = cloud.plan()
    assert codes(cloud, plan) == set()
    fault = only(cloud, change(plan, "db@compute-0", with_dependants=False))
    assert "leaves what depends on it running" in fault.reason


OWN = DrainRule(signal="USR1", timeout_s=7.0, on_timeout="leave")
WINDOWS = (GracefulWindow(timeout_s=30.0), GracefulWindow(timeout_s=40.0))


@pytest.mark.parametrize(
    ("service", "rules", "drain_s", "words"),
    [
        (Service(name="db"), (), None, "not at all"),
        (Service(name="db"), (), 3.0, "by TERM for 3 s and then kill"),
        (Service(name="db"), WINDOWS, None, "by TERM for 30 s and then kill"),
        (Service(name="db"), (AtMostOneDown(service="db"), *WINDOWS), None, "by TERM for 30 s"),
        (Service(name="db", drain=OWN), WINDOWS, None, "by USR1 for 7 s and then leave"),
        (Service(name="db", drain=OWN), (), 3.0, "by USR1 for 3 s and then leave"),
    ],
)
def test_what_is_under_way_may_finish_as_the_catalog_and_the_policy_say(
    service: Service, rules: tuple[Rule, ...], drain_s: float | None, words: str
) -> None:
    cloud = Cloud(entry("db", services=(service,), special_handling=rules))
    cloud.host("compute-0", stale("db"))
    plan = cloud.plan(drain_s=drain_s)
    assert codes(cloud, plan) == set()
    wrong = DrainRule(signal="HUP", timeout_s=1.0)
    fault = only(cloud, change(plan, "db@compute-0", drain=wrong))
    assert fault.reason.startswith(f"is drained by HUP for 1 s and then kill, {words}")
    if plan.steps[0].drain is not None:
        assert codes(cloud, change(plan, "db@compute-0", drain=None)) == {"law.8"}


def test_what_no_entry_knows_is_no_matter_of_actions() -> None:
    cloud = Cloud(entry("db")).host("compute-0", stale("stranger"))
    assert codes(cloud, add(Plan(), "stranger@compute-0")) == {"plan.structure"}


def test_a_job_that_has_failed_is_not_revived() -> None:
    cloud = Cloud(entry("expirer", action=Action.NEXT_RUN)).host("controller-0", failed("expirer"))
    plan = cloud.plan(revive_failed=True)
    assert plan.steps == ()
    assert codes(cloud, plan) == set()
    assert "law.6" in codes(cloud, add(plan, "expirer@controller-0"))
