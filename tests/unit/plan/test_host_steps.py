"""`insvc.plan.host_steps`: one chain, one host at a time."""

from itertools import pairwise

from insvc.model.words import Action, Redundancy
from insvc.plan.host_steps import make_host_steps
from insvc.plan.locking import plan_locking
from insvc.plan.needs import find_needs
from insvc.plan.pacing import Pace
from insvc.plan.plan import Step
from insvc.plan.policy import Policy
from tests.unit.plan.sample import MAIN, Cloud, entry, fresh, stale, stopped

POLICY = Policy(allow_lock=True)


def chain(*tails: str, from_s: float = 0.0) -> tuple[Step, ...]:
    sm = entry("sm", in_service_patchable=False)
    web = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)
    cloud = Cloud(sm, web).host("controller-0", stale("sm"), fresh("web"))
    view = cloud.host("controller-1", stale("sm"), stopped("web")).view()
    needs, _ = find_needs(view, POLICY)
    turns = plan_locking(view, needs, POLICY).turns
    return make_host_steps(view, turns, Pace(POLICY), tails, from_s)


def test_each_step_waits_for_the_one_before_it() -> None:
    steps = chain()
    assert steps[0].after == ()
    for former, latter in pairwise(steps):
        assert latter.after == (former.id,)
        assert latter.start_s == former.end_s


def test_the_first_waits_for_everything_in_service() -> None:
    steps = chain("b@h", "a@h", from_s=12.5)
    assert steps[0].after == ("a@h", "b@h")
    assert steps[0].start_s == 12.5
    assert "everything else is done before" in steps[0].reason
    assert "everything else is done before" not in steps[-1].reason


def test_every_step_says_which_law_asks_for_it() -> None:
    for step in chain():
        assert "law" in step.reason


def test_a_swact_says_who_takes_over_and_what_it_interrupts() -> None:
    (swact,) = [step for step in chain() if step.action is Action.SWACT]
    assert (swact.host, swact.to_host) == ("controller-0", "controller-1")
    assert swact.expected_outage_s > 0
    assert "interrupted for about" in swact.reason


def test_the_restart_on_a_locked_host_is_a_step_like_any_other() -> None:
    (first, _) = [step for step in chain() if step.service == "sm"]
    assert first.expects == (MAIN,)
    assert first.dwell_s == POLICY.dwell_s
    assert "the host is locked first (law 1)" in first.reason


def test_after_a_swact_a_lock_stops_less() -> None:
    by_id = {step.id: step for step in chain()}
    standby, active = by_id["lock@controller-1"], by_id["lock@controller-0"]
    assert standby.expected_outage_s == active.expected_outage_s
