"""`insvc.adapters.init_script_act`: a restart seen through, and scripts that say what is not so."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.bounded import run_bounded
from insvc.adapters.init_scripts import InitScripts
from insvc.adapters.pidfd import read_identity
from insvc.model.act import DrainRule
from insvc.model.restart import Order, Restarted
from tests.fakes.init_scripts import end_all, pid_of, script


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    end_all(tmp_path)


def restart(
    root: Path, *, timeout_s: float = 20.0, drain: DrainRule | None = None, **actions: str
) -> Restarted:
    """Start the service `first`, restart it with such a script, and tell what was answered."""
    script(root, "first")
    assert run_bounded([str(root / "etc/init.d/first"), "start"], 20.0).status == 0
    script(root, "first", **actions)
    return InitScripts(root).restart(Order(service="first", timeout_s=timeout_s, drain=drain))


def test_a_restart_ends_when_another_process_runs_in_place_of_the_old(root: Path) -> None:
    began = time.time()
    told = restart(root)
    assert told.done, told.said
    assert told.said == f"its script ended with 0, and pid {pid_of(root, 'first')} runs"
    times = told.times
    assert began < times["stopped"] <= times["started"] <= times["ready"] <= time.time()


def test_a_script_that_did_nothing_and_says_0_is_found_out(root: Path) -> None:
    told = restart(root, restart="true", timeout_s=3.0)
    assert not told.done
    assert f"its old process is still there: pid {pid_of(root, 'first')}" in told.said


def test_a_script_that_only_stops_and_says_0_is_found_out(root: Path) -> None:
    told = restart(root, restart="stop", timeout_s=3.0)
    assert told == Restarted(
        done=False, said="its script ended with 0, and no process of it runs", times=told.times
    )
    assert "stopped" in told.times


def test_a_second_process_beside_the_old_one_is_no_restart(root: Path) -> None:
    told = restart(root, restart="start", timeout_s=3.0)
    assert not told.done
    assert "its old process is still there" in told.said


@pytest.mark.parametrize(
    ("restart_text", "words"),
    [
        ("echo no room; exit 1", "its script's `restart` ended with status 1 (no room): failed"),
        ("exit 5", "its script's `restart` ended with status 5: lacks a program that it needs"),
        ("sleep 100", "its script's `restart` did not end in time: did not end in time"),
    ],
)
def test_a_script_that_fails_is_told_by_its_own_words(
    root: Path, restart_text: str, words: str
) -> None:
    told = restart(root, restart=restart_text, timeout_s=3.0)
    assert told == Restarted(done=False, said=words, times=told.times)


def test_what_its_own_status_denies_is_not_done(root: Path) -> None:
    told = restart(root, status="exit 3", timeout_s=3.0)
    assert not told.done
    assert told.said == "is up, but its script's `status` ended with status 3: not running"


def test_a_daemon_that_writes_its_pid_file_late_is_waited_for(root: Path) -> None:
    late = (
        'stop; echo 1 > "$ROOT$PIDFILE"; setsid "$ROOT$DAEMON" 1000 > /dev/null 2>&1 < /dev/null &'
    )
    late += '(sleep 0.5; echo $! > "$ROOT$PIDFILE") > /dev/null 2>&1 &'
    dead = '[ "$(cat "$ROOT$PIDFILE")" != 1 ] || exit 1'
    told = restart(root, restart=late, status=dead)
    assert told.done, told.said
    assert told.times["ready"] > told.times["started"] + 0.3


def test_a_script_without_restart_is_asked_to_stop_and_to_start(root: Path) -> None:
    script(root, "first")
    path = root / "etc/init.d/first"
    assert run_bounded([str(path), "start"], 20.0).status == 0
    text = path.read_text().replace("restart)", "again)").replace("status)", "other)")
    path.write_text(text)
    old = pid_of(root, "first")
    told = InitScripts(root).restart(Order(service="first"))
    assert told.done, told.said
    assert pid_of(root, "first") != old
    path.write_text(text.replace("  stop) stop", "  stop) stop; exit 7"))
    assert InitScripts(root).restart(Order(service="first")).done


def test_a_daemon_that_takes_its_time_to_end_is_waited_for(root: Path) -> None:
    told = restart(
        root,
        restart='old=$(cat "$ROOT$PIDFILE"); (setsid sh -c "sleep 0.3; kill $old" &) ; start',
    )
    assert told.done, told.said
    assert told.times["stopped"] <= told.times["started"]


def test_what_does_not_drain_is_left_running_or_restarted_as_ordered(root: Path) -> None:
    deaf = DrainRule(signal="WINCH", timeout_s=0.2, on_timeout="leave")
    told = restart(root, drain=deaf)
    assert not told.done
    assert told.drained is False
    assert told.said == "had not finished within 0.2 s and is left running"
    pid = pid_of(root, "first")
    assert read_identity(pid) is not None
    killed = DrainRule(signal="WINCH", timeout_s=0.2)
    told = InitScripts(root).restart(Order(service="first", drain=killed))
    assert told.done, told.said
    assert told.drained is False
    assert pid_of(root, "first") != pid


def test_a_service_that_ends_on_its_own_meanwhile_is_drained(root: Path) -> None:
    script(root, "first")
    assert run_bounded([str(root / "etc/init.d/first"), "start"], 20.0).status == 0
    os.kill(pid_of(root, "first"), 0)
    drain = DrainRule(signal="TERM", timeout_s=10.0)
    told = InitScripts(root).restart(Order(service="first", drain=drain))
    assert told.done, told.said
    assert told.drained is True
