"""What a recorder kept, as tables."""

import pytest

from insvc.model.recorder import Event, Sample
from insvc.report.recorder import event_lines, sample_lines

FIRST = Sample(at=0.0, boot="a", memory={"total_bytes": 100.0, "available_bytes": 25.0})
SECOND = Sample(
    at=30.5,
    boot="a",
    over_s=30.0,
    cpu={"all": {"user": 60.0, "idle": 30.0, "iowait": 10.0}},
    disks={"sda": {"read_bytes": 30 * 2**20}, "sdb": {"read_bytes": 30 * 2**20}},
    network={"lo": {"sent_bytes": 15 * 2**20, "sent_drops": 2.0}},
    queues={"lo pfifo": {"drops": 3.0}},
)


def test_a_line_tells_a_sample_as_a_whole() -> None:
    lines = sample_lines([FIRST, SECOND])
    assert lines[0].split()[:5] == ["time", "over", "cpu", "wait", "memory"]
    assert lines[1].split() == [
        *("1970-01-01", "00:00:00.000Z", "-", "-", "-", "75", "%", "-", "-", "-", "-", "-"),
    ]
    assert (
        "  30 s  60 %  10 %       -  2.00 MiB/s  0.00 MiB/s  0.00 MiB/s  0.50 MiB/s     5"
        in (lines[2])
    )


def test_another_boot_is_told_between_its_samples() -> None:
    lines = sample_lines([FIRST, Sample(at=60.0, boot="b")])
    assert [line.split()[0] for line in lines[1:]] == ["1970-01-01", "booted", "1970-01-01"]


def test_events_tell_how_it_was_and_is() -> None:
    lines = event_lines([Event(at=1.0, subject="interface lo", after="up, carrier")])
    assert lines[1] == "1970-01-01 00:00:01.000Z  interface lo  not known  up, carrier"


def test_nothing_is_told_as_nothing() -> None:
    assert sample_lines([]) == event_lines([]) == ["nothing was recorded"]


@pytest.mark.parametrize("at", [1e12, 1e300, -1e13, float("inf"), float("nan")])
def test_a_moment_that_has_no_date_is_told_as_it_stands(at: float) -> None:
    lines = event_lines([Event(at=at, subject="a", after="x")])
    assert lines[1].startswith(f"{at:g} s since 1970")
    assert sample_lines([Sample(at=at, boot="a")])[1].startswith(f"{at:g} s since 1970")
