from dataclasses import replace
from typing import Any

import pytest

from insvc.execute.verify import Judgement, is_end_unknown, judge, judge_host
from insvc.model.act import ActFacts
from insvc.model.observation import Evidence, HostObservation, Instance, ProcessIdentity
from insvc.model.words import Action, EvidenceKind, InstanceState, Outcome, Role, Verdict
from insvc.plan.plan import Step

STEP = Step(id="a@h1", host="h1", service="a", dwell_s=1.0)
OLD = ProcessIdentity(boot_id="b", pid=7, start_ticks=70)
NEW = ProcessIdentity(boot_id="b", pid=8, start_ticks=80)
STALE = Evidence(kind=EvidenceKind.MAPPING_REPLACED, subject="/usr/lib/liba.so", pid=8)
GOOD = ActFacts(
    step="a@h1",
    manager_done=True,
    said="pmon: restarted",
    state=InstanceState.RUNNING,
    before=(OLD,),
    after=(NEW,),
    is_ready=True,
    dwelled_s=1.0,
)
UNKNOWN_END = ActFacts(step="a@h1", said="unknown")


def facts(**changes: Any) -> ActFacts:
    return replace(GOOD, **changes)


def test_a_step_that_climbs_the_whole_ladder_is_restarted() -> None:
    judgement = judge(STEP, GOOD)
    assert judgement.outcome is Outcome.RESTARTED
    assert [one.name for one in judgement.checks] == [
        "manager-done",
        "new-identity",
        "nothing-stale",
        "ready",
        "dwelled",
        "nothing-lost",
    ]
    assert all(one.passed for one in judgement.checks)
    assert "pid 7 before, pid 8 after" in judgement.checks[1].detail


@pytest.mark.parametrize(
    ("changes", "rung", "word"),
    [
        ({"manager_done": False, "said": "gave up after 3 starts"}, "manager-done", "gave up"),
        ({"manager_done": False, "said": ""}, "manager-done", "no word"),
        ({"after": ()}, "new-identity", "no process runs"),
        ({"after": (NEW, OLD)}, "new-identity", "old process is left"),
        ({"stale_evidence": (STALE,)}, "nothing-stale", "liba.so"),
        ({"is_ready": False}, "ready", "does not answer"),
        ({"is_ready": None, "state": InstanceState.STARTING}, "ready", "starting"),
        ({"restarts_in_dwell": 1}, "dwelled", "once"),
        ({"restarts_in_dwell": 2}, "dwelled", "2 times"),
        ({"lost": ("b", "c")}, "nothing-lost", "b, c"),
    ],
)
def test_the_first_rung_that_breaks_fails_the_step_by_name(
    changes: dict[str, Any], rung: str, word: str
) -> None:
    judgement = judge(STEP, facts(**changes))
    assert judgement.outcome is Outcome.FAILED
    assert judgement.why.startswith(f"{rung}: ")
    assert word in judgement.why


def test_the_process_of_the_written_intent_counts_as_old_too() -> None:
    judgement = judge(STEP, facts(before=()), before=(NEW,))
    assert judgement.outcome is Outcome.FAILED
    assert judge(STEP, facts(before=())).outcome is Outcome.RESTARTED


@pytest.mark.parametrize(
    "changes",
    [{"dwelled_s": 0.2}, {"is_ready": None, "state": InstanceState.UNKNOWN}],
)
def test_what_could_not_be_verified_is_no_success(changes: dict[str, Any]) -> None:
    assert judge(STEP, facts(**changes)).outcome is Outcome.UNVERIFIED


def test_a_master_that_hands_over_in_place_is_judged_by_what_it_runs() -> None:
    handoff = replace(STEP, action=Action.HANDOFF)
    mixed = facts(after=(OLD, NEW))
    judgement = judge(handoff, mixed)
    assert judgement.outcome is Outcome.DONE
    assert "new-identity" not in {one.name for one in judgement.checks}
    still = judge(handoff, replace(mixed, stale_evidence=(STALE,)))
    assert still.why.startswith("nothing-stale: ")
    assert judge(handoff, GOOD).outcome is Outcome.RESTARTED
    assert judge(handoff, facts(after=(OLD,))).why.startswith("new-identity: ")
    assert judge(STEP, mixed).why.startswith("new-identity: ")


def test_systemd_that_executed_itself_is_judged_by_what_it_runs() -> None:
    handler = replace(STEP, action=Action.HANDLER)
    same = facts(after=(OLD,))
    assert judge(handler, same).outcome is Outcome.DONE
    assert judge(handler, replace(same, stale_evidence=(STALE,))).outcome is Outcome.FAILED
    assert judge(handler, replace(same, manager_done=False)).outcome is Outcome.FAILED
    assert judge(handler, GOOD).outcome is Outcome.RESTARTED
    assert judge(handler, facts(after=())).why.startswith("new-identity: ")


def test_failure_wins_over_what_could_not_be_verified() -> None:
    judgement = judge(STEP, facts(dwelled_s=0.0, lost=("b",)))
    assert judgement.outcome is Outcome.FAILED
    assert judgement.why.startswith("nothing-lost")


