"""The recorder's ring on disk."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from insvc.adapters import recorder
from insvc.adapters.recorder import APPLICATION_ID, Bound, Recorder, read_recorder
from insvc.errors import CorruptStore, WorldError
from insvc.model.recorder import Event, Sample

SMALL = {"sample": Bound(rows=5, bytes=10_000), "event": Bound(rows=1000, bytes=600)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ring is."""
    return tmp_path / "var/lib/sm/eru.db"


def a_sample(at: float) -> Sample:
    """A sample of that moment."""
    return Sample(at=at, boot="b")


def test_only_what_changed_is_an_event(path: Path) -> None:
    with closing(Recorder(path)) as ring:
        assert len(ring.note({"service a": "running", "role": "active"}, 1.0)) == 2
        assert ring.note({"service a": "running"}, 2.0) == ()
        assert ring.note({"service a": "failed"}, 3.0) == (
            Event(at=3.0, subject="service a", before="running", after="failed"),
        )
        assert (ring.count("event"), ring.count("sample")) == (3, 0)
    assert [one.after for one in read_recorder(path, Event, 10)] == ["running", "active", "failed"]


def test_states_are_known_to_the_next_life(path: Path) -> None:
    with closing(Recorder(path)) as ring:
        ring.note({"service a": "running"}, 1.0)
    with closing(Recorder(path)) as ring:
        assert ring.subjects == ("service a",)
        assert ring.note({"service a": "running"}, 2.0) == ()


def test_the_oldest_rows_make_room(path: Path) -> None:
    with closing(Recorder(path, SMALL)) as ring:
        for at in range(100):
            ring.sample(a_sample(float(at)))
        assert ring.count("sample") == 5
    assert [one.at for one in read_recorder(path, Sample, 50)] == [95, 96, 97, 98, 99]
    assert [one.at for one in read_recorder(path, Sample, 2)] == [98, 99]


def test_the_oldest_bytes_make_room_and_leave_the_other_kind_alone(path: Path) -> None:
    with closing(Recorder(path, SMALL)) as ring:
        ring.sample(a_sample(0.0))
        for at in range(50):
            ring.note({"interface lo": f"state {at}"}, float(at))
        assert ring.count("sample") == 1
    kept = read_recorder(path, Event, 1000)
    assert 3 < len(kept) < 10
    assert kept[-1].after == "state 49"


def test_one_record_larger_than_its_bound_is_kept_alone(path: Path) -> None:
    with closing(Recorder(path, SMALL)) as ring:
        ring.note({"a": "x" * 700}, 1.0)
        ring.note({"b": "y" * 700}, 2.0)
        assert ring.count("event") == 1
    assert [one.subject for one in read_recorder(path, Event, 9)] == ["b"]


def test_the_file_stops_growing(path: Path) -> None:
    bounds = {"sample": Bound(rows=50, bytes=1 << 20), "event": Bound(rows=50, bytes=1 << 20)}
    with closing(Recorder(path, bounds)) as ring:
        for at in range(200):
            ring.sample(a_sample(float(at)))
        ring._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = path.stat().st_size
        for at in range(400):
            ring.sample(a_sample(float(at)))
        ring._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert path.stat().st_size <= size + 4096


def test_a_damaged_file_is_put_aside_with_its_log(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"nonsense" * 100)
    path.with_name("eru.db-wal").write_bytes(b"log")
    ring, aside = Recorder.open(path)
    ring.close()
    assert aside == path.with_name("eru.db.damaged")
    assert path.with_name("eru.db.damaged-wal").read_bytes() == b"log"
    again, none = Recorder.open(path)
    again.close()
    assert none is None


def test_damage_met_while_writing_is_told_as_damage(path: Path) -> None:
    with closing(Recorder(path)) as ring:
        ring._connection.execute("DROP TABLE records")
        with pytest.raises(CorruptStore, match="no such table"):
            ring.sample(a_sample(1.0))


def test_a_refusal_of_the_disk_is_told_as_such_and_the_change_is_one_still(path: Path) -> None:
    with closing(Recorder(path)) as ring:
        ring._connection.execute("PRAGMA busy_timeout = 0")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(WorldError, match="cannot be used"):
                ring.note({"a": "x"}, 1.0)
        assert len(ring.note({"a": "x"}, 2.0)) == 1


def test_the_file_of_a_dead_host_is_read_where_nobody_may_write(path: Path) -> None:
    with closing(Recorder(path)) as ring:
        ring.note({"a": "x"}, 1.0)
    path.parent.chmod(0o500)
    try:
        assert [one.subject for one in read_recorder(path, Event, 9)] == ["a"]
    finally:
        path.parent.chmod(0o700)


def test_what_the_log_of_a_dead_host_holds_is_read_where_nobody_may_write(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = tmp_path / "away"
    away.mkdir()
    with closing(Recorder(path)) as ring:
        ring.note({"a": "x"}, 1.0)
        for name in ("eru.db", "eru.db-wal"):
            (away / name).write_bytes(path.with_name(name).read_bytes())
    # So does SQLite refuse it on a disk that is mounted to be read alone, where no test can be.
    ask = recorder._bodies

    def refuse(file: Path, kind: str, newest: int, how: str) -> list[str]:
        if file.parent == away and how == "mode=ro":
            refusal = sqlite3.OperationalError("unable to open database file")
            refusal.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
            raise refusal
        return ask(file, kind, newest, how)

    monkeypatch.setattr(recorder, "_bodies", refuse)
    assert [one.subject for one in read_recorder(away / "eru.db", Event, 9)] == ["a"]
    assert sorted(one.name for one in away.iterdir()) == ["eru.db", "eru.db-wal"]
    (away / "eru.db-wal").unlink()
    assert read_recorder(away / "eru.db", Event, 9) == ()


@pytest.mark.parametrize("body", ["{no json", '{"at": "late"}', "[]"])
def test_a_record_that_cannot_be_read_is_damage_and_named(path: Path, body: str) -> None:
    with closing(Recorder(path)) as ring:
        ring._write("event", [body], {})
        ring.note({"a": "x"}, 1.0)
    with pytest.raises(CorruptStore, match="holds a record that is no event: '") as found:
        read_recorder(path, Event, 9)
    assert "--newest" in found.value.next_act
    assert len(read_recorder(path, Event, 1)) == 1


def test_what_is_no_ring_is_told(path: Path) -> None:
    with pytest.raises(WorldError, match="is not there"):
        read_recorder(path, Event, 9)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"nonsense" * 100)
    with pytest.raises(CorruptStore, match="cannot be read"):
        read_recorder(path, Event, 9)
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE x (y)")
    with pytest.raises(CorruptStore, match="is no recorder's ring"):
        read_recorder(path, Event, 9)


def test_a_ring_without_its_tables_is_damaged(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        other.execute("CREATE TABLE x (y)")
    with pytest.raises(CorruptStore, match="no such table"):
        read_recorder(path, Event, 9)
