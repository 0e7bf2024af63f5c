"""A durable record of what the service manager's services did."""

import json
from pathlib import Path

import pytest

from insvc.cloud import role_sm_eru
from insvc.cloud.role_sm_eru import EventRecord, Recorder
from insvc.standin.web import Request
from tests.fakes.sm_socket import FakeSm


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the events go."""
    return tmp_path / "var/log/sm-eru.jsonl"


def events(path: Path) -> list[tuple[str, str | None, str]]:
    """(subject, from, to) of each event."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [(one["subject"], one["from"], one["to"]) for one in lines]


def test_only_changes_are_recorded(path: Path) -> None:
    record = EventRecord(path)
    assert record.note("service a", "running")
    assert not record.note("service a", "running")
    assert record.note("service a", "stopped")
    assert events(path) == [("service a", None, "running"), ("service a", "running", "stopped")]
    assert record.count == 2


def test_what_was_recorded_before_is_known_after_a_restart(path: Path) -> None:
    EventRecord(path).note("service a", "running")
    again = EventRecord(path)
    assert again.count == 1
    assert not again.note("service a", "running")
    assert again.note("service a", "failed")


def test_a_line_cut_short_by_a_crash_costs_only_itself(path: Path) -> None:
    EventRecord(path).note("service a", "running")
    with path.open("a", encoding="utf-8") as file:
        file.write('{"subject": "service a", "to": "sto')
    again = EventRecord(path)
    assert not again.note("service a", "running")
    assert again.note("service a", "failed")
    assert json.loads(path.read_text("utf-8").splitlines()[-1])["to"] == "failed"
    assert EventRecord(path).count == 2


@pytest.mark.parametrize("line", ["[1]", "7", '{"subject": "x"}'])
def test_lines_of_another_form_are_passed_over(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n", "utf-8")
    assert EventRecord(path).count == 0


def test_a_record_that_has_grown_large_is_put_aside(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(role_sm_eru, "LARGEST_BYTES", 10)
    record = EventRecord(path)
    record.note("service a", "running")
    record.note("service b", "running")
    assert events(path) == [("service b", None, "running")]
    assert events(path.with_name("sm-eru.jsonl.1")) == [("service a", None, "running")]
    assert EventRecord(path).count == 2


def test_every_change_of_sm_and_its_silence_are_recorded(tmp_path: Path, path: Path) -> None:
    recorder = Recorder(tmp_path, EventRecord(path))
    with FakeSm(tmp_path) as sm:
        sm.states["haproxy"] = "running"
        recorder.beat()
        recorder.beat()
        sm.role = "standby"
        sm.states["haproxy"] = "stopped"
        recorder.beat()
    recorder.beat()
    recorder.beat()
    assert events(path) == [
        ("sm", None, "answers"),
        ("role", None, "active"),
        ("locked", None, "False"),
        ("service haproxy", None, "running"),
        ("role", "active", "standby"),
        ("service haproxy", "running", "stopped"),
        ("sm", "answers", "silent"),
    ]
    reply = recorder.answer(Request("GET", "/status", {}, b""))
    assert reply is not None
    assert json.loads(reply.body) == {"events": 7}
    assert recorder.answer(Request("GET", "/other", {}, b"")) is None
