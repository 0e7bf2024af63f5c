"""pmon at work by process files: real scripts, real daemons, files that come, change and go."""

import json
import os
import signal
import sys
import time

import pytest

from insvc.adapters.patch_flag import FLAG
from insvc.adapters.pidfd import boot_id
from insvc.adapters.reboot import REBOOTED
from insvc.agent.alarms import alarms_of
from insvc.agent.restarting import restart
from insvc.agent.supervisor import Supervisor
from insvc.agent.wishes import start, stop
from insvc.errors import InputError
from insvc.model.restart import Order
from insvc.model.words import InstanceState
from tests.fakes import pmon_host
from tests.fakes.agent_process import running
from tests.fakes.host_folder import HostFolder, row, supervising, until, wait_for_state

pytestmark = pytest.mark.integration
RUNNING, FAILED, STOPPED = InstanceState.RUNNING, InstanceState.FAILED, InstanceState.STOPPED
UNKNOWN = InstanceState.UNKNOWN
PORT = 19_201


def alarm_texts(folder: HostFolder) -> list[str]:
    """What stands."""
    return [one.alarm.text for one in alarms_of(folder.path).standing]


def names(pmon: Supervisor) -> set[str]:
    """Of all rows."""
    return {one.name for one in pmon.rows()}


def test_a_process_file_is_enough_to_keep_its_process_alive(folder: HostFolder) -> None:
    pmon_host.passive(folder, "fm-api")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "fm-api", RUNNING)
        assert first.pid == int((folder.root / "var/run/fm-api.pid").read_text())
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: row(pmon, "fm-api").restarts == 1)
        again = wait_for_state(pmon, "fm-api", RUNNING)
        assert again.pid != first.pid
        assert alarm_texts(folder) == []
    with supervising(folder) as pmon:
        assert row(pmon, "fm-api").pid == again.pid
        assert pmon_host.counted(folder, "start fm-api") == 2


def test_an_operator_restarts_stops_and_starts_it(folder: HostFolder) -> None:
    pmon_host.passive(folder, "x")
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        assert restart(pmon, Order(service="x")).done
        assert row(pmon, "x").pid != before.pid
        assert pmon.engine.units["x"].failures == 0
        assert stop(pmon, "x", 20.0).done
        assert row(pmon, "x").pid is None
        assert start(pmon, "x", 20.0).done


def test_what_cannot_start_is_tried_again_and_told_after_its_restarts(folder: HostFolder) -> None:
    pmon_host.flag(folder, "broken-x")
    pmon_host.passive(folder, "x", restarts=1)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", FAILED)
        until(lambda: alarm_texts(folder))
        (text,) = alarm_texts(folder)
        assert text.startswith("x failed 1 times in a row or more; it is tried again")
        assert stop(pmon, "x", 20.0).done
        until(lambda: not alarm_texts(folder))
        assert not start(pmon, "x", 20.0).done
        until(lambda: alarm_texts(folder))
        (folder.path / "run/broken-x").unlink()
        wait_for_state(pmon, "x", RUNNING)
        until(lambda: not alarm_texts(folder))


def test_without_restarts_the_first_failure_is_told_and_nothing_is_started_again(
    folder: HostFolder,
) -> None:
    pmon_host.passive(folder, "x", restarts=0)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        wait_for_state(pmon, "x", FAILED)
        until(lambda: alarm_texts(folder))
        assert "it is not tried again" in alarm_texts(folder)[0]
        assert pmon_host.counted(folder, "start x") == 1
        assert restart(pmon, Order(service="x")).done


def test_a_faulty_file_is_a_row_and_an_alarm_of_its_own(folder: HostFolder) -> None:
    pmon_host.passive(folder, "good")
    pmon_host.passive(folder, "bad", severity="grave", interval=None)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "good", RUNNING)
        (shown,) = [one for one in pmon.rows() if one.name == "bad"]
        assert shown.state is UNKNOWN
        until(lambda: alarm_texts(folder))
        (text,) = alarm_texts(folder)
        assert "lacks interval" in text
        assert "line 3: found 'grave' as severity" in text
        assert "etc/pmon.d/bad.conf: misconfigured" in pmon.faults[0]
        with pytest.raises(InputError, match="is misconfigured: lacks interval"):
            restart(pmon, Order(service="bad"))
        pmon_host.passive(folder, "bad")
        until(lambda: "bad" in pmon.engine.units)
        wait_for_state(pmon, "bad", RUNNING)
        until(lambda: not alarm_texts(folder))
        assert names(pmon) == {"good", "bad"}


