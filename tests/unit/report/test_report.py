from dataclasses import replace

import pytest
from pydantic import TypeAdapter, ValidationError

from insvc.report.report import Report
from tests.unit.report.sample import failed, succeeded


def test_a_report_survives_its_json() -> None:
    form = TypeAdapter(Report)
    for report in (succeeded(), failed()):
        assert form.validate_json(form.dump_json(report)) == report


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="surprise"):
        TypeAdapter(Report).validate_python({"run": "r", "outcome": "failed", "surprise": 1})


def test_a_run_is_proven_only_when_every_host_was_seen_without_replaced_code() -> None:
    good = succeeded()
    assert good.is_proven
    assert not replace(good, observed_at=None).is_proven
    assert not replace(good, unobserved=("compute-0",)).is_proven
    assert not replace(good, stale_after=failed().stale_after).is_proven
