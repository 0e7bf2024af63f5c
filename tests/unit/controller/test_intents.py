from insvc.controller.intents import first_role, make_intent, seen_facts, unknown, went_well
from insvc.controller.session import Session, StopWish
from insvc.model.act import ActFacts, DrainRule
from insvc.model.words import Action, InstanceState, Outcome, Role
from tests.fakes.cloud import host, identity, instance, scene, step


def test_an_intent_says_what_the_step_says_under_the_run_and_its_lease() -> None:
    made = scene([host("h1")])
    session = Session(made.world(), "r1", 7, made.progress, StopWish())
    one = step("a@h1", drain=DrainRule(timeout_s=3.0), reap="x", clear_sessions=True)
    intent = make_intent(session, one, 2, None)
    assert (intent.run, intent.step, intent.attempt, intent.epoch) == ("r1", "a@h1", 2, 7)
    assert (intent.service, intent.drain, intent.reap) == ("a", DrainRule(timeout_s=3.0), "x")
    assert (intent.timeout_s, intent.dwell_s, intent.clear_sessions) == (5.0, 1.0, True)


def test_only_a_swact_gives_its_host_a_role() -> None:
    assert first_role(step("x@h1", action=Action.SWACT)) is Role.STANDBY
    assert first_role(step("x@h1")) is None


def test_an_act_went_well_if_it_was_accepted_and_its_manager_says_so() -> None:
    assert went_well(ActFacts(step="a", manager_done=True))
    assert not went_well(ActFacts(step="a"))
    assert not went_well(ActFacts(step="a", accepted=False, manager_done=True))


def test_what_nobody_knows_is_unknown() -> None:
    assert unknown("why").outcome is Outcome.UNKNOWN


def test_a_look_tells_what_runs_now() -> None:
    one = step("a@h1", expects=(identity(1),))
    facts = seen_facts(one, [host("h1", instance("a", 2))])
    assert facts is not None
    assert (facts.before, facts.after) == ((identity(1),), (identity(2),))
    assert facts.state is InstanceState.RUNNING
    assert seen_facts(one, [host("h1")]) is None
