from dataclasses import replace
from typing import Any

import pytest

from insvc.errors import AgentUnreachable
from insvc.execute.appraise import (
    abandon,
    after_dwell,
    appraise,
    came_up_between,
    came_up_by_itself,
    is_settled,
    leave_to_others,
    reinspect,
    running_services,
)
from insvc.execute.state import Run
from insvc.execute.steps import StepRun
from insvc.execute.transitions import StepState
from insvc.execute.verify import Judgement, judge
from insvc.model.act import ActFacts
from insvc.model.observation import HostObservation, Instance
from insvc.model.words import Action, InstanceState, Outcome, Role, Verdict
from insvc.plan.plan import Plan, Step
from tests.fakes.cloud import host, identity, instance

STEP = Step(id="a@h1", host="h1", service="a", expects=(identity(1),), dwell_s=1.0)
JOB = replace(STEP, action=Action.NEXT_RUN)


def outcome(step: Step, seen: HostObservation) -> Outcome | None:
    judgement = appraise(step, (seen,))
    return None if judgement is None else judgement.outcome


def test_a_stale_instance_is_due() -> None:
    assert outcome(STEP, host("h1", instance("a", 1))) is None


def test_a_service_is_looked_for_on_its_own_host() -> None:
    own, other = host("h1", instance("a", 2, stale=False)), host("h2", instance("a", 1))
    judgement = appraise(STEP, (own, other))
    assert judgement is not None
    assert judgement.outcome is Outcome.ALREADY_CURRENT


def test_a_new_process_with_current_code_needs_nothing() -> None:
    judgement = appraise(STEP, (host("h1", instance("a", 9, stale=False)),))
    assert judgement is not None
    assert judgement.outcome is Outcome.ALREADY_CURRENT
    assert "pid 9" in judgement.why
    assert judgement.checks[0].passed


def test_a_new_process_that_is_stale_again_is_due() -> None:
    assert outcome(STEP, host("h1", instance("a", 9))) is None


def test_a_current_process_that_the_plan_expects_was_asked_for() -> None:
    assert outcome(STEP, host("h1", instance("a", 1, stale=False))) is None


def test_a_suspect_instance_is_due() -> None:
    assert outcome(STEP, host("h1", instance("a", 9, verdict=Verdict.SUSPECT))) is None


def test_an_instance_whose_processes_are_not_known_is_due() -> None:
    assert outcome(STEP, host("h1", instance("a", stale=False))) is None


@pytest.mark.parametrize(
    ("state", "changes", "is_due"),
    [
        (InstanceState.FAILED, {}, True),
        (InstanceState.STOPPED, {}, True),
        (InstanceState.STOPPED, {"role": Role.STANDBY}, False),
        (InstanceState.FAILED, {"role": Role.STANDBY}, True),
        (InstanceState.STOPPED, {"locked": True}, False),
        (InstanceState.FAILED, {"locked": True}, True),
        (InstanceState.DISABLED, {}, False),
    ],
)
def test_what_an_act_that_was_cut_short_left_down_is_due(
    state: InstanceState, changes: dict[str, Any], is_due: bool
) -> None:
    seen = replace(host("h1", instance("a", state=state)), **changes)
    assert (appraise(STEP, (seen,), was_begun=True) is None) == is_due
    assert appraise(STEP, (seen,)) is not None


@pytest.mark.parametrize("revives", [True, False])
def test_what_failed_since_the_plan_is_started_where_the_run_revives(revives: bool) -> None:
    seen = host("h1", instance("a", state=InstanceState.FAILED))
    judgement = appraise(STEP, (seen,), revives=revives)
    if revives:
        assert judgement is None
    else:
        assert judgement is not None
        assert judgement.outcome is Outcome.NOT_RUNNING


def test_what_was_cut_short_and_is_not_tried_again_has_failed() -> None:
    assert abandon(1).outcome is Outcome.SKIPPED
    assert abandon(2).outcome is Outcome.FAILED
    assert abandon(2).why == "try 1 was cut short, and the run starts nothing more"


