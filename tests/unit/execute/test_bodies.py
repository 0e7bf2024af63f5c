import json

import pytest

from insvc.errors import CorruptStore
from insvc.execute.bodies import from_json, to_json
from insvc.model.act import ActFacts, DrainRule, PackageChange
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Action, Outcome
from insvc.plan.plan import Impairment, Omission, Plan, Step
from insvc.plan.policy import Policy

PLAN = Plan(
    catalog="titanium",
    policy=Policy(on_failure="rollback", max_unavailable_of={"nova-api": 2}, drain_s=3.5),
    steps=(
        Step(
            id="a@h1",
            host="h1",
            action=Action.HANDOFF,
            after=("b@h1", "c@h1"),
            expects=(ProcessIdentity(boot_id="b", pid=7, start_ticks=70),),
            drain=DrainRule(signal="USR1"),
            endpoint="127.0.0.1:80",
        ),
    ),
    omitted=(Omission(host="h2", service="a", reason="stopped"),),
    forecast=(Impairment(entry="a", may_lose=("samples",)),),
    makespan_s=1.5,
)


def through_text(value: object) -> object:
    return json.loads(json.dumps(to_json(value)))


def test_a_plan_survives_the_way_through_json() -> None:
    assert from_json(Plan, through_text(PLAN), "plan") == PLAN


def test_facts_survive_the_way_through_json() -> None:
    facts = ActFacts(step="a@h1", is_ready=None, drained=True, times={"asked": 1.0}, reaped=(3,))
    assert from_json(ActFacts, through_text(facts), "facts") == facts


def test_changes_by_host_survive_the_way_through_json() -> None:
    patch = {"h1": (PackageChange(package="a", from_version=None, to_version="2", path="/a"),)}
    kind = dict[str, tuple[PackageChange, ...]]
    assert from_json(kind, through_text(patch), "patch") == patch


def test_a_whole_number_is_a_number() -> None:
    assert from_json(Policy, {"dwell_s": 2}, "policy").dwell_s == 2.0


def test_a_part_of_one_of_several_types_is_read_as_the_one_that_fits() -> None:
    kind = dict[str, int | str | None]
    value = {"a": 1, "b": "25%", "c": None}
    assert from_json(kind, value, "x") == value
    with pytest.raises(CorruptStore, match=r"^x\.a: found 1\.5, expected a value of type int or a"):
        from_json(kind, {"a": 1.5}, "x")


@pytest.mark.parametrize(
    ("kind", "value", "where"),
    [
        (Plan, [], "x"),
        (Plan, {"steps": {}}, "x.steps"),
        (Plan, {"steps": [{"host": "h1"}]}, r"x.steps\[0\]"),
        (Plan, {"stages": []}, "x.stages"),
        (Plan, {"makespan_s": "long"}, "x.makespan_s"),
        (Plan, {"makespan_s": True}, "x.makespan_s"),
        (Plan, {"steps": [{"id": "a", "host": "h", "action": "explode"}]}, r"x.steps\[0\].action"),
        (Policy, {"on_failure": "shrug"}, "x.on_failure"),
        (Policy, {"max_unavailable_of": []}, "x.max_unavailable_of"),
        (Policy, {"max_unavailable": 1.5}, "x.max_unavailable"),
        (Outcome, "fine", "x"),
        (Outcome, [], "x"),
        (Policy, {"drain_s": "soon"}, "x.drain_s"),
        (int, None, "x"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    kind: type[object], value: object, where: str
) -> None:
    with pytest.raises(CorruptStore, match=f"^{where}: found"):
        from_json(kind, value, "x")


def test_what_may_be_absent_is_not_expected_to_be() -> None:
    with pytest.raises(
        CorruptStore, match=r"^x\.drain_s: found 'soon', expected a value of type f"
    ):
        from_json(Policy, {"drain_s": "soon"}, "x")
    with pytest.raises(CorruptStore) as fault:
        from_json(Policy, {"drain_s": "soon"}, "x")
    assert fault.value.reason.endswith("expected a value of type float")


def test_what_does_not_fit_inside_an_optional_record_is_told_by_its_place_there() -> None:
    step = {"id": "a", "host": "h", "drain": {"timeout_s": "long"}}
    with pytest.raises(CorruptStore, match=r"^x\.drain\.timeout_s: found 'long', expected a value"):
        from_json(Step, step, "x")


def test_the_first_part_that_does_not_fit_is_told() -> None:
    with pytest.raises(CorruptStore, match=r"^x\.host: found 1"):
        from_json(Step, {"id": "a", "host": 1, "entry": 2}, "x")
    with pytest.raises(CorruptStore, match=r"^x\.a_key: found 1, expected no such key"):
        from_json(Step, {"z_key": 2, "b_key": 3, "a_key": 1}, "x")


def test_keys_are_listed_in_order_where_one_is_missing() -> None:
    with pytest.raises(
        CorruptStore, match=r"^x: found \['action', 'entry', 'id'\], expected every"
    ):
        from_json(Step, {"id": "a", "entry": "a", "action": "restart"}, "x")
