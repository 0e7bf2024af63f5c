"""Whatever happens to a service of sm: time alone gives its budget back."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from insvc.model.words import Manager
from insvc.supervise import sm
from insvc.supervise.budget import Condition, forgiven
from insvc.supervise.definition import FailureBudget, ServiceDefinition
from insvc.supervise.sm import State
from insvc.supervise.unit import Event, Unit

BUDGETS = st.builds(
    FailureBudget,
    deaths=st.integers(1, 4),
    forgiven=st.integers(1, 3),
    forgiven_each_s=st.floats(1.0, 100.0),
    failed_actions=st.integers(1, 4),
    failed_transitions=st.integers(1, 6),
)
LIFE = st.lists(st.tuples(st.sampled_from(list(Event)), st.floats(0.0, 200.0)), max_size=60)
OPERATORS = {Event.STOP, Event.START}


def unit_with(budget: FailureBudget) -> Unit:
    definition = ServiceDefinition(
        name="x",
        manager=Manager.SM,
        package="x",
        command=("p",),
        pidfile="run/x.pid",
        budget=budget,
    )
    return Unit(definition=definition, state=State.DISABLED)


@given(budget=BUDGETS, life=LIFE)
def test_no_event_gives_back_what_time_has_not(
    budget: FailureBudget, life: list[tuple[Event, float]]
) -> None:
    unit, now = unit_with(budget), 0.0
    for event, pause_s in life:
        now += pause_s
        left = forgiven(unit.spent, budget, now)
        before = unit
        unit, _ = sm.advance(unit, event, now)
        after = forgiven(unit.spent, budget, now)
        assert after.deaths >= left.deaths
        if event not in OPERATORS and before.state != State.DISABLING:
            assert after.failed_transitions >= left.failed_transitions


@given(budget=BUDGETS, life=LIFE)
def test_what_is_given_up_is_left_alone_until_somebody_asks(
    budget: FailureBudget, life: list[tuple[Event, float]]
) -> None:
    unit, now = unit_with(budget), 0.0
    for event, pause_s in life:
        now += pause_s
        if unit.spent.is_given_up and unit.state == State.FAILED and event in OPERATORS:
            continue
        was_given_up = unit.spent.is_given_up and unit.state == State.FAILED
        unit, actions = sm.advance(unit, event, now)
        if was_given_up and event is not Event.RETRY_DUE:
            assert (unit.state, unit.due, actions) == (State.FAILED, (), ())
        if unit.spent.is_given_up and unit.state == State.FAILED:
            assert not unit.is_due(Event.RETRY_DUE)


@given(budget=BUDGETS, restarts=st.integers(1, 50))
def test_operators_restart_as_often_as_they_like(budget: FailureBudget, restarts: int) -> None:
    unit = replace(unit_with(budget), state=State.ENABLED_ACTIVE)
    for number in range(restarts):
        for event in (Event.STOP, Event.EXITED, Event.START, Event.ADMIT, Event.READY):
            unit, _ = sm.advance(unit, event, float(number))
    assert (unit.spent.deaths, unit.spent.condition) == (0, Condition.NONE)
