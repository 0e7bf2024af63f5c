"""How many failures sm takes of a service before it calls it failed, and before it gives it up.

Counts of deaths and of failed changes are forgiven by time alone: no good audit, no readiness and
no restart by an operator touches them. What is told (the condition) is another thing: it ends once
the service has run unbroken for long enough.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from insvc.supervise.definition import FailureBudget


class Condition(StrEnum):
    """Why a service is called failed; while it serves, how its data stands by its agent's word."""

    NONE = "none"
    RECOVERY_FAILURE = "recovery-failure"
    ACTION_FAILURE = "action-failure"
    FATAL_FAILURE = "fatal-failure"
    DATA_INCONSISTENT = "data-inconsistent"
    DATA_OUTDATED = "data-outdated"
    DATA_CONSISTENT = "data-consistent"
    DATA_SYNCING = "data-syncing"
    DATA_STANDALONE = "data-standalone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """What of its budget a service has used up.

    Attributes:
        deaths: not forgiven yet.
        failed_actions: failed starts and stops since the last one that succeeded.
        failed_transitions: failed changes of state not forgiven yet.
        since: when the interval began after which some are forgiven, seconds of the manager's
            clock; absent while there is nothing to forgive.
        condition: why it is called failed.
        is_stuck: it does not end, whatever is tried; told while that lasts.
    """

    deaths: int = 0
    failed_actions: int = 0
    failed_transitions: int = 0
    since: float | None = None
    condition: Condition = Condition.NONE
    is_stuck: bool = False

    @property
    def is_given_up(self) -> bool:
        """Whether nothing is tried any more until an operator asks for it."""
        return self.condition is Condition.FATAL_FAILURE


def forgiven(spent: Spent, budget: FailureBudget, now: float) -> Spent:
    """What is left once time has forgiven its share."""
    if spent.since is None:
        return spent
    # A clock that starts anew with the machine may be behind what an earlier life has noted.
    since = min(spent.since, now)
    intervals = int((now - since) // budget.forgiven_each_s)
    share = intervals * budget.forgiven
    deaths = max(0, spent.deaths - share)
    transitions = max(0, spent.failed_transitions - share)
    left = since + intervals * budget.forgiven_each_s if deaths or transitions else None
    return replace(spent, deaths=deaths, failed_transitions=transitions, since=left)


def after_death(spent: Spent, budget: FailureBudget, now: float) -> Spent:
    """What is used up once a process that was up has died, or was found hung."""
    left = forgiven(spent, budget, now)
    since = now if left.since is None else left.since
    return _judged(replace(left, deaths=left.deaths + 1, since=since), budget)


def after_failed_change(spent: Spent, budget: FailureBudget, now: float) -> Spent:
    """What is used up once a start has failed with all its tries."""
    left = forgiven(spent, budget, now)
    return _judged(
        replace(
            left,
            failed_actions=left.failed_actions + 1,
            failed_transitions=left.failed_transitions + 1,
            since=now if left.since is None else left.since,
        ),
        budget,
    )


def after_good_change(spent: Spent) -> Spent:
    """What is used up once a start has succeeded: that ends the row of failed actions alone."""
    return replace(spent, failed_actions=0) if spent.failed_actions else spent


def after_proof(spent: Spent) -> Spent:
    """What is told once it has run unbroken for long enough. The counts stay."""
    return replace(spent, condition=Condition.NONE)


def after_request(spent: Spent) -> Spent:
    """What is used up once an operator, or another role, asks for a fresh try. Deaths stay."""
    return replace(spent, failed_actions=0, failed_transitions=0, condition=Condition.NONE)


def _judged(spent: Spent, budget: FailureBudget) -> Spent:
    """The condition that the counts make; a worse one that stands already stays."""
    if spent.failed_transitions >= budget.failed_transitions:
        return replace(spent, condition=Condition.FATAL_FAILURE)
    if spent.failed_actions >= budget.failed_actions:
        return replace(spent, condition=Condition.ACTION_FAILURE)
    if spent.deaths >= budget.deaths:
        return replace(spent, condition=Condition.RECOVERY_FAILURE)
    return spent
