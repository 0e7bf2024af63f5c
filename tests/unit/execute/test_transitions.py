from collections.abc import Mapping
from typing import Any, TypeVar

import pytest

from insvc.execute.run import RecordKind
from insvc.execute.transitions import (
    RUN_TABLE,
    STEP_TABLE,
    RunEvent,
    RunState,
    StepEvent,
    StepState,
    end_event,
    run_event,
)
from insvc.model.words import Outcome

S = TypeVar("S", RunState, StepState)


def reachable(table: Mapping[tuple[S, Any], S], start: S) -> set[S]:
    found, edge = {start}, {start}
    while edge:
        edge = {then for (state, _), then in table.items() if state in edge} - found
        found |= edge
    return found


def test_every_state_of_a_run_can_be_reached() -> None:
    assert reachable(RUN_TABLE, RunState.NEW) == set(RunState)


def test_every_state_of_a_step_can_be_reached() -> None:
    assert reachable(STEP_TABLE, StepState.WAITING) == set(StepState)


def test_every_event_but_a_mere_wish_for_packages_changes_something_somewhere() -> None:
    assert {event for _, event in RUN_TABLE} == set(RunEvent) - {RunEvent.ASK_PATCH}
    assert {event for _, event in STEP_TABLE} == set(StepEvent)


def test_the_outcome_of_a_step_is_never_taken_back() -> None:
    assert not [state for state, _ in STEP_TABLE if state.is_over]


def test_a_run_that_is_over_only_moves_by_a_rollback() -> None:
    assert {event for state, event in RUN_TABLE if state.is_over} == {RunEvent.ROLL_BACK}


def test_a_step_under_way_whose_controller_is_gone_is_lost() -> None:
    assert STEP_TABLE[StepState.UNDER_WAY, StepEvent.ORPHAN] is StepState.LOST


@pytest.mark.parametrize(
    ("kind", "outcome", "event"),
    [
        (RecordKind.CREATED, "", RunEvent.CREATE),
        (RecordKind.PAUSE_ASKED, "", RunEvent.PAUSE),
        (RecordKind.ENDED, "failed", RunEvent.FAIL),
        (RecordKind.ROLLBACK_ENDED, "failed", RunEvent.ROLLBACK_FAILED),
        (RecordKind.ENDED, "splendid", None),
        (RecordKind.STEP_STARTED, "", None),
    ],
)
def test_a_record_means_an_event_to_its_run(
    kind: RecordKind, outcome: str, event: RunEvent | None
) -> None:
    assert run_event(kind, outcome) is event


def test_only_success_ends_a_step_well() -> None:
    good = {one for one in Outcome if end_event(one) is StepEvent.SUCCEED}
    assert good == {
        Outcome.RESTARTED,
        Outcome.ALREADY_CURRENT,
        Outcome.NEXT_RUN,
        Outcome.DONE,
    }


def test_unknown_and_skipped_end_a_step_in_their_own_ways() -> None:
    assert end_event(Outcome.UNKNOWN) is StepEvent.GIVE_UP
    assert end_event(Outcome.SKIPPED) is StepEvent.SKIP
    assert end_event(Outcome.UNVERIFIED) is StepEvent.FAIL
