"""Whether the service manager answers, and what is done about threads that stall."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from insvc.agent.alarms import alarms_of
from insvc.cloud import role_sm_watchdog
from insvc.cloud.role_sm_watchdog import SETTINGS, Settings, Threads, Watch, read_settings
from insvc.standin.web import Request
from insvc.supervise.stalls import ThreadKey, ThreadLook
from tests.fakes.sm_socket import FakeSm

KEY = ThreadKey(10, 11, 500)
LOOK = ThreadLook(key=KEY, program="nfsd", state="D")


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[ThreadLook]:
    """The threads that there are."""
    found: list[ThreadLook] = []
    monkeypatch.setattr(role_sm_watchdog, "look_at_threads", lambda *_: tuple(found))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A host's folder."""
    write_host(tmp_path)
    (tmp_path / "run").mkdir()
    return tmp_path


def write_host(folder: Path, *reboot: str) -> None:
    """Say what the host is."""
    host = {
        "host": "h",
        "personality": "controller",
        "address": "127.0.0.1",
        "oam_address": "127.0.0.1",
        "python": sys.executable,
        "reboot_command": reboot,
    }
    (folder / "host.json").write_text(json.dumps(host))


@pytest.fixture
def make(folder: Path) -> Iterator[Callable[[], Threads]]:
    """Makes what follows threads; all of them are closed at the end."""
    made: list[Threads] = []

    def one() -> Threads:
        made.append(Threads(folder, Settings()))
        return made[-1]

    yield one
    for each in made:
        each.close()


def standing(folder: Path) -> list[str]:
    """What the alarms that stand say."""
    return [one.alarm.text for one in alarms_of(folder).standing]


def status(watch: Watch) -> dict[str, object]:
    """What it answers at `/status`."""
    reply = watch.answer(Request("GET", "/status", {}, b""))
    assert reply is not None
    answer: dict[str, object] = json.loads(reply.body)
    return answer


def test_silence_and_return_are_seen_counted_and_said(
    folder: Path, looks: list[ThreadLook], capfd: pytest.CaptureFixture[str]
) -> None:
    watch = Watch(folder, Settings(look_s=0.0))
    assert status(watch)["sm_answers"] is False
    with FakeSm(folder / "run"):
        watch.beat()
        seen = status(watch)
        assert (seen["sm_answers"], seen["looks"], seen["missed"]) == (True, 1, 0)
    watch.beat()
    watch.beat()
    seen = status(watch)
    assert (seen["sm_answers"], seen["missed"], seen["missed_in_a_row"]) == (False, 2, 2)
    assert "cannot connect" in str(seen["last_fault"])
    with FakeSm(folder / "run"):
        watch.beat()
    seen = status(watch)
    assert (seen["sm_answers"], seen["missed"], seen["missed_in_a_row"]) == (True, 2, 0)
    assert seen["stalled_threads"] == looks
    said = capfd.readouterr().out
    assert said.count("nothing is restarted, pmon owns sm") == 1
    assert "sm answers again after 2 missed" in said
    assert watch.answer(Request("GET", "/v1", {}, b"")) is None
    watch.close()


def test_threads_are_looked_at_in_their_own_time(folder: Path, looks: list[ThreadLook]) -> None:
    looks.append(LOOK)
    watch = Watch(folder, Settings(look_s=3600.0, stalled_s=0.0))
    watch.beat()
    watch.beat()
    assert status(watch)["stalled_threads"] == []
    watch.close()


def test_a_stall_is_told_written_down_once_and_cleared(
    folder: Path,
    looks: list[ThreadLook],
    make: Callable[[], Threads],
    capfd: pytest.CaptureFixture[str],
) -> None:
    threads = make()
    looks.append(LOOK)
    for now in (0.0, 60.0):
        threads.look(now)
        assert standing(folder) == []
    for now in (61.0, 130.0):
        threads.look(now)
        assert standing(folder) == [
            "threads of nfsd stall in the kernel: 11; the host is not rebooted for it"
        ]
    assert (folder / "log/sm-watchdog.debug").read_text().count("thread 11 stalls for 61 s") == 1
    assert capfd.readouterr().out.count("stalls for") == 1
    looks.clear()
    threads.look(140.0)
    assert standing(folder) == []
    assert [one.what for one in alarms_of(folder).changes] == ["raised", "cleared"]


