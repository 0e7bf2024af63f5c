"""Senseless values that a schema allows."""

from typing import Any

import pytest

from insvc.adapters.document_checks import document_faults
from insvc.adapters.formats import KINDS, dump
from insvc.catalog.entry import Catalog
from insvc.model.observation import Observation
from insvc.model.topology import Host, Topology
from insvc.model.words import Personality
from insvc.plan.plan import Plan, Step
from insvc.plan.policy import Policy
from tests.entries import a_catalog, an_entry


def faults(kind: str, value: object) -> list[str]:
    return [f"{'.'.join(map(str, path))} {what}" for path, what in document_faults(kind, value)]


def with_service(**changes: Any) -> dict[str, Any]:
    return {"entries": [{"name": "web", "services": [{"name": "web"} | changes]}]}


def with_rule(**rule: Any) -> dict[str, Any]:
    return {"entries": [{"name": "web", "special_handling": [rule]}]}


def test_sensible_documents_have_no_faults() -> None:
    host = Host(name="a", personality=Personality.WORKER)
    documents: list[object] = [
        a_catalog(an_entry()),
        Topology(hosts=(host,)),
        Observation(),
        Policy(max_unavailable_of={"web": 2}, parallel_hosts={"worker": 3}),
        Plan(steps=(Step(id="a@h", host="h"), Step(id="b@h", host="h", after=("a@h",)))),
    ]
    for document in documents:
        kind = next(name for name, one in KINDS.items() if one is type(document))
        assert faults(kind, dump(document)) == []


@pytest.mark.parametrize(
    ("kind", "value", "fault"),
    [
        (
            "catalog",
            {"entries": [{"name": "a"}, {"name": "b"}, {"name": "a"}]},
            "entries.2.name is 'a' again; entries.0 has it already",
        ),
        ("catalog", {"entries": [{"name": ""}]}, "entries.0.name is '', expected a name"),
        ("catalog", {"entries": [{"title": " x"}]}, "entries.0.title is ' x', expected a name"),
        (
            "catalog",
            {"entries": [{"impact": {"longest_s": -1}}]},
            "entries.0.impact.longest_s is -1, expected 0 or more",
        ),
        ("catalog", with_service(match="("), "entries.0.services.0.match is '(', not a regular"),
        ("catalog", with_service(match=""), "entries.0.services.0.match is empty and would match"),
        (
            "catalog",
            with_service(readiness={"port": 0}),
            "entries.0.services.0.readiness.port is 0, expected 1 to 65535",
        ),
        (
            "catalog",
            with_service(outage_probe={"path": "up"}),
            "entries.0.services.0.outage_probe.path is 'up', expected a path that begins with /",
        ),
        (
            "catalog",
            with_service(drain={"signal": "BYE"}),
            "entries.0.services.0.drain.signal is 'BYE', expected one of: TERM",
        ),
        (
            "catalog",
            with_service(drain={"timeout_s": -2.5}),
            "entries.0.services.0.drain.timeout_s is -2.5, expected 0 or more",
        ),
        ("catalog", with_rule(service="x"), "entries.0.special_handling.0 has no kind"),
        (
            "catalog",
            with_rule(kind="graceful_window", timeout_s=0),
            "entries.0.special_handling.0.timeout_s is 0, expected more than 0",
        ),
        (
            "catalog",
            with_rule(kind="before", entries=[]),
            "entries.0.special_handling.0.entries is empty, expected at least one",
        ),
        ("layer", {"name": ""}, "name is '', expected a name"),
        ("topology", {"hosts": []}, "hosts is empty, expected at least one"),
        (
            "topology",
            {"hosts": [{"name": "a"}, {"name": "a"}]},
            "hosts.1.name is 'a' again; hosts.0 has it already",
        ),
        (
            "observation",
            {"hosts": [{"host": "a", "instances": [{"service": "s"}, {"service": "s"}]}]},
            "hosts.0.instances.1.service is 's' again; hosts.0.instances.0 has it already",
        ),
        ("policy", {"max_unavailable": 0}, "max_unavailable is 0, expected 1 or more"),
        (
            "policy",
            {"max_unavailable_of": {"a": 0}},
            "max_unavailable_of.a is 0, expected 1 or more",
        ),
        ("policy", {"max_unavailable": "0%"}, "max_unavailable is '0%', expected a count"),
        ("policy", {"windows": [{"opens": 2, "closes": 1}]}, "windows.0 closes at 1, which is"),
        (
            "policy",
            {"parallel_hosts": {"compute": 2}},
            "parallel_hosts has compute, expected only: controller, worker, storage",
        ),
        (
            "plan",
            {"steps": [{"id": "a", "after": ["b"]}]},
            "steps.0.after names 'b', which is no step of this plan",
        ),
        (
            "plan",
            {"steps": [{"id": "a", "after": ["b"]}, {"id": "b", "after": ["a"]}, {"id": "c"}]},
            "steps wait for each other in a circle: a, b",
        ),
        ("plan", {"policy": {"dwell_s": -1}}, "policy.dwell_s is -1, expected 0 or more"),
        ("report", {"steps": [{"id": "a"}, {"id": "a"}]}, "steps.1.id is 'a' again"),
    ],
)
def test_a_senseless_value_is_named(kind: str, value: object, fault: str) -> None:
    found = faults(kind, value)
    assert len(found) == 1
    assert found[0].startswith(fault)


@pytest.mark.parametrize("value", [None, 3, [], "x", {"entries": 3}, {"entries": [3, {"name": 3}]}])
def test_values_of_the_wrong_type_are_left_to_the_schema(value: object) -> None:
    assert faults("catalog", value) == []


def test_wrong_types_deep_inside_are_left_to_the_schema() -> None:
    value = with_service(match=3, drain={"signal": 1, "timeout_s": "x"}, readiness={"port": True})
    assert faults("catalog", value) == []
    assert faults("catalog", with_rule(kind="graceful_window", timeout_s="x", match=None)) == []
    assert faults("plan", {"steps": [{"id": 3}, {"id": "a", "after": 3}, {"after": []}]}) == []
    assert faults("policy", {"parallel_hosts": []}) == []
    assert faults("policy", {"max_unavailable": [], "windows": [3, {"opens": None}]}) == []
    assert faults("observation", {"hosts": [{"instances": [3, {"restarts": None}]}]}) == []


def test_a_long_chain_of_steps_is_no_circle() -> None:
    steps: list[dict[str, Any]] = [
        {"id": str(at), "after": [str(at - 1)] if at else []} for at in range(3000)
    ]
    steps.append({"id": "last", "after": ["0", "2999"]})
    assert faults("plan", {"steps": steps}) == []


def test_a_catalog_type_without_checks_passes() -> None:
    assert faults("nothing known", dump(Catalog())) == []


def test_steps_and_lines_wait_for_one_another() -> None:
    steps = [{"id": "a", "after": ["line@x"]}]
    lines = [{"id": "line@x", "after": []}]
    assert faults("plan", {"steps": steps, "lines": lines}) == []
    (fault,) = faults("plan", {"steps": [], "lines": [{"id": "line@x", "after": ["b"]}]})
    assert "lines.0.after names 'b', which is no step of this plan" in fault
