"""What a host did, kept for those who come after."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from insvc.adapters.interfaces import Interfaces
from insvc.adapters.recorder import Bound, read_recorder
from insvc.cloud.role_sm_eru import SETTINGS, Ring, Settings, Watch, read_settings
from insvc.model.recorder import Event, Sample
from insvc.standin.web import Request
from tests.fakes.sm_socket import FakeSm


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[Ring]:
    """An empty ring."""
    made = Ring(tmp_path / "eru.db", Settings())
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Interfaces, "keep_listening", lambda _: "interfaces: refused")


def events(tmp_path: Path) -> list[tuple[str, str | None, str]]:
    """(subject, before, after) of each event."""
    found = read_recorder(tmp_path / "eru.db", Event, 1000)
    return [(one.subject, one.before, one.after) for one in found]


def a_watch(tmp_path: Path, ring: Ring, sample_s: float = 30.0) -> Watch:
    """The watch of a host in that folder."""
    return Watch(tmp_path, tmp_path, ring, Settings(sample_s=sample_s))


def test_every_change_of_sm_and_its_silence_are_recorded(tmp_path: Path, ring: Ring) -> None:
    watch = a_watch(tmp_path, ring)
    with FakeSm(tmp_path) as sm:
        sm.states["haproxy"] = "running"
        watch.beat()
        watch.beat()
        sm.role = "standby"
        sm.states["haproxy"] = "stopped"
        watch.beat()
    watch.beat()
    watch.beat()
    assert events(tmp_path) == [
        ("sm", None, "answers"),
        ("role", None, "active"),
        ("locked", None, "False"),
        ("service haproxy", None, "running"),
        ("role", "active", "standby"),
        ("service haproxy", "running", "stopped"),
        ("sm", "answers", "silent"),
    ]
    reply = watch.answer(Request("GET", "/status", {}, b""))
    assert reply is not None
    assert json.loads(reply.body) == {"events": 7, "samples": 1, "refused": 0}
    assert watch.answer(Request("GET", "/other", {}, b"")) is None


def test_samples_are_taken_at_their_time_alone(tmp_path: Path, ring: Ring) -> None:
    watch = a_watch(tmp_path, ring)
    watch.beat()
    watch.beat()
    assert [one.over_s for one in read_recorder(tmp_path / "eru.db", Sample, 9)] == [None]
    often = a_watch(tmp_path, ring, sample_s=0.0)
    often.beat()
    often.beat()
    found = read_recorder(tmp_path / "eru.db", Sample, 9)
    assert [one.over_s is None for one in found] == [True, True, False]


def test_that_interfaces_cannot_be_heard_is_said_once(
    tmp_path: Path, ring: Ring, capfd: pytest.CaptureFixture[str]
) -> None:
    watch = a_watch(tmp_path, ring)
    watch.beat()
    watch.beat()
    assert capfd.readouterr().out.count("interfaces: refused") == 1


def test_a_full_disk_costs_records_and_is_said_once(
    tmp_path: Path, ring: Ring, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ring._recorder is not None
    ring._recorder._connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(tmp_path / "eru.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ring.note({"a": "x"})
        ring.note({"a": "x"})
    ring.note({"a": "x"})
    assert ring.counts() == {"events": 1, "samples": 0, "refused": 2}
    assert capfd.readouterr().out.count("samples are lost") == 1


def test_a_disk_that_is_full_from_the_start_costs_records_until_it_is_not(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sm").write_bytes(b"")  # nothing can be made below it
    ring = Ring(tmp_path / "sm/eru.db", Settings())
    ring.note({"a": "x"})
    assert ring.counts() == {"events": 0, "samples": 0, "refused": 2}
    assert tuple(ring.subjects()) == ()
    (tmp_path / "sm").unlink()
    ring.note({"a": "x"})
    assert ring.counts() == {"events": 1, "samples": 0, "refused": 2}
    ring.close()
    assert capfd.readouterr().out.count("samples are lost") == 1


def test_a_file_damaged_under_way_is_put_aside_and_begun_anew(
    tmp_path: Path, ring: Ring, capfd: pytest.CaptureFixture[str]
) -> None:
    ring.note({"a": "x"})
    assert ring._recorder is not None
    ring._recorder._connection.execute("PRAGMA application_id = 7")
    ring._recorder._connection.execute("DROP TABLE records")
    ring.note({"b": "y"})
    assert events(tmp_path) == [("b", None, "y")]
    assert "is kept as eru.db.damaged" in capfd.readouterr().out


def test_settings_are_read_and_faulty_ones_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert read_settings(tmp_path) == Settings()
    path = tmp_path / SETTINGS
    path.parent.mkdir(parents=True)
    path.write_text('{"sample_s": 5.0, "events": {"rows": 7, "bytes": 100}}')
    assert read_settings(tmp_path) == Settings(sample_s=5.0, events=Bound(rows=7, bytes=100))
    for text in ('{"sample": 5}', "{"):
        path.write_text(text)
        assert read_settings(tmp_path) == Settings()
        assert "going on without it" in capfd.readouterr().out
