"""Only time forgives."""

from dataclasses import replace

import pytest

from insvc.supervise.budget import (
    Condition,
    Spent,
    after_death,
    after_failed_change,
    after_good_change,
    after_proof,
    after_request,
    forgiven,
)
from insvc.supervise.definition import FailureBudget

BUDGET = FailureBudget()


def after_deaths(*moments: float, budget: FailureBudget = BUDGET) -> Spent:
    spent = Spent()
    for moment in moments:
        spent = after_death(spent, budget, moment)
    return spent


def after_failed_starts(count: int, pause_s: float = 1.0) -> Spent:
    spent = Spent()
    for number in range(count):
        spent = after_failed_change(spent, BUDGET, number * pause_s)
    return spent


def test_the_second_death_within_its_time_is_a_failure_of_recovery() -> None:
    assert after_deaths(0.0).condition is Condition.NONE
    assert after_deaths(0.0, 89.0).condition is Condition.RECOVERY_FAILURE


def test_a_death_is_forgiven_by_time_and_by_nothing_else() -> None:
    spent = after_deaths(0.0)
    assert after_proof(after_good_change(spent)).deaths == 1
    assert after_deaths(0.0, 90.0).condition is Condition.NONE
    assert forgiven(spent, BUDGET, 89.9).deaths == 1
    assert forgiven(spent, BUDGET, 90.0) == Spent()


def test_time_that_forgave_nothing_yet_is_not_lost() -> None:
    spent = after_deaths(0.0, 60.0, 80.0)
    assert forgiven(spent, BUDGET, 100.0).deaths == 2
    assert forgiven(forgiven(spent, BUDGET, 100.0), BUDGET, 179.0).deaths == 2
    assert forgiven(forgiven(spent, BUDGET, 100.0), BUDGET, 180.0).deaths == 1


def test_a_larger_budget_forgives_more_at_a_time() -> None:
    budget = FailureBudget(deaths=32, forgiven=16, forgiven_each_s=180.0)
    spent = after_deaths(*([0.0] * 31), budget=budget)
    assert spent.condition is Condition.NONE
    assert forgiven(spent, budget, 180.0).deaths == 15
    assert after_death(spent, budget, 1.0).condition is Condition.RECOVERY_FAILURE


def test_failed_starts_in_a_row_are_a_failure_of_action_and_at_last_a_fatal_one() -> None:
    assert after_failed_starts(3).condition is Condition.NONE
    assert after_failed_starts(4).condition is Condition.ACTION_FAILURE
    assert after_failed_starts(15).condition is Condition.ACTION_FAILURE
    given_up = after_failed_starts(16)
    assert given_up.condition is Condition.FATAL_FAILURE
    assert given_up.is_given_up


def test_a_success_ends_the_row_of_failed_actions_and_no_more() -> None:
    spent = after_good_change(after_failed_starts(3))
    assert (spent.failed_actions, spent.failed_transitions) == (0, 3)
    assert after_good_change(spent) is spent


def test_a_condition_stands_until_health_is_proven() -> None:
    spent = after_deaths(0.0, 1.0)
    again = after_failed_change(spent, BUDGET, 500.0)
    assert (again.deaths, again.condition) == (0, Condition.RECOVERY_FAILURE)
    assert after_proof(again).condition is Condition.NONE


def test_a_proof_of_health_leaves_the_next_death_as_many_as_it_was() -> None:
    """A good audit that gave the budget back would hide a service that dies for ever."""
    spent = after_proof(after_deaths(0.0, 1.0))
    assert after_death(spent, BUDGET, 2.0).condition is Condition.RECOVERY_FAILURE


def test_an_operator_s_request_gives_a_fresh_try_but_forgives_no_death() -> None:
    spent = after_request(replace(after_failed_starts(16), deaths=1))
    assert (spent.failed_actions, spent.failed_transitions, spent.deaths) == (0, 0, 1)
    assert not spent.is_given_up


@pytest.mark.parametrize("now", [0.0, 50.0])
def test_a_clock_that_began_anew_forgives_nothing_too_early(now: float) -> None:
    """The manager's clock starts at 0 with the machine; what was noted may lie ahead of it."""
    spent = Spent(deaths=1, since=5000.0)
    left = forgiven(spent, BUDGET, now)
    assert (left.deaths, left.since) == (1, now)
    assert forgiven(left, BUDGET, now + 90.0).deaths == 0
