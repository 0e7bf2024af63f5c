"""When a unit was started lately."""

from pathlib import Path

import pytest

from insvc.adapters import systemd_starts
from insvc.adapters.systemd_starts import recent_starts, starts_in

LINE = '{"INVOCATION_ID":"%s","__MONOTONIC_TIMESTAMP":"%d"}'


def test_each_invocation_is_one_start_at_its_first_line() -> None:
    lines = [LINE % ("b", 9_000_000), LINE % ("a", 5_000_000), LINE % ("b", 9_500_000)]
    assert starts_in(lines) == (5.0, 9.0)


def test_a_line_of_no_invocation_is_no_start() -> None:
    assert starts_in(['{"__MONOTONIC_TIMESTAMP":"5"}']) == ()
    assert starts_in([]) == ()


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '"text"', "{}", '{"__MONOTONIC_TIMESTAMP":"x"}', '{"__MONOTONIC_TIMESTAMP":null}'],
)
def test_a_line_that_cannot_be_read_leaves_the_count_unknown(line: str) -> None:
    assert starts_in([LINE % ("a", 5), line]) is None


def test_the_journal_is_asked_for_the_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = tmp_path / "journalctl"
    journal.write_text(
        f"#!/bin/sh\necho \"$@\" > {tmp_path}/asked\necho '{LINE % ('a', 5_000_000)}'\n"
    )
    journal.chmod(0o755)
    monkeypatch.setattr(systemd_starts, "_JOURNAL", str(journal))
    assert recent_starts("a.service", 10.0) == (5.0,)
    asked = (tmp_path / "asked").read_text()
    assert "--since=-11s _PID=1 UNIT=a.service" in asked


def test_without_a_journal_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systemd_starts, "_JOURNAL", str(tmp_path / "none"))
    assert recent_starts("a.service", 10.0) is None
