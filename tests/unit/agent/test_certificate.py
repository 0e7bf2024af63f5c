"""The alarm of a host that accepts patches signed by developers."""

from pathlib import Path

from insvc.agent.alarms import alarms_of
from insvc.agent.certificate import FILE, LOOK_S, CertificateWatch
from tests.fakes.clock import FakeClock


def standing(folder: Path) -> list[tuple[str, str]]:
    """Number and severity of what stands."""
    return [(one.alarm.alarm, one.alarm.severity) for one in alarms_of(folder).standing]


def test_it_stands_for_as_long_as_the_file_is_there(tmp_path: Path) -> None:
    clock = FakeClock()
    watch = CertificateWatch(tmp_path, "h", clock.now)
    assert standing(tmp_path) == []
    path = tmp_path / "root" / FILE
    path.parent.mkdir(parents=True)
    path.touch()
    watch.tick()
    assert (standing(tmp_path), watch.wait_s()) == ([], LOOK_S)
    clock.advance(LOOK_S)
    watch.tick()
    assert standing(tmp_path) == [("500.101", "critical")]
    path.unlink()
    clock.advance(LOOK_S)
    watch.tick()
    assert standing(tmp_path) == []
    assert [one.what for one in alarms_of(tmp_path).changes] == ["raised", "cleared"]


def test_it_is_raised_at_the_start_and_reconciled_by_the_next_life(tmp_path: Path) -> None:
    path = tmp_path / "root" / FILE
    path.parent.mkdir(parents=True)
    path.touch()
    CertificateWatch(tmp_path, "h", FakeClock().now)
    assert standing(tmp_path) == [("500.101", "critical")]
    path.unlink()
    CertificateWatch(tmp_path, "h", FakeClock().now)
    assert standing(tmp_path) == []
