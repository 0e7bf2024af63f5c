"""sm's groups and services in sm's words and columns."""

import pytest

from insvc.compat.sm_words import (
    Columns,
    group_sentence,
    sentence,
    tables,
    unprovisioned_sentence,
)
from insvc.model.sm_table import GroupRow, ServiceRow, SmTable
from insvc.supervise.sm import State
from insvc.supervise.sm_words import state_word
from tests.unit.supervise.test_sm_words import unit


def vim(state: str, status: str = "none", pid: int | None = 4711) -> ServiceRow:
    """`vim` in that state."""
    return ServiceRow(
        name="vim",
        desired="enabled-active",
        state=state,
        status=status,
        condition="none" if status == "none" else "recovery-failure",
        impact="critical",
        pid=pid,
        process="nfv-vim",
        pidfile="run/vim.pid",
    )


GROUP = GroupRow(name="vim-services", desired="active", state="go-active", status="failed")


def test_a_state_has_its_sentence_and_a_status_follows_it() -> None:
    assert sentence(vim("enabled-active")) == "vim is enabled-active"
    assert sentence(vim("disabled", "failed")) == "vim is disabled-failed"
    assert sentence(vim("enabling-throttle", "")) == "vim is enabling-throttle"


def test_only_what_serves_can_be_taken_for_running() -> None:
    """Scripts look for `enabled-active` anywhere in the sentence."""
    found = [one for one in State if "enabled-active" in sentence(vim(state_word(unit(one))))]
    assert found == [State.ENABLED_ACTIVE, State.HANDING_OVER, State.RELIEVING]


def test_a_group_is_told_by_what_it_is_and_by_what_it_should_be() -> None:
    assert group_sentence(GROUP) == "vim-services go-active-failed"
    assert group_sentence(GROUP, desired=True) == "vim-services active go-active-failed"


@pytest.mark.parametrize(
    ("names", "said"),
    [(["a"], "a is not provisioned"), (["a", "b"], "a, b are not provisioned")],
)
def test_what_is_not_in_use_is_told_together(names: list[str], said: str) -> None:
    assert unprovisioned_sentence(names) == said


def test_the_tables_have_columns_of_fixed_width_and_are_closed() -> None:
    told = tables(SmTable(groups=(GROUP,), services=(vim("disabled", "failed"),)), Columns())
    assert told.splitlines() == [
        "-Service_Groups".ljust(82, "-"),
        "vim-services".ljust(32) + "active".ljust(20) + "go-active".ljust(20) + "failed    ",
        "-" * 82,
        "-Services".ljust(82, "-"),
        "vim".ljust(32) + "enabled-active".ljust(20) + "disabled".ljust(20) + "failed    ",
        "-" * 82,
    ]


def test_more_columns_stand_behind_in_a_fixed_order() -> None:
    every = Columns(condition=True, impact=True, pid=True, process=True, pidfile=True)
    row, idle = (
        tables(SmTable(groups=(GROUP,), services=(one,)), every).splitlines()[4]
        for one in (vim("disabled", "failed"), vim("disabled", "failed", pid=None))
    )
    assert row[82:] == (
        "recovery-failure".ljust(20)
        + "critical".ljust(10)
        + "4711".ljust(8)
        + "nfv-vim".ljust(20)
        + "run/vim.pid".ljust(25)
    )
    assert idle[112:120] == " " * 8
    heads = tables(SmTable(groups=(GROUP,), services=()), every).splitlines()
    assert (len(heads[0]), len(heads[3])) == (102, 165)


def test_a_name_that_is_too_long_keeps_its_distance() -> None:
    long = GroupRow(name="g" * 40, desired="active", state="active")
    line = tables(SmTable(groups=(long,)), Columns()).splitlines()[1]
    assert line.startswith("g" * 40 + " active")