def test_a_service_that_nobody_knows_is_not_running() -> None:
    assert outcome(STEP, host("h1")) is Outcome.NOT_RUNNING


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (InstanceState.STOPPED, Outcome.NOT_RUNNING),
        (InstanceState.DISABLED, Outcome.DISABLED),
    ],
)
def test_an_instance_at_rest_keeps_resting(state: InstanceState, expected: Outcome) -> None:
    resting = instance("a", stale=False, state=state)
    assert outcome(STEP, host("h1", resting)) is expected
    judgement = appraise(STEP, (host("h1", resting, role=Role.STANDBY),))
    assert judgement is not None
    assert "stands by" in judgement.why
    assert not judgement.checks[0].passed


def test_what_a_lock_has_stopped_starts_with_the_new_code() -> None:
    resting = instance("a", stale=False, state=InstanceState.STOPPED)
    locked = replace(host("h1", resting), locked=True)
    assert outcome(STEP, locked) is Outcome.ALREADY_CURRENT


def test_a_stopped_instance_with_a_process_is_a_contradiction() -> None:
    odd = instance("a", 5, state=InstanceState.STOPPED)
    assert outcome(STEP, host("h1", odd)) is Outcome.UNKNOWN


def test_a_failed_instance_is_started_only_if_the_plan_was_made_for_it() -> None:
    failed = instance("a", stale=False, state=InstanceState.FAILED)
    assert outcome(STEP, host("h1", failed)) is Outcome.NOT_RUNNING
    assert outcome(replace(STEP, expects=()), host("h1", failed)) is None


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (instance("a", state=InstanceState.SCHEDULED), None),
        (instance("a", state=InstanceState.SCHEDULED, stale=False), Outcome.ALREADY_CURRENT),
        (instance("a", state=InstanceState.DISABLED), Outcome.DISABLED),
        (instance("a", 3, state=InstanceState.RUNNING), None),
    ],
)
def test_a_job_is_due_while_something_speaks_for_old_code(
    job: Instance, expected: Outcome | None
) -> None:
    assert outcome(JOB, host("h1", job)) is expected


@pytest.mark.parametrize(
    ("action", "seen", "expected"),
    [
        (Action.LOCK, HostObservation(host="h1", locked=True), Outcome.DONE),
        (Action.LOCK, HostObservation(host="h1"), None),
        (Action.UNLOCK, HostObservation(host="h1"), Outcome.DONE),
        (Action.UNLOCK, HostObservation(host="h1", locked=True), None),
        (Action.SWACT, HostObservation(host="h1", role=Role.STANDBY), None),
    ],
)
def test_a_host_act_is_due_until_the_host_shows_it(
    action: Action, seen: HostObservation, expected: Outcome | None
) -> None:
    step = Step(id=f"{action}@h1", host="h1", action=action, to_host="h2")
    assert outcome(step, seen) is expected


def test_a_swact_that_has_happened_is_done() -> None:
    step = Step(id="swact@h1", host="h1", action=Action.SWACT, to_host="h2")
    hosts = (host("h1", role=Role.STANDBY), host("h2", role=Role.ACTIVE))
    judgement = appraise(step, hosts)
    assert judgement is not None
    assert judgement.outcome is Outcome.DONE


def test_a_swact_that_is_to_cure_is_due_until_what_it_cures_is_current() -> None:
    step = Step(id="swact@h1", host="h1", action=Action.SWACT, to_host="h2", cures=("a",))
    was = host("h1", role=Role.STANDBY)
    stale, current = instance("a", 1), instance("a", 2, stale=False)
    assert appraise(step, (was, host("h2", stale, role=Role.ACTIVE))) is None
    judgement = appraise(step, (was, host("h2", current, role=Role.ACTIVE)))
    assert judgement is not None
    assert judgement.outcome is Outcome.DONE


TOLD = StepRun(
    state=StepState.LOST, attempt=1, before=(identity(1),), ran=("a", "b", "job", "gone")
)


def two_looks(first: Instance, later: Instance, told: StepRun = TOLD) -> ActFacts | str:
    job = instance("job", state=InstanceState.SCHEDULED, stale=False)
    others = (instance("b", 5, stale=False), job)
    return reinspect(
        STEP,
        told,
        replace(host("h1", first, *others), taken_at=10.0),
        replace(host("h1", later, *others), taken_at=11.5),
    )