def test_a_service_without_a_readiness_check_must_run() -> None:
    assert judge(STEP, facts(is_ready=None)).outcome is Outcome.RESTARTED


def test_a_newer_package_alone_is_no_replaced_code() -> None:
    newer = replace(STALE, kind=EvidenceKind.PACKAGE_NEWER)
    assert judge(STEP, facts(stale_evidence=(newer,))).outcome is Outcome.RESTARTED


@pytest.mark.parametrize("said", ["", "no service is called a"])
def test_a_refusal_fails_the_step_with_the_agents_words(said: str) -> None:
    judgement = judge(STEP, facts(accepted=False, said=said))
    assert judgement.outcome is Outcome.FAILED
    assert (said or "no reason") in judgement.why


def test_an_end_that_the_agent_does_not_know_is_unknown() -> None:
    assert is_end_unknown(UNKNOWN_END)
    assert not is_end_unknown(GOOD)
    assert judge(STEP, UNKNOWN_END).outcome is Outcome.UNKNOWN


def test_a_cron_job_is_cured_by_its_next_run() -> None:
    step = replace(STEP, action=Action.NEXT_RUN)
    newer = replace(STALE, kind=EvidenceKind.PACKAGE_NEWER, pid=None)
    done = ActFacts(step="a@h1", manager_done=True, stale_evidence=(newer,))
    assert judge(step, done).outcome is Outcome.NEXT_RUN
    assert judge(step, replace(done, manager_done=False)).outcome is Outcome.FAILED
    assert judge(step, replace(done, stale_evidence=(STALE,))).outcome is Outcome.FAILED


def test_a_reload_keeps_its_process() -> None:
    step = replace(STEP, action=Action.RELOAD)
    assert judge(step, facts(after=(OLD,))).outcome is Outcome.DONE
    assert judge(step, facts(after=(OLD,), stale_evidence=(STALE,))).outcome is Outcome.FAILED


SWACT = Step(id="swact@h1", host="h1", to_host="h2", action=Action.SWACT)
LOCK = Step(id="lock@h1", host="h1", action=Action.LOCK)
UNLOCK = Step(id="unlock@h1", host="h1", action=Action.UNLOCK)
DONE = ActFacts(step="x", manager_done=True, said="done")


def seen(host: str, role: Role | None = None, *, locked: bool = False) -> HostObservation:
    return HostObservation(host=host, role=role, locked=locked)


def test_a_swact_is_done_when_both_hosts_show_their_new_roles() -> None:
    hosts = (seen("h1", Role.STANDBY), seen("h2", Role.ACTIVE))
    judgement = judge_host(SWACT, (DONE, DONE), hosts)
    assert judgement.outcome is Outcome.DONE
    assert [one.name for one in judgement.checks] == [
        "manager-done",
        "h1 is standby",
        "h2 is active",
        "nothing-lost",
    ]


def taken_over(*instances: Instance, **fields: Any) -> Judgement:
    """A swact that is to cure a and b, and what the new active host shows then."""
    there = HostObservation(host="h2", role=Role.ACTIVE, instances=instances, **fields)
    curing = replace(SWACT, cures=("a", "b"))
    return judge_host(curing, (DONE, DONE), (seen("h1", Role.STANDBY), there))


def test_a_swact_that_cures_is_done_when_what_it_cures_runs_there_and_is_not_stale() -> None:
    judgement = taken_over(Instance(service="a"), Instance(service="b"))
    assert judgement.outcome is Outcome.DONE
    (rung,) = [one for one in judgement.checks if one.name == "cured on h2"]
    assert rung.detail == "2 of 2 run there with the installed code"


@pytest.mark.parametrize(
    "b",
    [
        Instance(service="b", state=InstanceState.STARTING),
        Instance(service="b", verdict=Verdict.STALE),
        Instance(service="other"),
    ],
)
def test_a_swact_that_leaves_something_stale_or_down_has_failed(b: Instance) -> None:
    judgement = taken_over(Instance(service="a"), b)
    assert judgement.outcome is Outcome.FAILED
    assert judgement.why == "cured on h2: down or stale there: b"


def test_whether_a_host_that_was_not_seen_was_cured_is_not_known() -> None:
    assert taken_over(reachable=False).outcome is Outcome.UNKNOWN
    alone = judge_host(replace(SWACT, cures=("a",)), (DONE, DONE), (seen("h1", Role.STANDBY),))
    assert ("cured on h2", "h2 was not seen") in [(one.name, one.detail) for one in alone.checks]