def test_a_running_process_is_looked_after_by_its_former_file_when_that_becomes_faulty(
    folder: HostFolder,
) -> None:
    pmon_host.passive(folder, "x")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        path = pmon_host.passive(folder, "x", severity="grave")
        until(lambda: alarm_texts(folder))
        assert "looked after by its former definition" in alarm_texts(folder)[0]
        assert row(pmon, "x") == first
    with supervising(folder) as pmon:
        assert names(pmon) == {"x"}
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: row(pmon, "x").restarts == 1)
        wait_for_state(pmon, "x", RUNNING)
        path.write_text("[pro")
        until(lambda: "found '[pro'" in "".join(alarm_texts(folder)))


def test_files_that_come_and_change_are_learnt_and_what_runs_is_left_alone(
    folder: HostFolder,
) -> None:
    pmon_host.passive(folder, "x")
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        pmon_host.passive(folder, "x", debounce=7)
        pmon_host.passive(folder, "y")
        until(lambda: "y" in pmon.engine.units)
        wait_for_state(pmon, "y", RUNNING)
        assert row(pmon, "x") == before
        assert pmon.engine.units["x"].definition.debounce_s == 7.0


def test_a_process_whose_file_is_removed_is_left_and_looked_after_no_more(
    folder: HostFolder, capfd: pytest.CaptureFixture[str]
) -> None:
    path = pmon_host.passive(folder, "x")
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        path.unlink()
        until(lambda: names(pmon) == set())
        assert before.pid is not None
        os.kill(before.pid, 0)
        assert "x is not looked after any more" in capfd.readouterr().err
        os.kill(before.pid, signal.SIGKILL)
    with supervising(folder) as pmon:
        assert names(pmon) == set()
        assert pmon_host.counted(folder, "start x") == 1


def test_amid_a_patch_nothing_is_learnt(folder: HostFolder) -> None:
    pmon_host.passive(folder, "x")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        mark = pmon_host.mark(folder, FLAG)
        mark.write_text(str(os.getpid()))
        pmon_host.passive(folder, "y")
        time.sleep(2.5)
        assert names(pmon) == {"x"}
        mark.unlink()
        until(lambda: "y" in names(pmon))


def test_before_its_host_is_configured_and_enabled_nothing_is_started_or_judged(
    folder: HostFolder,
) -> None:
    pmon_host.write(folder.root / "etc/mtc/pmond.conf", "[timeouts]\nstart_delay = 1\n")
    folder.define("packaged")
    pmon_host.passive(folder, "x")
    pmon_host.passive(folder, "part", subfunction="compute")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "packaged", RUNNING)
        assert (row(pmon, "x").state, row(pmon, "x").desired) == (STOPPED, STOPPED)
        assert pmon.set_locked(locked=True, timeout_s=20.0) == ()
        assert pmon.set_locked(locked=False, timeout_s=20.0) == ()
        said = restart(pmon, Order(service="x")).said
        assert said == "not running: it waits for etc/platform/.initial_config_complete"
        pmon_host.mark(folder, "etc/platform/.initial_config_complete")
        pmon_host.mark(folder, "var/run/.goenabled")
        first = wait_for_state(pmon, "x", RUNNING)
        assert row(pmon, "part").state is STOPPED
        pmon_host.mark(folder, "var/run/.worker_config_complete")
        wait_for_state(pmon, "part", RUNNING)
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: row(pmon, "x").restarts == 1)


