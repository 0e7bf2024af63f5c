"""Plans as the planner makes them, and the faults that may be planted in them."""

import dataclasses
from typing import Any

from insvc.check.case import Case
from insvc.check.facts import HOST_ACTIONS, Facts, make_facts
from insvc.check.order import Order, make_order
from insvc.check.plan_check import check_plan
from insvc.check.violation import Violation
from insvc.plan.plan import Plan, Step
from tests.unit.plan.sample import Cloud


def change(plan: Plan, name: str, **fields: Any) -> Plan:
    """The plan in which one step is otherwise."""
    steps = (dataclasses.replace(one, **fields) if one.id == name else one for one in plan.steps)
    return dataclasses.replace(plan, steps=tuple(steps))


def without(plan: Plan, name: str) -> Plan:
    """The plan in which a step is missing; what waited for it waits for what it waited for."""
    gone = plan.step(name)

    def waits(step: Step) -> tuple[str, ...]:
        kept = (one for one in step.after if one != name)
        return (*kept, *gone.after) if name in step.after else tuple(kept)

    steps = tuple(
        dataclasses.replace(one, after=waits(one)) for one in plan.steps if one.id != name
    )
    return dataclasses.replace(plan, steps=steps)


def add(plan: Plan, name: str, *after: str, **fields: Any) -> Plan:
    """The plan with one more step; its name is `service@host`."""
    service, _, host = name.partition("@")
    chosen = {"entry": service, "service": service, "reason": "added (law 9)", **fields}
    if chosen.get("action") in HOST_ACTIONS:
        chosen |= {"entry": "", "service": ""}
    last_s = plan.makespan_s
    step = Step(id=name, host=host, after=after, start_s=last_s, end_s=last_s, **chosen)
    return dataclasses.replace(plan, steps=(*plan.steps, step))


def found(cloud: Cloud, plan: Plan) -> list[Violation]:
    """What is wrong with it, but for timeline and forecast, which no fault here keeps up."""
    told = check_plan(plan, cloud.observation, cloud.catalog, cloud.topology)
    return [one for one in told if one.code not in {"plan.timeline", "plan.forecast"}]


def codes(cloud: Cloud, plan: Plan) -> set[str]:
    """The codes of what is wrong with it, but for its timeline."""
    return {one.code for one in found(cloud, plan)}


def only(cloud: Cloud, plan: Plan) -> Violation:
    """The one thing that is wrong with it."""
    (one,) = found(cloud, plan)
    return one


def facts_of(cloud: Cloud) -> Facts:
    """The cloud, indexed."""
    return make_facts(cloud.observation, cloud.catalog, cloud.topology)


def order_of(**after: str) -> Order:
    """An order in words: `order_of(a="", b="a")`."""
    order, circle = make_order({name: befores.split() for name, befores in after.items()})
    assert order is not None, circle
    return order


def case_of(cloud: Cloud, plan: Plan, **policy: Any) -> Case:
    """What is judged of that plan."""
    order, circle = make_order({step.id: step.after for step in plan.steps})
    assert order is not None, circle
    allowed = dataclasses.replace(plan.policy, **policy)
    return Case.of(facts_of(cloud), allowed, plan.steps, order)
