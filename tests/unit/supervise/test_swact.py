"""What stands against a change of the active controller, and when it changes by itself."""

from dataclasses import replace

import pytest

from insvc.model.words import Role
from insvc.supervise.swact import Nodes, NodeState, What, first_of, refusals, swacts_by_itself

ACTIVE = NodeState(host="c0", role=Role.ACTIVE)
STANDBY = NodeState(host="c1", role=Role.STANDBY)
WELL = Nodes(own=ACTIVE, peer_name="c1", peer=STANDBY, heard_s=0.1, is_heard=True)


def test_nothing_stands_against_a_swact_between_two_that_are_well() -> None:
    assert refusals(What.SWACT, WELL) == []


def test_everything_that_stands_against_it_is_told_at_once() -> None:
    own = replace(ACTIVE, in_transition=("api",), held=("db",))
    peer = replace(
        STANDBY, locked=True, is_ready=False, status="degraded", ailing=("web",), held=("x",)
    )
    assert refusals(What.SWACT, replace(WELL, own=own, peer=peer)) == [
        "c1 is locked: unlock it first",
        "c1's service manager is ending",
        "c0: on their way up or down: api",
        "c0 restarts db now: wait for it",
        "c1 restarts x now: wait for it",
        "c1 is degraded: web",
    ]


def test_force_skips_health_and_never_that_nobody_could_serve() -> None:
    ailing = replace(STANDBY, status="failed", ailing=("web",), in_transition=("web",))
    assert refusals(What.SWACT, replace(WELL, peer=ailing), force=True) == []
    locked = replace(STANDBY, locked=True)
    assert refusals(What.SWACT, replace(WELL, peer=locked), force=True) == [
        "c1 is locked: unlock it first"
    ]


def test_a_peer_that_is_not_heard_is_no_peer_to_swact_to() -> None:
    for unheard in (replace(WELL, is_heard=False), replace(WELL, peer=None)):
        (why,) = refusals(What.SWACT, unheard, force=True)
        assert why.startswith("c1 is not heard")


def test_only_the_active_controller_hands_over() -> None:
    asked = replace(WELL, own=replace(ACTIVE, role=Role.STANDBY))
    assert refusals(What.SWACT, asked) == ["c0 is standby: ask the active controller"]
    (why,) = refusals(What.SWACT, replace(WELL, own=replace(ACTIVE, role=None)))
    assert why.startswith("c0 is in no role")


def test_a_host_without_a_peer_takes_no_turns() -> None:
    assert refusals(What.SWACT, Nodes(own=ACTIVE)) == ["c0 takes no turns: it has no peer"]
    assert refusals(What.LOCK, Nodes(own=ACTIVE)) == []


def test_the_active_controller_is_not_locked_and_a_restart_is_waited_for() -> None:
    held = replace(WELL, own=replace(ACTIVE, held=("db",)))
    assert refusals(What.LOCK, held) == [
        "c0 is active: swact to c1 first",
        "c0 restarts db now: wait for it",
    ]
    assert refusals(What.LOCK, replace(WELL, own=STANDBY, peer=ACTIVE)) == []


FAILED = replace(WELL, own=replace(ACTIVE, status="failed"))


def test_a_failed_controller_hands_over_to_one_that_is_better_off() -> None:
    assert swacts_by_itself(FAILED, since_last_s=None)
    degraded = replace(FAILED, peer=replace(STANDBY, status="degraded"))
    assert swacts_by_itself(degraded, since_last_s=None)


@pytest.mark.parametrize("status", ["none", "warn", "degraded"])
def test_one_that_has_not_failed_stays(status: str) -> None:
    well = replace(WELL, own=replace(ACTIVE, status=status))  # type: ignore[arg-type]
    assert not swacts_by_itself(well, since_last_s=None)


def test_where_both_have_failed_nothing_is_passed_to_and_fro() -> None:
    both = replace(FAILED, peer=replace(STANDBY, status="failed"))
    assert not swacts_by_itself(both, since_last_s=None)


def test_soon_after_the_last_time_only_a_peer_that_is_wholly_well_takes_over() -> None:
    degraded = replace(FAILED, peer=replace(STANDBY, status="degraded"))
    assert not swacts_by_itself(degraded, since_last_s=59.0)
    assert swacts_by_itself(degraded, since_last_s=60.0)
    assert swacts_by_itself(FAILED, since_last_s=1.0)


def test_nobody_is_handed_over_to_who_is_not_there() -> None:
    assert not swacts_by_itself(replace(FAILED, is_heard=False), since_last_s=None)
    assert not swacts_by_itself(replace(FAILED, peer=None), since_last_s=None)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (STANDBY, ("unlocked", "enabled", "available")),
        (replace(STANDBY, status="warn"), ("unlocked", "enabled", "available")),
        (replace(STANDBY, status="degraded"), ("unlocked", "enabled", "degraded")),
        (replace(STANDBY, status="failed"), ("unlocked", "enabled", "failed")),
        (replace(STANDBY, locked=True), ("locked", "disabled", "offline")),
        (replace(STANDBY, is_ready=False), ("unlocked", "disabled", "offline")),
    ],
)
def test_how_a_controller_stands_in_the_words_of_its_operators(
    state: NodeState, words: tuple[str, str, str]
) -> None:
    assert (state.administrative, state.operational, state.availability) == words


def test_a_heartbeat_names_the_first_few_and_tells_that_there_are_more() -> None:
    names = tuple(f"s{number}" for number in range(11))
    assert first_of(names[:8]) == names[:8]
    assert first_of(names) == (*names[:8], "3 more")