def test_while_the_host_ends_nothing_is_revived(folder: HostFolder) -> None:
    pmon_host.passive(folder, "x")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        ending = pmon_host.mark(folder, "run/nologin")
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: row(pmon, "x").state is STOPPED)
        assert pmon_host.counted(folder, "start x") == 1
        assert pmon.engine.units["x"].failures == 0
        ending.unlink()
        wait_for_state(pmon, "x", RUNNING)


def test_a_process_that_answers_datagrams_is_left_alone(folder: HostFolder) -> None:
    pmon_host.active(folder, "mtcClient", PORT)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "mtcClient", RUNNING)
        asked = folder.path / "run/asked"
        until(lambda: asked.exists() and len(asked.read_text().splitlines()) > 3)
        assert asked.read_text().splitlines()[0] == "mtcClient 12345678"
        assert row(pmon, "mtcClient") == first
        assert pmon.engine.units["mtcClient"].misses == 0


@pytest.mark.parametrize("way", ["mute", "wrong-name", "wrong-magic", "wrong-number"])
def test_a_process_that_answers_no_more_or_wrongly_hangs_and_is_started_again(
    folder: HostFolder, way: str
) -> None:
    pmon_host.active(folder, "x", PORT + 1, restarts=1)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        asked = folder.path / "run/asked"
        until(lambda: asked.exists() and len(asked.read_text().splitlines()) > 1)
        hung = pmon_host.flag(folder, way)
        until(lambda: row(pmon, "x").restarts == 1)
        hung.unlink()
        until(lambda: row(pmon, "x").pid not in {None, first.pid})
        until(lambda: alarm_texts(folder))
        until(lambda: not alarm_texts(folder))
        assert pmon.engine.units["x"].failures == 0


def test_a_process_that_has_never_answered_is_given_time(folder: HostFolder) -> None:
    pmon_host.flag(folder, "mute")
    pmon_host.active(folder, "x", PORT + 2)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        asked = folder.path / "run/asked"
        until(lambda: asked.exists() and len(asked.read_text().splitlines()) > 4)
        assert row(pmon, "x") == first


def test_what_announces_its_init_is_not_asked_before_its_host_is_enabled(
    folder: HostFolder,
) -> None:
    pmon_host.active(folder, "x", PORT + 3, full_init_reqd=1)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        asked = folder.path / "run/asked"
        time.sleep(2.5)
        assert not asked.exists()
        pmon_host.mark(folder, "var/run/goenabled")
        until(asked.exists)


def test_a_script_judges_and_starts_what_is_down(folder: HostFolder) -> None:
    pmon_host.flag(folder, "down")
    pmon_host.status(folder, "ceph", restarts=2)
    with supervising(folder) as pmon:
        until(lambda: any("osd.3 is down" in one for one in alarm_texts(folder)))
        assert row(pmon, "ceph").state is FAILED
        assert pmon_host.counted(folder, "mend ceph") >= 2
        pmon_host.flag(folder, "mendable")
        wait_for_state(pmon, "ceph", RUNNING)
        until(lambda: not alarm_texts(folder))


@pytest.mark.parametrize("way", ["hang", "unset"])
def test_a_check_without_a_verdict_starts_nothing_and_is_told(folder: HostFolder, way: str) -> None:
    pmon_host.status(folder, "ceph", restarts=2)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "ceph", RUNNING)
        lost = pmon_host.flag(folder, way)
        wait_for_state(pmon, "ceph", UNKNOWN)
        until(lambda: any("nobody knows whether ceph works" in one for one in alarm_texts(folder)))
        assert pmon_host.counted(folder, "mend ceph") == 0
        lost.unlink()
        wait_for_state(pmon, "ceph", RUNNING)
        until(lambda: not alarm_texts(folder))


def test_what_only_its_script_judges_is_refused_by_name(folder: HostFolder) -> None:
    pmon_host.status(folder, "ceph")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "ceph", RUNNING)
        for act in (stop, start):
            with pytest.raises(InputError, match="is in status mode"):
                act(pmon, "ceph", 5.0)
        with pytest.raises(InputError, match="is in status mode"):
            restart(pmon, Order(service="ceph"))
        assert row(pmon, "ceph").state is RUNNING


