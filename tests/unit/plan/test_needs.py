"""`insvc.plan.needs`: what calls for an act, and every reason why something does not."""

import pytest

from insvc.model.observation import Evidence, Instance
from insvc.model.words import Action, EvidenceKind, InstanceState, Manager, RestartClass, Verdict
from insvc.plan.leaving import needs_lock
from insvc.plan.needs import Need, find_needs, omit
from insvc.plan.policy import Policy
from tests.unit.plan.sample import NEWER, REPLACED, Cloud, entry, failed, fresh, job, stale, stopped


def only(
    instance: Instance, policy: Policy | None = None, **fields: object
) -> tuple[tuple[Need, ...], dict[str, str]]:
    cloud = Cloud(entry("a", **fields)).host("compute-0", instance)
    needs, omitted = find_needs(cloud.view(), policy or Policy())
    return needs, {one.service: one.reason for one in omitted}


def test_a_stale_instance_needs_what_its_entry_says() -> None:
    (need,), omitted = only(stale("a"), action=Action.RELOAD)
    assert (need.id, need.service, need.action) == ("a@compute-0", "a", Action.RELOAD)
    assert need.disrupts
    assert not need.revives
    assert omitted == {}


def test_a_wish_is_told_from_staleness() -> None:
    wish = Evidence(kind=EvidenceKind.REQUESTED, subject="a", found="asked for by name")
    (wished,), _ = only(stale("a", evidence=(wish,)))
    (both,), _ = only(stale("a", evidence=(REPLACED, wish)))
    (newer,), _ = only(stale("a", evidence=(NEWER, wish)))
    assert wished.cause == newer.cause == "was asked for by name"
    assert both.cause.startswith("runs replaced code (law 9)")


def test_current_code_calls_for_nothing() -> None:
    assert only(fresh("a")) == ((), {})


@pytest.mark.parametrize(
    ("instance", "words"),
    [
        (stale("a", verdict=Verdict.SUSPECT), "only suspected"),
        (fresh("a", evidence=(NEWER,)), "runs none of the replaced code"),
        (stopped("a", evidence=(NEWER,)), "its next start uses the installed code"),
        (stale("a", state=InstanceState.DISABLED), "is disabled here"),
        (stale("a", state=InstanceState.STARTING), "still starting"),
        (stale("a", state=InstanceState.STOPPING), "just stopping"),
        (stale("a", state=InstanceState.UNKNOWN), "could not be found out"),
        (failed("a"), "revive_failed starts it again"),
    ],
)
def test_what_gets_no_step_has_a_reason(instance: Instance, words: str) -> None:
    needs, omitted = only(instance)
    assert needs == ()
    assert words in omitted["a"]


def test_the_catalog_may_say_that_nothing_has_to_be_done() -> None:
    needs, omitted = only(stale("a"), action=Action.NONE)
    assert needs == ()
    assert "nothing has to be done" in omitted["a"]


def test_what_no_catalog_knows_is_left_alone() -> None:
    cloud = Cloud().host("compute-0", stale("a"), failed("b"))
    needs, omitted = find_needs(cloud.view(), Policy(revive_failed=True))
    assert needs == ()
    assert "no catalog entry knows it" in omitted[0].reason
    assert "has failed" in omitted[1].reason
    assert omitted[0].entry == ""


def test_a_failed_instance_is_revived_where_the_policy_says_so() -> None:
    (need,), omitted = only(failed("a"), Policy(revive_failed=True))
    assert need.revives
    assert not need.disrupts
    assert need.action is Action.RESTART
    assert omitted == {}


@pytest.mark.parametrize(
    "instance",
    [
        job("a"),
        stale("a", manager=Manager.CRON),
        Instance(service="a", state=InstanceState.SCHEDULED, verdict=Verdict.STALE),
    ],
)
def test_a_job_is_never_restarted(instance: Instance) -> None:
    (need,), _ = only(instance)
    assert need.action is Action.NEXT_RUN
    assert not need.disrupts


def test_an_entry_that_cron_manages_is_a_job_whatever_its_action() -> None:
    (need,), _ = only(stale("a"), managed_by=Manager.CRON)
    assert need.action is Action.NEXT_RUN


def test_a_verdict_without_evidence_says_so() -> None:
    (need,), _ = only(stale("a", evidence=()))
    assert "gave no evidence" in need.cause


def test_more_evidence_is_counted() -> None:
    (need,), _ = only(stale("a", evidence=(REPLACED, NEWER, NEWER)))
    assert f"{REPLACED} (and 2 more)" in need.cause


def test_a_host_that_does_not_answer_is_omitted_as_a_whole() -> None:
    cloud = Cloud(entry("a")).host("compute-0", reachable=False, unseen=("socket gone",))
    _, (omission,) = find_needs(cloud.view(), Policy())
    assert (omission.host, omission.service) == ("compute-0", "")
    assert "socket gone" in omission.reason


def test_a_host_may_be_unreachable_without_a_known_cause() -> None:
    cloud = Cloud(entry("a")).host("compute-0", reachable=False)
    _, (omission,) = find_needs(cloud.view(), Policy())
    assert omission.reason.startswith("the host does not answer: ")


def test_peers_at_rest_of_what_is_restarted_are_explained_once() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", stopped("a"))
    cloud.host("compute-2", stopped("a", evidence=(NEWER,))).host("compute-3", fresh("a"))
    cloud.host("compute-4", reachable=False)
    _, omitted = find_needs(cloud.view(), Policy())
    assert sorted(one.host for one in omitted if one.service == "a") == ["compute-1", "compute-2"]


def test_an_omission_names_the_entry() -> None:
    view = Cloud(entry("a", "b")).host("compute-0", fresh("b")).view()
    assert omit(view, "compute-0", "b", "so").entry == "a"


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, False),
        ({"in_service_patchable": False}, True),
        ({"restart_class": RestartClass.REBOOT_ONLY}, True),
        ({"action": Action.LOCK}, True),
    ],
)
def test_some_entries_need_a_locked_host(fields: dict[str, object], wanted: bool) -> None:
    assert needs_lock(entry("a", **fields)) is wanted


def test_a_job_that_has_failed_is_left_to_its_next_run() -> None:
    cloud = Cloud(entry("expirer", action=Action.NEXT_RUN)).host("controller-0", failed("expirer"))
    needs, omitted = find_needs(cloud.view(), Policy(revive_failed=True))
    assert needs == ()
    assert ["a job is never restarted" in one.reason for one in omitted] == [True]


def test_signs_are_counted_without_the_wish_unless_it_is_alone() -> None:
    wish = Evidence(kind=EvidenceKind.REQUESTED, subject="a", found="asked for by name")
    (both,), _ = only(stale("a", evidence=(wish, REPLACED)))
    assert both.cause == f"runs replaced code (law 9); {REPLACED}"
    (two,), _ = only(stale("a", evidence=(REPLACED, NEWER, wish)))
    assert two.cause == f"runs replaced code (law 9); {REPLACED} (and 1 more)"
    _, omitted = only(stale("a", verdict=Verdict.SUSPECT, evidence=(wish,)))
    assert omitted["a"].endswith(str(wish))
