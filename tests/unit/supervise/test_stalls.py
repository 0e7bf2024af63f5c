"""When a thread stalls, and what is due about it: reckoned in times, never in looks."""

from dataclasses import replace

import pytest

from insvc.supervise.stalls import Due, Limits, Stall, ThreadKey, ThreadLook, due, follow

KEY = ThreadKey(10, 11, 500)
LOOK = ThreadLook(key=KEY, program="nfsd", state="D", cpu_ticks=7, switches=3)


def test_a_thread_that_does_not_move_stalls_since_it_was_first_seen_so() -> None:
    first = follow({}, [LOOK], 100.0)
    assert first == {KEY: Stall(look=LOOK, since=100.0)}
    assert follow(first, [LOOK], 110.0) == first


@pytest.mark.parametrize("change", [{"cpu_ticks": 8}, {"switches": 4}])
def test_one_that_has_moved_meanwhile_begins_anew(change: dict[str, int]) -> None:
    moved = replace(LOOK, **change)  # type: ignore[arg-type]
    found = follow(follow({}, [LOOK], 100.0), [moved], 110.0)
    assert found == {KEY: Stall(look=moved, since=110.0)}


def test_one_that_came_back_or_is_gone_stalls_no_more() -> None:
    before = follow({}, [LOOK], 100.0)
    assert follow(before, [replace(LOOK, state="S")], 110.0) == {}
    assert follow(before, [], 110.0) == {}


def test_another_thread_with_the_same_numbers_begins_anew() -> None:
    another = replace(LOOK, key=KEY._replace(start_ticks=501))
    found = follow(follow({}, [LOOK], 100.0), [another], 190.0)
    assert [one.since for one in found.values()] == [190.0]


@pytest.mark.parametrize(
    ("lasted_s", "what"),
    [
        (0.0, Due.NOTHING),
        (60.0, Due.NOTHING),
        (60.1, Due.TELL),
        (120.0, Due.TELL),
        (120.1, Due.REBOOT),
    ],
)
def test_limits_are_passed_by_more_than_they_say(lasted_s: float, what: Due) -> None:
    assert due(Stall(look=LOOK, since=100.0), 100.0 + lasted_s, Limits()) is what


@pytest.mark.parametrize("every_s", [0.5, 1.0, 10.0, 45.0])
def test_how_often_it_is_looked_at_changes_no_time(every_s: float) -> None:
    """A counter that each look took from, twice where it came twice, rebooted after two misses."""
    stalls: dict[ThreadKey, Stall] = {}
    now, told_at, reboot_at = 0.0, None, None
    while reboot_at is None:
        for _ in range(2):
            stalls = follow(stalls, [LOOK], now)
        what = due(stalls[KEY], now, Limits())
        told_at = now if told_at is None and what is Due.TELL else told_at
        reboot_at = now if what is Due.REBOOT else None
        now += every_s
    assert told_at is not None
    assert 60 < told_at <= 60 + every_s
    assert 120 < reboot_at <= 120 + every_s