@pytest.mark.parametrize(
    ("facts_of_it", "hosts", "outcome"),
    [
        ((DONE, DONE), (seen("h1", Role.STANDBY), seen("h2", Role.STANDBY)), Outcome.FAILED),
        ((DONE, DONE), (seen("h1", Role.STANDBY),), Outcome.UNKNOWN),
        (
            (DONE, DONE),
            (seen("h1", Role.STANDBY), HostObservation(host="h2", reachable=False)),
            Outcome.UNKNOWN,
        ),
        (
            (DONE, replace(DONE, lost=("haproxy",))),
            (seen("h1", Role.STANDBY), seen("h2", Role.ACTIVE)),
            Outcome.FAILED,
        ),
        (
            (replace(DONE, manager_done=False),),
            (seen("h1", Role.STANDBY), seen("h2", Role.ACTIVE)),
            Outcome.FAILED,
        ),
    ],
)
def test_a_swact_that_the_hosts_do_not_show_is_not_done(
    facts_of_it: tuple[ActFacts, ...], hosts: tuple[HostObservation, ...], outcome: Outcome
) -> None:
    assert judge_host(SWACT, facts_of_it, hosts).outcome is outcome


def test_a_lock_is_done_when_the_host_shows_it_and_may_stop_everything() -> None:
    stopped = replace(DONE, lost=("a", "b"))
    assert judge_host(LOCK, (stopped,), (seen("h1", locked=True),)).outcome is Outcome.DONE
    assert judge_host(LOCK, (stopped,), (seen("h1"),)).outcome is Outcome.FAILED


def test_an_unlock_must_bring_everything_back() -> None:
    assert judge_host(UNLOCK, (DONE,), (seen("h1"),)).outcome is Outcome.DONE
    lost = replace(DONE, lost=("a",))
    assert judge_host(UNLOCK, (lost,), (seen("h1"),)).outcome is Outcome.FAILED


def test_a_swact_that_names_no_other_host_is_judged_by_its_own() -> None:
    alone = replace(SWACT, to_host=None)
    assert judge_host(alone, (DONE,), (seen("h1", Role.STANDBY),)).outcome is Outcome.DONE


def test_a_manager_without_words_is_told_so() -> None:
    silent = replace(DONE, said="")
    judgement = judge_host(LOCK, (silent,), (seen("h1", locked=True),))
    assert judgement.checks[0].detail == "the managers report it"


def test_success_names_every_rung_that_held() -> None:
    rungs = "manager-done, new-identity, nothing-stale, ready, dwelled, nothing-lost"
    assert judge(STEP, GOOD).why == f"all hold: {rungs}"


def test_an_unknown_end_is_a_rung_that_does_not_hold() -> None:
    judgement = judge(STEP, UNKNOWN_END)
    assert [one.passed for one in judgement.checks] == [False]
    assert judgement.why == "manager-done: the agent does not know how the act ended"


def test_of_several_signs_the_first_is_named() -> None:
    older = ProcessIdentity(boot_id="b", pid=5, start_ticks=50)
    other = Evidence(kind=EvidenceKind.MAPPING_REPLACED, subject="/usr/lib/libb.so", pid=8)
    both = facts(before=(OLD, older), after=(older, OLD), stale_evidence=(STALE, other))
    checks = {one.name: one.detail for one in judge(STEP, both).checks}
    assert checks["new-identity"] == f"an old process is left: {older}"
    assert checks["nothing-stale"] == str(STALE)
    assert judge(STEP, both).why.startswith("new-identity: ")


def test_processes_are_listed_in_their_order() -> None:
    earlier = ProcessIdentity(boot_id="b", pid=6, start_ticks=75)
    found = judge(STEP, facts(after=(NEW, earlier), before=(OLD,))).checks[1].detail
    assert found == "pid 7 before, pid 6, pid 8 after"


def test_a_dwell_that_is_short_by_no_more_than_the_tolerance_is_long_enough() -> None:
    step = replace(STEP, dwell_s=0.05)
    assert judge(step, facts(dwelled_s=0.0)).outcome is Outcome.RESTARTED


def test_of_two_managers_both_must_have_done_it() -> None:
    step = Step(id="swact@h1", host="h1", to_host="h2", action=Action.SWACT, dwell_s=0.0)
    seen = (
        HostObservation(host="h1", role=Role.STANDBY),
        HostObservation(host="h2", role=Role.ACTIVE),
    )
    done, silent = facts(said="gave it up"), facts(said="")
    judgement = judge_host(step, (done, replace(silent, manager_done=False)), seen)
    assert judgement.outcome is Outcome.FAILED
    told = judge_host(step, (done, silent), seen)
    assert told.outcome is Outcome.DONE
    assert told.checks[0].detail == "gave it up"


@pytest.mark.parametrize("locked", [True, False])
def test_what_a_host_must_show_and_what_it_shows_are_told(locked: bool) -> None:
    action = Action.LOCK if locked else Action.UNLOCK
    step = Step(id=f"{action}@h1", host="h1", action=action, dwell_s=0.0)
    word = "locked" if locked else "unlocked"
    active = HostObservation(host="h1", role=Role.ACTIVE, locked=True)
    none = HostObservation(host="h1", locked=False)
    first, second = (judge_host(step, (facts(),), (one,)).checks[1] for one in (active, none))
    assert (first.name, first.passed) == (f"h1 is {word}", locked)
    assert first.detail == "observed: role active, locked"
    assert (second.passed, second.detail) == (not locked, "observed: role none, not locked")
