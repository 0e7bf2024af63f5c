"""The table of the lease: whole, without a trap, and never two that serve."""

from dataclasses import replace
from itertools import product

import pytest

from insvc.supervise.pair import HOLDS, TABLE, Act, Event, PairDefinition, State, Tenure, View, see

NOW = 100.0
OWN = Tenure(number=7, holder="a", epoch=3, renewed_at=NOW - 1.0, ttl_s=5.0)
PEERS = replace(OWN, holder="b")
FREE = replace(PEERS, is_released=True)
VIEW = View(host="a", now=NOW, tenure=PEERS)


def test_every_event_is_decided_in_every_state() -> None:
    assert set(TABLE) == set(product(State, Event))


def test_no_state_is_a_trap() -> None:
    for begin in State:
        reached, wave = {begin}, {begin}
        while wave:
            wave = {TABLE[one, event][0] for one in wave for event in Event} - reached
            reached |= wave
        assert {State.STANDBY, State.ACTIVE} <= reached


def test_one_begins_to_serve_only_with_a_renewal_of_its_own_lease() -> None:
    for (state, event), (then, acts) in TABLE.items():
        if then is State.ACTIVE and state is not State.ACTIVE:
            assert event is Event.MINE
            assert acts == (Act.RENEW, Act.SERVE)
        assert (Act.SERVE in acts) == (then is State.ACTIVE and state is not State.ACTIVE)


def test_one_that_stops_serving_stops_its_services() -> None:
    for (state, _), (then, acts) in TABLE.items():
        if state is State.ACTIVE and then is not State.ACTIVE:
            assert Act.STOP in acts


def test_the_lease_is_released_only_when_nothing_runs() -> None:
    released = {key for key, (_, acts) in TABLE.items() if Act.RELEASE in acts}
    assert released == {
        (State.YIELDING, Event.DOWN),
        (State.STANDBY, Event.YIELD),
        (State.FENCING, Event.YIELD),
    }


def test_what_another_has_taken_is_stopped_by_force() -> None:
    for state, event in product(HOLDS, (Event.PEERS, Event.FREE, Event.EXPIRED, Event.FENCED)):
        then, acts = TABLE[state, event]
        assert (then, acts) == (State.FALLING, (Act.STOP, Act.FORCE))


def test_a_lease_is_held_until_its_time_is_over_or_it_is_released() -> None:
    assert OWN.is_held(OWN.renewed_at + 4.99)
    assert not OWN.is_held(OWN.renewed_at + 5.0)
    assert not replace(OWN, is_released=True).is_held(NOW)


@pytest.mark.parametrize(
    ("view", "event"),
    [
        (replace(VIEW, tenure=OWN), Event.MINE),
        (replace(VIEW, tenure=replace(OWN, renewed_at=0.0)), Event.MINE),
        (replace(VIEW, tenure=OWN, is_fit=False), Event.YIELD),
        (VIEW, Event.PEERS),
        (replace(VIEW, now=NOW + 5.0), Event.EXPIRED),
        (replace(VIEW, now=NOW + 5.0, fenced=6), Event.EXPIRED),
        (replace(VIEW, now=NOW + 5.0, fenced=7), Event.FENCED),
        (replace(VIEW, now=NOW + 5.0, fenced=7, is_fit=False), Event.PEERS),
    ],
)
def test_what_a_look_at_the_lease_tells(view: View, event: Event) -> None:
    assert see(State.STANDBY, view) is event


@pytest.mark.parametrize(
    ("now", "is_silent", "stopped", "event"),
    [
        (NOW + 1.9, True, 7, Event.PEERS),
        (NOW + 2.0, False, 7, Event.PEERS),
        (NOW + 2.0, True, 0, Event.EXPIRED),
        (NOW + 2.0, True, 6, Event.EXPIRED),
        (NOW + 2.0, True, 7, Event.FENCED),
    ],
)
def test_before_its_time_is_over_only_the_holder_s_own_host_can_free_it(
    now: float, is_silent: bool, stopped: int, event: Event
) -> None:
    view = replace(VIEW, now=now, is_silent=is_silent, stopped=stopped, fenced=7)
    assert see(State.FENCING, view) is event


def test_a_fence_is_no_leave_to_take_a_lease_that_was_renewed_since() -> None:
    late = replace(VIEW, now=NOW + 5.0, is_silent=True, fenced=7, stopped=7)
    assert see(State.STANDBY, late) is Event.FENCED
    renewed = replace(PEERS, number=8, renewed_at=NOW)
    assert see(State.STANDBY, replace(late, tenure=renewed)) is Event.EXPIRED
    assert see(State.STANDBY, replace(late, tenure=renewed, now=NOW + 3.0)) is Event.EXPIRED


@pytest.mark.parametrize(
    ("view", "event"),
    [
        (replace(VIEW, tenure=None), Event.PEERS),
        (replace(VIEW, tenure=None, is_first=True), Event.FREE),
        (replace(VIEW, tenure=None, seen_free_s=5.0), Event.FREE),
        (replace(VIEW, tenure=None, is_asked=True), Event.FREE),
        (replace(VIEW, tenure=None, is_first=True, is_fit=False), Event.PEERS),
        (replace(VIEW, tenure=FREE), Event.PEERS),
        (replace(VIEW, tenure=FREE, is_first=True), Event.PEERS),
        (replace(VIEW, tenure=replace(FREE, holder="a")), Event.FREE),
        (replace(VIEW, tenure=replace(FREE, holder="a", offered_to="b")), Event.PEERS),
        (replace(VIEW, tenure=replace(FREE, offered_to="a")), Event.FREE),
        (replace(VIEW, tenure=FREE, seen_free_s=4.9), Event.PEERS),
        (replace(VIEW, tenure=FREE, seen_free_s=5.0), Event.FREE),
        (replace(VIEW, tenure=FREE, is_asked=True), Event.FREE),
    ],
)
def test_whose_turn_a_free_lease_is(view: View, event: Event) -> None:
    assert see(State.STANDBY, view) is event


def test_that_everything_is_down_counts_while_it_is_waited_for() -> None:
    down = replace(VIEW, tenure=OWN, is_down=True)
    assert see(State.FALLING, down) is Event.DOWN
    assert see(State.YIELDING, replace(down, is_fit=False)) is Event.DOWN
    assert see(State.YIELDING, down) is Event.MINE
    assert see(State.ACTIVE, down) is Event.MINE


def test_the_holder_is_down_before_its_lease_can_be_taken() -> None:
    times = PairDefinition(peer="b", peer_address="127.0.0.1")
    assert times.renew_s * 3 <= times.step_down_s < times.force_s < times.ttl_s
    assert (times.ttl_s, times.hello_s, times.dead_s, times.wait_s) == (5.0, 0.2, 0.8, 5.0)
    assert OWN.early_s == times.step_down_s
