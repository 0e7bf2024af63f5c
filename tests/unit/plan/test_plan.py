"""`insvc.plan.plan`: a plan finds its steps."""

import pytest

from insvc.plan.plan import Plan, Step

PLAN = Plan(steps=(Step(id="a@h0", host="h0"), Step(id="a@h1", host="h1")))


def test_a_step_is_found_by_its_id() -> None:
    assert PLAN.step("a@h1").host == "h1"


def test_a_step_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="a@h2"):
        PLAN.step("a@h2")
