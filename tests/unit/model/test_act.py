from insvc.model.act import ActFacts, DrainRule, Intent
from insvc.model.words import Action, InstanceState


def test_facts_that_nobody_saw_claim_nothing() -> None:
    facts = ActFacts(step="cinder-api@controller-0")
    assert not facts.manager_done
    assert facts.state is InstanceState.UNKNOWN
    assert facts.is_ready is None


def test_an_intent_is_the_first_try_unless_it_says_otherwise() -> None:
    intent = Intent(run="r", step="s", action=Action.RESTART)
    assert intent.attempt == 1
    assert intent.drain is None


def test_a_drain_ends_with_a_kill_unless_it_says_otherwise() -> None:
    assert DrainRule().on_timeout == "kill"
