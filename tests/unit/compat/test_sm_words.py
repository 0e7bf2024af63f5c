"""sm's services in sm's words."""

import pytest

from insvc.compat.sm_words import sentence, table
from insvc.model.observation import Instance, ProcessIdentity
from insvc.model.words import InstanceState

MAIN = ProcessIdentity(boot_id="b", pid=4711, start_ticks=1)


def vim(state: InstanceState) -> Instance:
    """`vim` in that state."""
    return Instance(service="vim", state=state, processes=(MAIN,))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (InstanceState.RUNNING, "vim is enabled-active"),
        (InstanceState.STARTING, "vim is enabling"),
        (InstanceState.STOPPING, "vim is disabling"),
        (InstanceState.STOPPED, "vim is disabled"),
        (InstanceState.FAILED, "vim is disabled-failed"),
        (InstanceState.UNKNOWN, "vim is unknown"),
    ],
)
def test_a_state_has_its_sentence(state: InstanceState, said: str) -> None:
    assert sentence(vim(state)) == said


def test_every_state_has_a_sentence() -> None:
    assert all(sentence(vim(state)).startswith("vim is ") for state in InstanceState)


def test_only_what_runs_can_be_taken_for_running() -> None:
    """Scripts look for `enabled-active` anywhere in the sentence."""
    found = [state for state in InstanceState if "enabled-active" in sentence(vim(state))]
    assert found == [InstanceState.RUNNING]


def test_a_table_has_columns_of_fixed_width_and_is_closed() -> None:
    head, first, last = table([vim(InstanceState.FAILED)]).splitlines()
    assert head == "-Services".ljust(82, "-")
    assert (
        first == "vim".ljust(32) + "enabled-active".ljust(20) + "disabled".ljust(20) + "failed    "
    )
    assert last == "-" * 82


def test_pids_are_shown_where_they_are_wanted() -> None:
    idle = Instance(service="heat", state=InstanceState.STOPPED)
    lines = table([vim(InstanceState.RUNNING), idle], pid=True).splitlines()
    assert [line[82:] for line in lines[1:3]] == [" " * 8, "4711    "]
    assert {len(line) for line in lines} == {90}
