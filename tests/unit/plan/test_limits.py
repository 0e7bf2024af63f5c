"""`insvc.plan.limits`: limits that name nothing or make no sense are refused."""

from typing import Any

import pytest

from insvc.errors import InputError, UnknownName
from insvc.plan.limits import check_policy
from insvc.plan.policy import MaxStarts, Policy, Window
from tests.unit.plan.sample import Cloud, entry, fresh

VIEW = (
    Cloud(entry("a"), entry("unseen"), entry("box", "box-api"))
    .host("compute-0", fresh("a"), fresh("stranger"))
    .view()
)


@pytest.mark.parametrize(
    "fields",
    [
        {"max_unavailable": 0},
        {"parallel_services": 0},
        {"max_unavailable_of": {"a": 0}},
        {"parallel_hosts": {"worker": 0}},
        {"dwell_s": -1.0},
        {"drain_s": -0.5},
        {"max_unavailable": "0%"},
        {"max_unavailable": "101%"},
        {"max_unavailable": "100.5%"},
        {"max_unavailable": "some"},
        {"max_unavailable_per_domain": 0},
        {"soak_s": -1.0},
        {"soak_s_of": {"a": -1.0}},
        {"max_starts": MaxStarts(count=0, within_s=1.0)},
        {"max_starts": MaxStarts(count=1, within_s=-1.0)},
        {"windows": (Window(opens=2.0, closes=1.0),)},
    ],
)
def test_a_senseless_limit_is_named(fields: dict[str, Any]) -> None:
    with pytest.raises(InputError) as fault:
        check_policy(Policy(**fields), VIEW)
    assert next(iter(fields)) in fault.value.subject


@pytest.mark.parametrize(
    "fields",
    [
        {"max_unavailable_of": {"nobody": 1}},
        {"parallel_hosts": {"nobody": 1}},
        {"soak_s_of": {"nobody": 1.0}},
        {"prefer_first": ("nobody",)},
        {"prefer_last": ("nobody",)},
        {"carries_traffic": ("nobody",)},
    ],
)
def test_a_name_that_nobody_has_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(UnknownName) as fault:
        check_policy(Policy(**fields), VIEW)
    assert fault.value.subject == "nobody"


@pytest.mark.parametrize(
    "policy",
    [
        Policy(),
        Policy(max_unavailable_of={"a": 2, "unseen": 1, "stranger": 1}),
        Policy(parallel_hosts={"worker": 2, "controller": 1, "storage": 1}, drain_s=0.0),
        Policy(
            max_unavailable="0.5%",
            max_unavailable_per_domain="50%",
            max_starts=MaxStarts(count=1, within_s=0.0),
            soak_s_of={"worker": 1.0, "a": 2.0},
            prefer_first=("a", "box", "compute-0"),
            prefer_last=("unseen", "box-api"),
            windows=(Window(opens="22:00", closes="04:00"),),
            carries_traffic=("a",),
        ),
    ],
)
def test_known_names_and_limits_from_one_are_fine(policy: Policy) -> None:
    check_policy(policy, VIEW)
