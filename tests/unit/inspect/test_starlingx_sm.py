"""`insvc.inspect.starlingx_sm`: the words of the service manager, taken whole."""

import pytest

from insvc.inspect.starlingx_sm import (
    ACTIVE,
    SmService,
    SmTables,
    Standing,
    enable_needs,
    entry_of,
    read_answer,
    row_of,
    standing_of,
    state_of,
)
from insvc.model.words import InstanceState, Manager


def service(name: str = "vim", state: str = ACTIVE, status: str = "", **more: object) -> SmService:
    return SmService(
        **{"name": name, "desired": ACTIVE, "standing": Standing(state, status), **more}  # type: ignore[arg-type]
    )


def test_none_is_written_in_two_ways() -> None:
    assert standing_of("enabled-active", "none", "") == Standing("enabled-active")
    assert standing_of(" disabled ", "failed", "fatal-failure") == (
        "disabled",
        "failed",
        "fatal-failure",
    )
    assert standing_of(None, 3, None) == Standing("")
    assert str(Standing("disabled", "failed", "fatal-failure")) == (
        "disabled-failed (fatal-failure)"
    )
    assert str(Standing("enabling")) == "enabling"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vim is enabled-active\n", Standing(ACTIVE)),
        ("vim is enabled-active-failed\n", Standing(ACTIVE, "failed")),
        ("vim is enabled-active-degraded\n", Standing(ACTIVE, "degraded")),
        ("vim is enabled-standby-warn", Standing("enabled-standby", "warn")),
        ("vim is enabling-throttle", Standing("enabling-throttle")),
        ("vim is disabled.", None),
        ("vim-api is enabled-active", None),
        ("no database\n", None),
        ("", None),
    ],
)
def test_an_answer_is_taken_as_a_whole_word(text: str, expected: Standing | None) -> None:
    assert read_answer("vim", text) == expected


def test_only_the_whole_word_is_active() -> None:
    assert Standing(ACTIVE).is_active
    assert not Standing(ACTIVE, "failed").is_active
    assert not Standing("enabled-active-failed").is_active


@pytest.mark.parametrize(
    ("state", "status", "is_there", "expected"),
    [
        (ACTIVE, "", True, InstanceState.RUNNING),
        (ACTIVE, "degraded", True, InstanceState.RUNNING),
        (ACTIVE, "failed", True, InstanceState.FAILED),
        (ACTIVE, "", False, InstanceState.FAILED),
        ("enabling", "", False, InstanceState.STARTING),
        ("disabling", "", True, InstanceState.STOPPING),
        ("enabled-standby", "", False, InstanceState.STOPPED),
        ("disabled", "", False, InstanceState.FAILED),
        ("initial", "", False, InstanceState.UNKNOWN),
        ("enabled-active-failed", "", True, InstanceState.UNKNOWN),
    ],
)
def test_the_state_is_told_by_both_its_words_and_its_process(
    state: str, status: str, is_there: bool, expected: InstanceState
) -> None:
    assert state_of(service(state=state, status=status), is_there=is_there) is expected


def test_what_sm_does_not_want_here_is_stopped_in_good_order() -> None:
    standby = service(state="disabled", desired="disabled")
    row = row_of(standby, pid=None, group=None, restarts=0)
    assert (row.state, row.desired) == (InstanceState.STOPPED, InstanceState.STOPPED)


def test_a_row_of_a_process_and_of_an_address() -> None:
    vim = row_of(service(pidfile="/var/run/vim.pid"), pid=7, group="/g", restarts=1)
    assert (vim.name, vim.manager, vim.state) == ("vim", Manager.SM, InstanceState.RUNNING)
    assert (vim.pid, vim.cgroup, vim.restarts) == (7, "/g", 1)
    dead = row_of(service(pidfile="/var/run/vim.pid"), pid=None, group=None, restarts=0)
    assert dead.state is InstanceState.FAILED
    address = row_of(service("oam-ip"), pid=None, group=None, restarts=0)
    assert address.state is InstanceState.RUNNING


TABLES = SmTables(
    services={one: service(one) for one in ("oam-ip", "vim", "vim-api", "vim-webserver", "other")},
    needs={
        "vim": ("oam-ip", "absent"),
        "vim-api": ("vim",),
        "vim-webserver": ("vim-api", "vim"),
        "gone": ("vim",),
        "oam-ip": ("vim-api",),
    },
)


def test_dependants_are_found_through_others_and_circles_end() -> None:
    assert TABLES.dependants("vim-api") == ("oam-ip", "vim", "vim-webserver")
    assert TABLES.dependants("other") == ()


def test_an_entry_says_what_it_needs_and_how_long_it_may_take() -> None:
    vim = service(pidfile="/var/run/vim.pid", enable_s=20.0, disable_s=15.0)
    entry = entry_of(vim, TABLES)
    assert entry.depends_on == ("oam-ip",)
    assert entry.impact.longest_s == 35.0
    assert entry.services[0].pidfile == "/var/run/vim.pid"
    assert entry.provenance["depends_on"] == "discovered: sm.db"
    assert entry_of(service("other"), TABLES).impact.longest_s is None


def test_needs_are_taken_from_rows_about_enabling_alone() -> None:
    rows = [
        ("vim", "enable", "oam-ip"),
        ("vim", "enable", "oam-ip"),
        ("vim", "disable", "vim-api"),
        ("vim", "enable", ""),
        ("vim", "enable", None),
        (None, "enable", "x"),
    ]
    assert enable_needs(rows) == {"vim": ("oam-ip",)}