@pytest.mark.parametrize("state", InstanceState)
def test_only_what_starts_or_stops_is_not_settled(state: InstanceState) -> None:
    between = state in {InstanceState.STARTING, InstanceState.STOPPING}
    assert is_settled(STEP, host("h1", instance("a", state=state))) is not between
    assert is_settled(STEP, host("h1", instance("other", state=state)))


def test_two_looks_at_a_restarted_service_are_facts_that_can_be_judged() -> None:
    fresh = instance("a", 9, stale=False)
    found = two_looks(fresh, fresh, replace(TOLD, ran=("a", "b", "job")))
    assert isinstance(found, ActFacts)
    assert found.dwelled_s == 1.5
    assert judge(STEP, found, TOLD.before).outcome is Outcome.RESTARTED


def test_a_service_that_was_lost_with_the_act_is_named() -> None:
    fresh = instance("a", 9, stale=False)
    found = two_looks(fresh, fresh)
    assert isinstance(found, ActFacts)
    assert found.lost == ("gone",)


NEW = instance("a", 9, stale=False)
OLD = instance("a", 1)


@pytest.mark.parametrize(
    ("first", "later", "expected"),
    [
        (OLD, NEW, True),
        (instance("a", state=InstanceState.STOPPED), NEW, True),
        (instance("a", state=InstanceState.FAILED), NEW, True),
        (instance("other", 5), NEW, True),
        (instance("a", stale=False), NEW, True),
        (NEW, NEW, False),
        (NEW, instance("a", 10, stale=False), False),
        (OLD, OLD, False),
        (OLD, instance("a", state=InstanceState.FAILED), False),
    ],
)
def test_a_service_that_came_up_after_the_first_look_has_not_dwelled_yet(
    first: Instance, later: Instance, expected: bool
) -> None:
    found = came_up_between(STEP, TOLD, host("h1", first), host("h1", later))
    assert found is expected


FOUND = Judgement(outcome=Outcome.ALREADY_CURRENT, why="pid 9")


@pytest.mark.parametrize(
    ("step", "outcome", "one", "expected"),
    [
        (STEP, Outcome.ALREADY_CURRENT, NEW, True),
        (STEP, Outcome.ALREADY_CURRENT, instance("a", stale=False), False),
        (STEP, Outcome.ALREADY_CURRENT, instance("other", 5), False),
        (STEP, Outcome.NOT_RUNNING, NEW, False),
        (JOB, Outcome.ALREADY_CURRENT, NEW, False),
        (replace(STEP, action=Action.LOCK), Outcome.ALREADY_CURRENT, NEW, False),
    ],
)
def test_only_a_service_of_which_a_new_process_was_found_has_come_up_by_itself(
    step: Step, outcome: Outcome, one: Instance, expected: bool
) -> None:
    found = replace(FOUND, outcome=outcome)
    assert came_up_by_itself(step, found, host("h1", one)) is expected


STARTING = replace(NEW, state=InstanceState.STARTING)
AT_REST = instance("a", state=InstanceState.STOPPED, stale=False)


@pytest.mark.parametrize(
    ("first", "later", "expected"),
    [
        (NEW, NEW, Outcome.ALREADY_CURRENT),
        (NEW, instance("a", 10, stale=False), None),
        (NEW, replace(NEW, restarts=1), None),
        (NEW, replace(NEW, verdict=Verdict.STALE), None),
        (NEW, instance("a", state=InstanceState.FAILED, stale=False), None),
        (STARTING, NEW, None),
        (NEW, STARTING, None),
        (STARTING, STARTING, None),
        (instance("other", 5), NEW, None),
        (NEW, AT_REST, Outcome.NOT_RUNNING),
        (NEW, instance("other", 5), Outcome.NOT_RUNNING),
    ],
)
def test_what_came_up_by_itself_is_current_once_it_has_dwelled(
    first: Instance, later: Instance, expected: Outcome | None
) -> None:
    found = after_dwell(STEP, FOUND, host("h1", first), host("h1", later))
    assert (None if found is None else found.outcome) is expected


