"""The service manager daemon, in a thread and as the process that pmon starts."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from insvc.adapters.provisioning import PLACE, SqliteProvisioning
from insvc.adapters.sm_client import SmClient
from insvc.agent import sm_daemon
from insvc.agent.readiness import is_serving
from insvc.agent.sm_daemon import SmDaemon
from insvc.agent.strays import of_host
from insvc.errors import InputError, UnknownName
from insvc.model.act import DrainRule
from insvc.model.sm_table import SmTable
from insvc.model.words import InstanceState, Role
from insvc.supervise.provisioning import Change, Kind
from tests.fakes.host_folder import PORT, HostFolder, row, supervising, until, wait_for_state
from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration
RUNNING = InstanceState.RUNNING


@contextmanager
def daemon(folder: HostFolder) -> Iterator[SmClient]:
    made = SmDaemon(folder.path)
    thread = begin(made.run)
    try:
        yield SmClient(folder.path)
    finally:
        made.end()
        end(thread)


def states(client: SmClient) -> dict[str, InstanceState]:
    return {one.name: one.state for one in client.services().services}


def test_its_services_are_told_and_end_with_it(folder: HostFolder) -> None:
    folder.define("x", "serves", manager="sm", port=PORT)
    folder.define("broken", manager="sm", command=[])
    with daemon(folder) as client:
        until(lambda: states(client) == {"x": RUNNING})
        status = client.services()
        assert (status.role, status.locked) == (Role.ACTIVE, False)
        assert status.faults[0].startswith("broken.json: broken: found both or neither")
        assert len(status.faults) == 1
    assert folder.told() == ["up x", "down x"]
    assert not (folder.path / "run/sm.sock").exists()


def test_it_restarts_a_service_by_name(folder: HostFolder) -> None:
    folder.define("x", "finishes", manager="sm")
    with daemon(folder) as client:
        until(lambda: states(client) == {"x": RUNNING})
        account = client.restart(
            "x",
            with_dependants=False,
            drain=DrainRule(signal="USR1"),
            clears_sessions=False,
            timeout_s=20.0,
        )
        assert (account["done"], account["said"]) == (True, "enabled-active again")
        assert account["drained"] is True
        with pytest.raises(UnknownName) as refusal:
            client.restart(
                "y", with_dependants=False, drain=None, clears_sessions=False, timeout_s=1.0
            )
        assert refusal.value.next_act == "use one of: x"
        folder.define("x", "finishes", manager="sm", drain={"signal": "USR1"})
        assert client.read_again() == ()


def test_it_changes_its_role_and_its_lock(folder: HostFolder) -> None:
    folder.define("x", manager="sm", runs_when="active")
    with daemon(folder) as client:
        until(lambda: states(client) == {"x": RUNNING})
        assert client.take_role(Role.STANDBY, 20.0) == ()
        assert states(client) == {"x": InstanceState.STOPPED}
        assert client.take_role(Role.ACTIVE, 20.0) == ()
        assert client.set_locked(locked=True, timeout_s=20.0) == ()
        assert (states(client), client.services().locked) == ({"x": InstanceState.STOPPED}, True)
        assert client.set_locked(locked=False, timeout_s=20.0) == ()
        assert states(client) == {"x": RUNNING}


def change(name: str, *, provisioned: bool, kind: Kind = "service") -> Change:
    return Change(kind=kind, name=name, provisioned=provisioned)


def test_what_is_taken_out_of_use_is_down_and_stays_so(folder: HostFolder) -> None:
    folder.define("vim", manager="sm")
    with daemon(folder) as client:
        until(lambda: states(client) == {"vim": RUNNING})
        told = client.provision(change("vim", provisioned=False), at_once=True)
        assert told == "is not in use from now on"
        until(lambda: states(client) == {"vim": InstanceState.STOPPED})
        assert client.table() == SmTable()
        order = {"with_dependants": False, "drain": None, "clears_sessions": False}
        account = client.restart("vim", timeout_s=5.0, **order)  # type: ignore[arg-type]
        assert "not in use here until `sm-provision`" in account["said"]
    with daemon(folder) as client:
        assert states(client) == {"vim": InstanceState.STOPPED}
        told = client.provision(change("vim", provisioned=True), at_once=False)
        assert told == "is in use from the next start of sm on; with --apply at once"
        assert states(client) == {"vim": InstanceState.STOPPED}
    with daemon(folder) as client:
        until(lambda: states(client) == {"vim": RUNNING})
        (group,) = client.table().groups
        assert (group.name, group.state) == ("vim-services", "active")


def test_a_change_that_cannot_be_is_refused_and_not_kept(folder: HostFolder) -> None:
    with daemon(folder) as client:
        with pytest.raises(UnknownName):
            client.provision(change("nobody", provisioned=True), at_once=True)
        twice = Change(
            kind="service-group-member", name="web-services", member="vim", provisioned=True
        )
        with pytest.raises(InputError, match="is a member of vim-services, web-services"):
            client.provision(twice, at_once=True)
    assert SqliteProvisioning(folder.root).changes() == ()


def test_a_damaged_file_of_changes_is_put_aside_and_told(folder: HostFolder) -> None:
    folder.define("vim", manager="sm")
    path = folder.root / PLACE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"this was a database" * 100)
    with daemon(folder) as client:
        until(lambda: states(client) == {"vim": RUNNING})
        (fault,) = client.table().faults
        assert "put aside as sm.db.damaged" in fault
        client.provision(change("panko-api", provisioned=False), at_once=False)
    with daemon(folder) as client:
        assert client.table().faults == ()


def test_services_that_wait_for_one_another_are_told(folder: HostFolder) -> None:
    folder.define("a", manager="sm", depends_on=["b"])
    folder.define("b", manager="sm", depends_on=["a"])
    with daemon(folder) as client:
        until(lambda: {one.state for one in client.table().services} == {"enabling-throttle"})
        assert client.table().faults == (
            "a needs b needs a: none of them can be the first, so they wait for ever",
        )


def test_a_manager_that_is_killed_forgives_nothing_in_its_next_life(folder: HostFolder) -> None:
    folder.define("sm", "sm", port=PORT)
    budget = {"failed_actions": 1, "failed_transitions": 2}
    folder.define("vim", "fails", manager="sm", interval_s=0.01, budget=budget)
    client = SmClient(folder.path)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "sm", RUNNING)
        until(lambda: client.table().services[0].condition == "fatal-failure")
        first = row(pmon, "sm").pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until(lambda: row(pmon, "sm").restarts == 1 and row(pmon, "sm").state is RUNNING)
        (vim,) = client.table().services
        assert (vim.state, vim.status, vim.condition) == ("disabled", "failed", "fatal-failure")
        assert folder.told().count("up vim") == 2
        assert pmon.end_all(30.0) == ()


def test_killed_it_comes_back_and_restarts_nothing(folder: HostFolder) -> None:
    folder.define("sm", "sm", port=PORT)
    folder.define("x", manager="sm")
    client = SmClient(folder.path)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "sm", RUNNING)
        until(lambda: states(client) == {"x": RUNNING})
        before = client.services().services
        first = row(pmon, "sm").pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until(lambda: row(pmon, "sm").restarts == 1 and row(pmon, "sm").state is RUNNING)
        assert client.services().services == before
        assert folder.told() == ["up x"]
        assert pmon.end_all(30.0) == ()


def test_terminated_it_disables_everything_in_reverse_order(folder: HostFolder) -> None:
    folder.define("sm", "sm", port=PORT, drain={"timeout_s": 30.0})
    folder.define("db", "serves", manager="sm", port=PORT + 1)
    folder.define("api", "serves", manager="sm", port=PORT + 2, depends_on=["db"])
    client = SmClient(folder.path)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "sm", RUNNING)
        assert is_serving(f"{folder.address}:{PORT}", "/healthz")
        until(lambda: states(client) == {"api": RUNNING, "db": RUNNING})
        assert pmon.end_all(30.0) == ()
    assert folder.told() == ["up db", "up api", "down api", "down db"]


def test_it_runs_where_its_environment_says(
    folder: HostFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INSVC_RUN", str(folder.path / "run"))
    monkeypatch.setenv("INSVC_PIDFILE", str(tmp_path / "pid"))
    monkeypatch.setenv("INSVC_ADDRESS", folder.address)
    monkeypatch.setenv("INSVC_PORT", "0")
    _run_until_terminated(folder)
    assert (tmp_path / "pid").read_text() == f"{os.getpid()}\n"
    monkeypatch.delenv("INSVC_PORT")
    monkeypatch.delenv("INSVC_PIDFILE")
    _run_until_terminated(folder)


def _run_until_terminated(folder: HostFolder, *told: str) -> None:
    client = SmClient(folder.path)

    def terminate() -> None:
        until(lambda: client.services() is not None and folder.told() == [*told])
        os.kill(os.getpid(), signal.SIGTERM)

    thread = begin(terminate)
    sm_daemon.main()
    end(thread)


def test_a_signal_ends_it_and_its_services(
    folder: HostFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.define("x", manager="sm")
    monkeypatch.setenv("INSVC_RUN", str(folder.path / "run"))
    before = signal.getsignal(signal.SIGTERM)
    _run_until_terminated(folder, "up x")
    assert not (folder.path / "run/sm.sock").exists()
    assert not list(of_host(folder.root))
    assert signal.getsignal(signal.SIGTERM) is before


def test_without_a_host_it_says_who_should_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INSVC_RUN", raising=False)
    with pytest.raises(InputError) as refusal:
        sm_daemon.main()
    assert refusal.value.next_act == "let pmon start the service manager"
