"""How managers think, as far as they do not say so themselves."""

from insvc.agent.rules import Rules
from insvc.supervise import pmon
from insvc.supervise.unit import Duty


def test_a_manager_that_waits_for_nothing_keeps_its_duty() -> None:
    rules = Rules(pmon.State.STOPPED, pmon.advance, pmon.decide)
    held = Duty(held=frozenset({"x"}))
    assert rules.relax(held, {}) is held
    assert not rules.is_each_alone
