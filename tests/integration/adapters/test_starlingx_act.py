"""`insvc.adapters.starlingx_act`: what becomes of a restart by sm, seen by its traces alone."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.pidfd import read_identity
from insvc.adapters.starlingx_sm import StarlingxSm
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action, InstanceState
from tests.fakes import starlingx


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    starlingx.sm(tmp_path)
    yield tmp_path
    starlingx.end_all(tmp_path)


def restart(root: Path, *ways: str, name: str = "vim", timeout_s: float = 20.0) -> Restarted:
    starlingx.ways(root, *ways)
    return StarlingxSm(root).restart(Order(service=name, timeout_s=timeout_s))


def test_a_restart_is_done_when_another_process_stays_active(root: Path) -> None:
    old = starlingx.service(root, "vim")
    began = time.time()
    told = restart(root)
    assert told.done, told.said
    (row,) = StarlingxSm(root).look().rows
    assert told.said == f"enabled-active again, as pid {row.pid}"
    assert row.pid not in {None, old}
    assert row.state is InstanceState.RUNNING
    times = told.times
    assert began < times["stopped"] <= times["started"] <= times["ready"] < time.time()


def test_what_needs_it_stays_up_in_a_safe_restart_and_comes_back_in_the_other(root: Path) -> None:
    starlingx.service(root, "vim")
    along = starlingx.service(root, "vim-api", "vim")
    assert restart(root).done
    assert read_identity(along) is not None
    starlingx.ways(root)
    order = Order(service="vim", action=Action.HANDLER, with_dependants=True, timeout_s=20.0)
    told = StarlingxSm(root).restart(order)
    assert told.done, told.said
    starlingx.ways(root, "loses")
    told = StarlingxSm(root).restart(Order(service="vim", with_dependants=True, timeout_s=5.0))
    assert not told.done
    assert told.said == "is up, but what depends on it is not: vim-api"


def test_a_service_without_a_process_must_have_left_its_state(root: Path) -> None:
    starlingx.service(root, "oam-ip", pidfile=False)
    told = restart(root, name="oam-ip")
    assert (told.done, told.said) == (True, "enabled-active again")
    told = restart(root, "deaf", name="oam-ip", timeout_s=0.5)
    assert not told.done


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("deaf", "within 4 s sm has not acted: it is enabled-active, and pid"),
        ("keeps-old", "is enabled-active again, but its old process runs on: pid"),
        ("stays-down", "within 4 s it is disabled-failed (action-failure), expected"),
        ("degraded", "within 4 s it is enabled-active-degraded, expected enabled-active"),
        ("fatal", "is disabled-failed (fatal-failure): sm tries no more"),
        ("db-gone", "what has become of it is unknown: /var/run/sm/sm.db: is not there"),
        ("no-socket", "sm-restart-safe ended with status 255 (Service (vim) is restarting.)"),
    ],
)
def test_what_went_wrong_is_named_although_the_command_says_0(
    root: Path, way: str, words: str
) -> None:
    starlingx.service(root, "vim")
    told = restart(root, way, timeout_s=4.0)
    assert not told.done
    assert told.said.startswith(words)


def test_a_crash_loop_is_no_success_though_it_is_active_again_and_again(root: Path) -> None:
    starlingx.service(root, "vim")
    told = restart(root, "crashes")
    assert not told.done
    assert told.said.startswith("is started again and again: 4 times so far")


def test_one_that_did_not_stay_up_in_time_is_no_success(root: Path) -> None:
    starlingx.service(root, "vim")
    told = restart(root, "crashes", timeout_s=0.7)
    assert not told.done


def test_what_the_tool_denies_is_not_done(root: Path) -> None:
    starlingx.service(root, "vim")
    told = restart(root, "query-lies")
    assert not told.done
    assert told.said == "is up, but sm-query says: vim is enabled-active-failed"