def test_a_service_that_becomes_one_of_another_mode_is_known_anew(folder: HostFolder) -> None:
    pmon_host.passive(folder, "x")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        pmon_host.status(folder, "x")
        until(lambda: pmon.engine.units["x"].definition.status_check is not None)
        wait_for_state(pmon, "x", RUNNING)
        assert row(pmon, "x").pid is None
        assert first.pid is not None
        os.kill(first.pid, 0)


UPTIME_S = 1_000_000.0


def boot(folder: HostFolder) -> None:
    """Another boot: nothing runs any more, and the clock that counts since boot begins anew."""
    folder.clean()
    path, lines = folder.path / "run/pmon.json", []
    for told in map(json.loads, path.read_text().splitlines()):
        if "unit" in told:
            told["unit"]["due"] = [[event, at + UPTIME_S] for event, at in told["unit"]["due"]]
        lines.append(json.dumps(told).replace(boot_id(), "another-boot") + "\n")
    path.write_text("".join(lines))
    mark = folder.path / REBOOTED
    if mark.exists():
        mark.write_text(mark.read_text().replace(boot_id(), "another-boot"))


def test_after_a_boot_everything_is_started_and_looked_at_and_nothing_has_failed(
    folder: HostFolder,
) -> None:
    pmon_host.flag(folder, "broken-failed")
    pmon_host.passive(folder, "failed", restarts=1)
    pmon_host.passive(folder, "single", restarts=0)
    pmon_host.status(folder, "ceph")
    with supervising(folder) as pmon:
        for name, state in (("failed", FAILED), ("single", RUNNING), ("ceph", RUNNING)):
            wait_for_state(pmon, name, state)
    boot(folder)
    (folder.path / "run/broken-failed").unlink()
    looks = pmon_host.counted(folder, "look ceph")
    with supervising(folder) as pmon:
        until(lambda: pmon_host.counted(folder, "look ceph") > looks, 10.0)
        until(lambda: row(pmon, "failed").state is row(pmon, "single").state is RUNNING, 10.0)
        assert pmon.engine.units["single"].failures == 0
    with supervising(folder) as pmon:
        assert row(pmon, "failed").state is RUNNING


def test_a_host_is_not_rebooted_for_what_failed_before_its_boot(folder: HostFolder) -> None:
    told = folder.path / "run/rebooted-by-command"
    host = json.loads((folder.path / "host.json").read_text())
    host["reboot_command"] = [sys.executable, "-c", f"open({str(told)!r}, 'a').write('r')"]
    (folder.path / "host.json").write_text(json.dumps(host))
    broken = pmon_host.flag(folder, "broken-x")
    pmon_host.passive(folder, "x", restarts=1, quorum=1)
    with running(folder):
        until(lambda: told.exists() and told.read_text() == "r")
    boot(folder)
    broken.unlink()
    with running(folder) as agent:
        until(lambda: agent.rows()["x"][0] == "running", 10.0)
        assert told.read_text() == "r"


def test_bytes_of_another_alphabet_end_no_agent(folder: HostFolder) -> None:
    pmon_host.flag(folder, "down")
    pmon_host.status(folder, "ceph", restarts=1)
    script = folder.root / "etc/init.d/ceph"
    script.write_text(script.read_text().replace('echo "osd.3 is', 'printf "osd.3 \\\\344'))
    bad = pmon_host.passive(folder, "bad", severity="grave")
    bad.rename(bad.with_name(os.fsdecode(b"b\xe4d.conf")))
    with supervising(folder) as pmon:
        until(lambda: any("left: osd.3 \ufffd down" in one for one in alarm_texts(folder)), 10.0)
        assert any("bad is misconfigured" in one for one in alarm_texts(folder))
        pmon.loop.call(lambda: None)


def test_what_is_started_by_name_is_tried_though_it_has_failed(folder: HostFolder) -> None:
    pmon_host.passive(folder, "x", restarts=0)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        wait_for_state(pmon, "x", FAILED)
        assert start(pmon, "x", 20.0).done
        assert row(pmon, "x").state is RUNNING
