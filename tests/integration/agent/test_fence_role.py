"""The end of what the active role runs and holds, when the service manager of it hangs."""

import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from insvc.adapters.launcher import Launcher
from insvc.agent.fence import end_active_services
from insvc.agent.fence_role import end_active_role, stop_active_scripts
from insvc.errors import WorldError
from insvc.model.words import Role
from tests.fakes.host_folder import HostFolder, until
from tests.fakes.pair_of_hosts import Controller, PairOfHosts
from tests.fakes.service_scripts import QUICK, define_agent, define_script, rule

pytestmark = pytest.mark.integration
SLOW_STOP = """#!/bin/sh
[ "$1" = stop ] || exit 3
echo "stop $INSVC_SERVICE" >> "$INSVC_RUN/told"
until [ -e "$INSVC_RUN/go" ]; do sleep 0.01; done
echo "down $INSVC_SERVICE" >> "$INSVC_RUN/told"
"""
ACTIVE = {"manager": "sm", "runs_when": "active"}


def launcher(folder: HostFolder) -> Launcher:
    return Launcher(folder.path, folder.host)


def state(folder: HostFolder, name: str) -> bool:
    """Whether the service is up, by what its agent has left behind."""
    return (folder.path / f"run/state-{name}").exists()


def test_who_needs_another_is_stopped_before_it(folder: HostFolder) -> None:
    # By its definition, and by what sm knows of such names.
    define_agent(folder, "mount", depends_on=["disk"], **ACTIVE)
    define_agent(folder, "disk", **ACTIVE)
    define_agent(folder, "management-ip", **ACTIVE)
    define_agent(folder, "oam-ip", **ACTIVE)
    assert stop_active_scripts(launcher(folder)) == 4
    told = [one.removeprefix("stop ") for one in folder.told()]
    assert told.index("mount") < told.index("disk")
    assert told.index("oam-ip") < told.index("management-ip")


def test_only_the_active_role_s_services_without_a_process_are(folder: HostFolder) -> None:
    define_agent(folder, "here", manager="sm")
    define_script(folder, "daemon", **ACTIVE)
    folder.define("plain", **ACTIVE)
    assert stop_active_scripts(launcher(folder)) == 0
    assert folder.told() == []


def test_a_stop_is_tried_as_its_rule_says_and_then_it_may_still_serve(folder: HostFolder) -> None:
    (folder.path / "run/fail-stop").touch()
    script = {"style": "ocf", "name": "heartbeat:Here", "has_process": False, **QUICK}
    script |= {"parameters": {"state": "s"}, "stop": rule(retries=2)}
    define_agent(folder, "x")
    folder.define("x", command=[], pidfile="", script=script, **ACTIVE)
    with pytest.raises(WorldError, match="x: may still serve on h: its stop script ended with"):
        stop_active_scripts(launcher(folder))
    assert folder.told() == ["stop x"] * 3


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_what_no_script_ends_is_ended_with_the_host_where_that_says_how(
    folder: HostFolder, capfd: pytest.CaptureFixture[str]
) -> None:
    told = folder.path / "told-by-reboot"
    host = json.loads((folder.path / "host.json").read_text())
    host["reboot_command"] = [sys.executable, "-c", f"open({str(told)!r}, 'a').write('r')"]
    (folder.path / "host.json").write_text(json.dumps(host))
    define_agent(folder, "x", **ACTIVE)
    assert end_active_role(launcher(folder)) == 0
    (folder.path / "run/fail-stop").touch()
    for _ in range(2):
        with pytest.raises(WorldError, match="x: may still serve on h"):
            end_active_role(launcher(folder))
    until(lambda: told.exists() and told.read_text())
    assert "the host is rebooted: x: may still serve on h" in capfd.readouterr().err
    assert told.read_text() == "r"


def test_who_asks_again_meanwhile_does_not_kill_the_scripts_at_work(folder: HostFolder) -> None:
    define_agent(folder, "x", text=SLOW_STOP, **ACTIVE)
    with ThreadPoolExecutor() as beside:
        first = beside.submit(end_active_role, launcher(folder))
        until(lambda: folder.told() == ["stop x"])
        again = beside.submit(end_active_role, launcher(folder))
        time.sleep(0.5)  # long enough for a kill by the second, were it not held
        (folder.path / "run/go").touch()
        assert (first.result(), again.result()) == (0, 0)
    assert folder.told() == ["stop x", "down x", "stop x", "down x"]


def test_who_wakes_meanwhile_does_not_kill_the_scripts_at_work(folder: HostFolder) -> None:
    define_agent(folder, "x", text=SLOW_STOP, **ACTIVE)
    with ThreadPoolExecutor() as beside:
        fence = beside.submit(end_active_role, launcher(folder))
        until(lambda: folder.told() == ["stop x"])
        assert end_active_services(folder.root, spares_stops=True) == 0
        (folder.path / "run/go").touch()
        assert fence.result() == 0
    assert folder.told() == ["stop x", "down x"]


def standing(controller: Controller) -> str:
    """Its alarms that are not cleared."""
    return str(controller.ask("alarms")["standing"])


def with_address(controller: Controller) -> None:
    define_agent(controller.folder, "address", **ACTIVE)


def test_a_hung_service_manager_s_address_is_down_before_the_other_takes_over(
    pair: PairOfHosts,
) -> None:
    with_address(pair.c0)
    with_address(pair.c1)
    pair.start()
    until(lambda: pair.c0.serves("address"))
    (pair.c0.folder.path / "run/fail-stop").touch()
    pid = pair.c0.pid("sm")
    os.kill(pid, signal.SIGSTOP)
    until(lambda: "address: may still serve on c0" in standing(pair.c1), 60.0)
    assert state(pair.c0.folder, "address")
    assert not state(pair.c1.folder, "address")
    (pair.c0.folder.path / "run/fail-stop").unlink()
    until(lambda: pair.c1.serves("address") and pair.c1.serves())
    assert not state(pair.c0.folder, "address")
    until(lambda: "may still serve" not in standing(pair.c1))
    os.kill(pid, signal.SIGCONT)
    until(lambda: pair.c0.role() is Role.STANDBY)
    assert pair.hosts_served() == ["c0", "c1"]