def test_an_alarm_of_the_life_before_is_reconciled(
    folder: Path, looks: list[ThreadLook], make: Callable[[], Threads]
) -> None:
    threads = make()
    looks.append(LOOK)
    threads.look(0.0)
    threads.look(61.0)
    looks.clear()
    make().look(70.0)
    assert standing(folder) == []


def test_a_stall_that_lasts_from_one_life_to_the_next_stays_told(
    folder: Path, looks: list[ThreadLook], make: Callable[[], Threads]
) -> None:
    threads = make()
    looks.append(LOOK)
    threads.look(0.0)
    threads.look(61.0)
    make().look(62.0)
    assert len(standing(folder)) == 1
    assert [one.what for one in alarms_of(folder).changes] == ["raised"]


def test_the_operator_s_command_is_run_once_in_a_boot(
    folder: Path,
    looks: list[ThreadLook],
    make: Callable[[], Threads],
    capfd: pytest.CaptureFixture[str],
) -> None:
    ran = folder / "ran"
    write_host(folder, "/bin/sh", "-c", f"echo again >> {ran}")
    looks.append(LOOK)
    threads = make()
    for now in (0.0, 61.0, 120.0):
        threads.look(now)
    assert "the host is rebooted if it lasts" in standing(folder)[0]
    assert not (folder / "run/rebooted.json").exists()
    threads.look(121.0)
    threads.look(122.0)
    later = make()
    for now in (200.0, 400.0):
        later.look(now)
    until = time.monotonic() + 30
    while threads.hear_of_reboot():
        assert time.monotonic() < until
    assert "ended with 0" in capfd.readouterr().out
    assert ran.read_text() == "again\n"


def test_a_command_that_cannot_be_run_is_said_and_costs_nothing_else(
    folder: Path,
    looks: list[ThreadLook],
    make: Callable[[], Threads],
    capfd: pytest.CaptureFixture[str],
) -> None:
    write_host(folder, "/nowhere/reboot")
    (folder / "run/rebooted.json").write_text('{"boot": "another"}')
    looks.append(LOOK)
    threads = make()
    for now in (0.0, 61.0, 121.0):
        threads.look(now)
    assert "the host is not rebooted: /nowhere/reboot: cannot be run" in capfd.readouterr().out
    assert standing(folder) != []


def test_a_log_that_has_grown_large_is_put_aside(
    folder: Path,
    looks: list[ThreadLook],
    make: Callable[[], Threads],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(role_sm_watchdog, "LARGEST_BYTES", 10)
    threads = make()
    for pid in (10, 20):
        looks[:] = [ThreadLook(key=ThreadKey(pid, pid, 1), program="nfsd", state="D")]
        threads.look(100.0 * pid)
        threads.look(100.0 * pid + 61)
    assert "thread 10 " in (folder / "log/sm-watchdog.debug.1").read_text()
    assert "thread 20 " in (folder / "log/sm-watchdog.debug").read_text()


def test_the_managers_of_the_host_are_looked_at_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Threads]
) -> None:
    asked: list[tuple[object, object]] = []

    def look(programs: object, pids: object) -> tuple[ThreadLook, ...]:
        asked.append((programs, pids))
        return ()

    monkeypatch.setattr(role_sm_watchdog, "look_at_threads", look)
    (folder / "run/agent.pid").write_text("41\n")
    (folder / "root/run").mkdir(parents=True)
    (folder / "root/run/sm.pid").write_text("nonsense\n")
    make().look(0.0)
    assert asked == [(("nfsd",), {41})]


def test_settings_are_read_and_faulty_ones_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert read_settings(tmp_path) == Settings()
    path = tmp_path / SETTINGS
    path.parent.mkdir(parents=True)
    path.write_text('{"programs": ["nfsd", "lockd"], "stalled_s": 5.0}')
    assert read_settings(tmp_path) == Settings(programs=("nfsd", "lockd"), stalled_s=5.0)
    for text in ('{"program": 5}', "{"):
        path.write_text(text)
        assert read_settings(tmp_path) == Settings()
        assert "going on without it" in capfd.readouterr().out
