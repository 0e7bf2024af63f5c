"""What the kernel's counters say between two looks."""

from dataclasses import replace

import pytest

from insvc.supervise.counters import (
    Counters,
    difference,
    read_cpu,
    read_disks,
    read_interfaces,
    read_memory,
    sample,
    shares,
)

STAT = """cpu  100 1 50 800 20 3 4 5 0 0
cpu0 60 1 30 400 10 3 2 5 0 0
cpux nonsense
intr 1234
"""
DISKS = """   8       0 sda 10 0 200 30 5 0 64 12 0 40 42 0 0 0 0
   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0
   8       1 short
"""
DEV = """Inter-|   Receive                        |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop
    lo: 1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0
eth0:1: 7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0
"""


def look(at: float, busy: float, **more: object) -> Counters:
    """The counters after so much work, the seconds since boot being those of the clock."""
    made = Counters(
        at=1000 + at,
        since_boot_s=at,
        boot="one",
        cpu={"all": {"user": busy, "idle": 100 * at - busy}},
        network={"lo": {"sent_bytes": busy * 10}},
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_ticks_are_read_by_processor() -> None:
    found = read_cpu(STAT)
    assert found["all"]["user"] == 100
    assert found["all"]["steal"] == 5
    assert found["0"]["idle"] == 400
    assert found["x"] == {}


def test_memory_is_told_in_bytes_and_what_is_no_number_left_out() -> None:
    text = "MemTotal:  2048 kB\nMemAvailable: 1 kB\nSwapTotal:\nSwapFree: x kB\nOther: 7 kB\nnone\n"
    assert read_memory(text) == {"total_bytes": 2048 * 1024, "available_bytes": 1024}


def test_disks_are_told_in_bytes_and_unused_ones_left_out() -> None:
    assert read_disks(DISKS) == {
        "sda": {
            "reads": 10,
            "read_bytes": 200 * 512,
            "writes": 5,
            "written_bytes": 64 * 512,
            "busy_ms": 40,
        }
    }


def test_interfaces_are_read_whatever_their_names() -> None:
    found = read_interfaces(DEV)
    assert set(found) == {"lo", "eth0:1"}
    assert found["lo"]["received_drops"] == 2
    assert found["lo"]["sent_bytes"] == 2000


def test_a_sample_tells_what_happened_between_two_looks() -> None:
    one = sample(look(10, 100), look(20, 850))
    assert one.over_s == 10
    assert one.cpu == {"all": {"user": 75.0, "idle": 25.0}}
    assert one.network == {"lo": {"sent_bytes": 7500}}


@pytest.mark.parametrize(
    "before",
    [None, look(10, 100, boot="another"), look(20, 100), look(30, 100)],
    ids=["the first", "another boot", "the same moment", "a later one"],
)
def test_looks_that_cannot_be_compared_tell_only_what_is(before: Counters | None) -> None:
    now = look(20, 850, memory={"free_bytes": 1.0}, space={"/": {"free_files": 2.0}})
    one = sample(before, now)
    assert (one.over_s, one.cpu, one.network) == (None, {}, {})
    assert (one.memory, one.space) == ({"free_bytes": 1.0}, {"/": {"free_files": 2.0}})


def test_what_was_not_there_before_or_did_nothing_is_left_out() -> None:
    before = look(10, 100, network={"lo": {"sent_bytes": 5.0}, "gone": {"sent_bytes": 1.0}})
    now = look(20, 200, network={"lo": {"sent_bytes": 5.0}, "new": {"sent_bytes": 9.0}})
    assert sample(before, now).network == {}


@pytest.mark.parametrize(
    ("before", "now", "came"),
    [
        (5, 9, 4),
        (9, 9, 0),
        (2**32 - 10, 20, 30),
        (1000, 20, 20),
        (2**31 - 1, 20, 20),
        (2**40, 20, 20),
        (2**32 - 10, 2**31 + 1, 2**31 + 1),
    ],
    ids=["on", "still", "round", "anew", "lower half", "64 bits anew", "not to the lower half"],
)
def test_a_counter_goes_on_round_or_begins_anew(before: float, now: float, came: float) -> None:
    assert difference(before, now) == came


def test_a_processor_whose_ticks_stood_still_or_went_back_has_no_negative_share() -> None:
    assert shares({"user": 5.0}, {"user": 5.0}) == {}
    assert shares({"user": 5.0, "idle": 9.0}, {"user": 7.0, "idle": 8.0}) == {
        "user": 100.0,
        "idle": 0.0,
    }