@pytest.mark.parametrize(
    "later", [instance("a", 10, stale=False), instance("a", 9, stale=False, restarts=1)]
)
def test_a_restart_between_the_looks_breaks_the_dwell(later: Instance) -> None:
    found = two_looks(instance("a", 9, stale=False), later)
    assert isinstance(found, ActFacts)
    assert found.restarts_in_dwell == 1


@pytest.mark.parametrize(
    ("first", "later", "restarts"),
    [
        (
            instance("a", stale=False, processes=(identity(9), identity(10))),
            instance("a", stale=False, processes=(identity(9), identity(11))),
            0,
        ),
        (instance("a", 9, stale=False, restarts=2), instance("a", 9, stale=False, restarts=3), 1),
        (instance("a", 9, stale=False, restarts=2), instance("a", 9, stale=False), 0),
    ],
)
def test_only_another_main_process_or_a_count_that_rises_is_a_restart(
    first: Instance, later: Instance, restarts: int
) -> None:
    found = two_looks(first, later)
    assert isinstance(found, ActFacts)
    assert found.restarts_in_dwell == restarts


def test_what_was_lost_with_the_act_is_listed_by_name() -> None:
    fresh = instance("a", 9, stale=False)
    names = tuple("zyxwvu")
    found = two_looks(fresh, fresh, replace(TOLD, ran=names))
    assert isinstance(found, ActFacts)
    assert found.lost == ("u", "v", "w", "x", "y", "z")


def test_a_service_that_is_only_starting_is_not_ready() -> None:
    starting = instance("a", 9, stale=False, state=InstanceState.STARTING)
    found = two_looks(starting, starting)
    assert isinstance(found, ActFacts)
    assert found.is_ready is False
    assert not found.manager_done


@pytest.mark.parametrize(
    ("later", "because"),
    [
        (instance("a", 9), "still-stale"),
        (instance("a", 1, stale=False), "still-stale"),
        (instance("a", stale=False), "down"),
        (instance("a", 9, stale=False, state=InstanceState.FAILED), "down"),
        (instance("other", 9), "down"),
    ],
)
def test_what_was_not_cured_is_due_again(later: Instance, because: str) -> None:
    assert two_looks(instance("a", 9, stale=False), later) == because


def test_what_the_plan_expects_stands_in_for_an_intent_that_saw_nothing() -> None:
    fresh = instance("a", 9, stale=False)
    found = two_looks(fresh, fresh, StepRun(state=StepState.LOST, attempt=1))
    assert isinstance(found, ActFacts)
    assert found.before == STEP.expects


def test_running_services_are_listed_by_name() -> None:
    seen = host("h1", instance("b", 2), instance("a", 1), instance("c", state=InstanceState.FAILED))
    assert running_services(seen) == ("a", "b")


@pytest.mark.parametrize(
    ("state", "lost"),
    [
        (StepState.UNDER_WAY, ("other",)),
        (StepState.FAILED, ("other",)),
        (StepState.SUCCEEDED, ("b", "other")),
        (StepState.WAITING, ("b", "other")),
    ],
)
def test_a_loss_that_another_step_answers_for_is_left_to_it(
    state: StepState, lost: tuple[str, ...]
) -> None:
    sibling = Step(id="b@h1", host="h1", service="b")
    elsewhere = Step(id="other@h2", host="h2", service="other")
    plan = Plan(steps=(STEP, sibling, elsewhere))
    steps = {"a@h1": TOLD, "b@h1": StepRun(state=state), "other@h2": StepRun(state=state)}
    facts = ActFacts(step="a@h1", lost=("b", "other"))
    found = leave_to_others(Run(run="r", plan=plan, steps=steps), STEP, facts)
    assert found.lost == lost


def test_of_a_service_that_nobody_tells_of_nothing_is_concluded() -> None:
    silent = instance("a", 9, state=InstanceState.UNKNOWN)
    with pytest.raises(AgentUnreachable, match="nobody tells what a does"):
        two_looks(instance("a", 9, stale=False), silent)
