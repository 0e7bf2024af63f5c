"""Values to JSON and back, and what is refused on the way in."""

import json
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from pydantic import TypeAdapter

from insvc.adapters.wire import from_json, to_json
from insvc.errors import InputError
from insvc.model.act import ActFacts, DrainRule, Intent
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import HostObservation, Instance, ProcessIdentity
from insvc.model.words import Action, InstanceState, Manager, Role
from insvc.supervise.definition import ServiceDefinition

ME = ProcessIdentity(boot_id="b", pid=7, start_ticks=9)
VALUES = [
    Intent(run="r", step="s", action=Action.RESTART, drain=DrainRule(signal="USR1")),
    Intent(run="r", step="s", action=Action.SWACT, role="standby"),
    ActFacts(step="s", before=(ME,), state=InstanceState.RUNNING, reaped=(3,), times={"a": 1.5}),
    HostObservation(
        host="h", role=Role.ACTIVE, instances=(Instance(service="x", processes=(ME,)),)
    ),
    ManagerRow(name="x", manager=Manager.SM, state=InstanceState.STARTING, started_in_s=0.5),
    ServiceDefinition(
        name="x", manager=Manager.CRON, package="x", command=("usr/bin/x",), pidfile="run/x.pid"
    ),
]


@dataclass(frozen=True)
class Shapes:
    pair: tuple[int, str] = (1, "a")
    names: list[str] = field(default_factory=list)
    number_or_text: int | str = 0
    anything: Any = None
    mode: Literal["on", "off"] = "on"
    share: float = 0.0
    flag: bool = False


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_survives_the_wire(value: object) -> None:
    assert from_json(type(value), json.loads(json.dumps(to_json(value)))) == value


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_the_json_is_what_pydantic_writes(value: object) -> None:
    assert to_json(value) == TypeAdapter(type(value)).dump_python(value, mode="json")


def test_left_out_fields_take_their_defaults() -> None:
    assert from_json(Shapes, {}) == Shapes()


def test_lists_pairs_and_unions_are_read() -> None:
    given = {"pair": [2, "b"], "names": ["x"], "number_or_text": "t", "anything": [1], "share": 1}
    read = from_json(Shapes, given)
    assert read == Shapes(pair=(2, "b"), names=["x"], number_or_text="t", anything=[1], share=1.0)
    assert isinstance(read.share, float)


def test_plain_kinds_are_read_without_a_dataclass_around_them() -> None:
    assert from_json(list[Intent], [to_json(VALUES[0])]) == [VALUES[0]]
    assert from_json(dict[str, int], {"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"pair": 3}, "pair: found 3, expected a list"),
        ({"pair": [1]}, "pair: found 1 values, expected 2 values"),
        ({"pair": [1, 2]}, "pair[1]: found 2, expected str"),
        ({"names": "x"}, "names: found x, expected a list"),
        ({"names": [1]}, "names[0]: found 1, expected str"),
        ({"number_or_text": 1.5}, "number_or_text: found 1.5, expected str"),
        ({"mode": "up"}, "mode: found up, expected one of on, off"),
        ({"share": True}, "share: found True, expected float"),
        ({"flag": 1}, "flag: found 1, expected bool"),
        ({"other": 1}, "other: found this key, expected a key of Shapes"),
        ([], "the value: found [], expected an object of Shapes"),
    ],
)
def test_a_wrong_value_is_refused_by_its_key(given: object, words: str) -> None:
    with pytest.raises(InputError) as refusal:
        from_json(Shapes, given)
    assert str(refusal.value) == words


def test_a_true_is_no_integer() -> None:
    with pytest.raises(InputError, match="pid: found True, expected int"):
        from_json(ProcessIdentity, {"boot_id": "b", "pid": True, "start_ticks": 1})


def test_a_needed_key_that_is_missing_is_named_with_its_path() -> None:
    with pytest.raises(InputError, match=r"processes\[0\].pid: found nothing, expected a value"):
        from_json(Instance, {"service": "x", "processes": [{"boot_id": "b", "start_ticks": 1}]})


def test_an_unknown_word_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="role: found boss, expected one of active, standby"):
        from_json(HostObservation, {"host": "h", "role": "boss"})


def test_a_mapping_must_be_an_object() -> None:
    with pytest.raises(InputError, match="times: found 3, expected an object"):
        from_json(ActFacts, {"step": "s", "times": 3})


def test_nothing_is_refused_where_only_nothing_is_no_choice() -> None:
    with pytest.raises(InputError, match="step: found None, expected str"):
        from_json(ActFacts, {"step": None})
    with pytest.raises(InputError, match="found 1, expected nothing"):
        from_json(type(None), 1)
