"""How a service is asked to finish."""

from insvc.model import act
from insvc.model.drain import DrainRule


def test_what_does_not_end_in_time_is_killed_where_nothing_else_is_said() -> None:
    assert DrainRule() == DrainRule(signal="TERM", timeout_s=10.0, on_timeout="kill")


def test_an_act_speaks_of_the_same_rule() -> None:
    assert act.DrainRule is DrainRule
