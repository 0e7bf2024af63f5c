import dataclasses
from typing import Any

import pytest

from insvc.check.foretold import check_forecast
from insvc.plan.plan import Plan
from tests.unit.plan.sample import Cloud, entry, job, stale


def plan() -> Plan:
    cloud = Cloud(entry("db", "db", "db2"), entry("purge"))
    cloud.host("compute-0", stale("db"), stale("db2")).host("compute-1", stale("db"), job("purge"))
    return cloud.plan()


def told(**fields: Any) -> list[str]:
    honest = plan()
    lines = tuple(
        dataclasses.replace(one, **fields) if one.entry == "db" else one for one in honest.forecast
    )
    return [one.reason for one in check_forecast(dataclasses.replace(honest, forecast=lines))]


def test_an_honest_forecast_leaves_nothing_out() -> None:
    assert list(check_forecast(plan())) == []


def test_a_job_is_nothing_to_foretell() -> None:
    jobs = [one for one in plan().steps if one.service == "purge"]
    assert list(check_forecast(Plan(steps=tuple(jobs)))) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"entry": "other"}, "nothing is foretold of db"),
        ({"services": ("db",)}, "leaves out db2 on compute-0"),
        ({"hosts": ("compute-0",)}, "leaves out db on compute-1"),
        ({"from_s": 0.5}, "impaired from 0.5 s to"),
        ({"until_s": 0.5}, "impaired from 0.0 s to 0.5 s"),
        ({"outage_s": 0.5}, "but no more than 0.5 s is foretold of db"),
    ],
)
def test_what_is_left_out_or_belittled_is_found(fields: dict[str, Any], words: str) -> None:
    found = told(**fields)
    assert any(words in one for one in found), found
