"""What Pacemaker tells of its resources, its units and itself."""

from collections.abc import Collection
from pathlib import Path

import pytest

from insvc.adapters.pacemaker import Pacemaker, find
from insvc.adapters.pacemaker_left import LeftBehind
from insvc.catalog.account import Account
from insvc.errors import UnknownName, WorldError
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Order
from insvc.model.words import Action, InstanceState, Manager
from tests.fakes.host_manager import FakeHostManager
from tests.fakes.pacemaker import THERE, FakeCluster, FakeResource
from tests.fakes.proc_tree import ProcTree

OWN = "/system.slice/pacemaker.service"


def unit(name: str, pid: int | None) -> ManagerRow:
    return ManagerRow(
        name=name,
        manager=Manager.SYSTEMD,
        state=InstanceState.RUNNING if pid else InstanceState.STOPPED,
        pid=pid,
        cgroup=f"/system.slice/{name}" if pid else None,
    )


def units(*more: ManagerRow, pid: int | None = 5) -> FakeHostManager:
    return FakeHostManager(unit("pacemaker.service", pid), unit("corosync.service", 4), *more)


def manager(
    root: Path, cluster: FakeCluster, systemd: FakeHostManager | None = None, *, alone: bool = False
) -> Pacemaker:
    if not (root / "proc").exists():
        ProcTree(root / "proc")
    folders = LeftBehind(root, root / "proc", root / "groups")
    return Pacemaker(
        root,
        units=None if alone else systemd or units(),
        tools=cluster,
        left=folders,
        pause=lambda _: None,
    )


def row(account: Account, name: str) -> ManagerRow:
    (found,) = (one for one in account.rows if one.name == name)
    return found


def test_a_host_without_its_tools_has_none(tmp_path: Path) -> None:
    assert find(tmp_path) is None
    for name in ("crm_mon", "cibadmin"):
        (tmp_path / "usr/sbin").mkdir(parents=True, exist_ok=True)
        (tmp_path / "usr/sbin" / name).touch()
    assert isinstance(find(tmp_path), Pacemaker)


def test_resources_and_the_clusters_own_units_are_its_services(tmp_path: Path) -> None:
    cluster = FakeCluster(web=FakeResource(), vip=FakeResource(agent="ocf:heartbeat:IPaddr2"))
    account = manager(tmp_path, cluster).look()
    names = ["web", "vip", "pacemaker.service", "corosync.service"]
    assert sorted(one.name for one in account.rows) == sorted(names)
    assert sorted(one.name for one in account.entries) == sorted(names)
    assert account.unseen == ()


def test_what_fences_and_what_runs_in_bundles_is_left_out(tmp_path: Path) -> None:
    cluster = FakeCluster(fence=FakeResource(agent="stonith:fence_ipmilan"))
    account = manager(tmp_path, cluster).look()
    assert {one.name for one in account.rows} == {"pacemaker.service", "corosync.service"}


def test_it_says_nothing_while_it_does_not_run(tmp_path: Path) -> None:
    stopped = manager(tmp_path, FakeCluster(web=FakeResource()), units(pid=None))
    assert stopped.look() == Account()
    assert stopped.running() == frozenset()
    assert manager(tmp_path, FakeCluster(), FakeHostManager()).look() == Account()


def test_without_systemd_it_is_asked_all_the_same(tmp_path: Path) -> None:
    alone = manager(tmp_path, FakeCluster(web=FakeResource()), alone=True)
    assert [one.name for one in alone.look().rows] == ["web"]
    assert alone.running() == {"web"}


def test_a_unit_of_systemd_is_told_of_as_the_resource_it_is(tmp_path: Path) -> None:
    cluster = FakeCluster(front=FakeResource(agent="systemd:haproxy"))
    told = manager(tmp_path, cluster, units(unit("haproxy.service", 77)))
    (found,) = told.look(["haproxy.service"]).rows
    assert (found.name, found.pid, found.cgroup) == ("front", 77, "/system.slice/haproxy.service")
    assert [one.name for one in told.look(["front"]).rows] == ["front"]


def test_a_unit_that_runs_while_the_resource_is_elsewhere_is_not_the_resource(
    tmp_path: Path,
) -> None:
    cluster = FakeCluster(front=FakeResource(agent="systemd:haproxy", node=THERE))
    told = manager(tmp_path, cluster, units(unit("haproxy.service", 77)))
    (found,) = told.look(["front"]).rows
    assert (found.state, found.pid, found.cgroup) == (InstanceState.STOPPED, None, None)
    assert told.running() == frozenset()


def processes(root: Path, *found: tuple[int, int, str]) -> None:
    """Processes in Pacemaker's own group: pid, parent, and the resource handed down."""
    tree = ProcTree(root / "proc")
    group = root / "groups" / OWN.lstrip("/")
    group.mkdir(parents=True)
    (group / "cgroup.procs").write_text("".join(f"{pid}\n" for pid, _, _ in found))
    for pid, parent, resource in found:
        folder = tree.add(pid, parent=parent, group=OWN)
        (folder / "environ").write_bytes(f"OCF_RESOURCE_INSTANCE={resource}\0".encode())


def test_what_an_agent_left_running_is_the_resources(tmp_path: Path) -> None:
    processes(tmp_path, (5, 1, ""), (6, 5, ""), (7, 6, "web"), (70, 1, "web"), (71, 1, ""))
    account = manager(tmp_path, FakeCluster(web=FakeResource())).look()
    assert row(account, "web").pid == 70
    assert [one.action for one in account.entries if one.name == "web"] == [Action.RESTART]
    (line,) = account.unseen
    assert "pid 71 was left running by a resource agent" in line


def test_only_a_look_at_everything_tells_of_what_is_nobodys(tmp_path: Path) -> None:
    processes(tmp_path, (5, 1, ""), (71, 1, ""))
    assert manager(tmp_path, FakeCluster(web=FakeResource())).look(["web"]).unseen == ()


def test_a_restart_that_was_cut_off_is_told_of(tmp_path: Path) -> None:
    cluster = FakeCluster(web=FakeResource(node=""))
    cluster.held["insvc-stop-web"] = "2026-11-23 12:37:35Z"
    account = manager(tmp_path, cluster).look()
    assert row(account, "web").state is InstanceState.FAILED
    assert any("insvc-stop-web" in line for line in account.unseen)


def test_a_silent_cluster_still_owns_its_units(tmp_path: Path) -> None:
    drop_in = tmp_path / "run/systemd/system/haproxy.service.d/50-pacemaker.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.touch()
    cluster = FakeCluster()
    cluster.silent = 2
    told = manager(tmp_path, cluster, units(unit("haproxy.service", 77)))
    account = told.look()
    assert {one.name: one.state for one in account.rows} == dict.fromkeys(
        ("haproxy.service", "pacemaker.service", "corosync.service"), InstanceState.UNKNOWN
    )
    assert {one.manager for one in account.rows} == {Manager.PACEMAKER}
    assert "does not answer" in account.unseen[0]
    (found,) = told.look(["haproxy.service"]).rows
    assert found.name == "haproxy.service"


def test_what_a_remote_node_runs_is_the_clusters(tmp_path: Path) -> None:
    drop_in = tmp_path / "run/systemd/system/haproxy.service.d/50-pacemaker.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.touch()
    systemd = FakeHostManager(unit("pacemaker_remote.service", 9), unit("haproxy.service", 77))
    account = manager(tmp_path, FakeCluster(), systemd).look()
    assert {one.name for one in account.rows} == {"haproxy.service", "pacemaker_remote.service"}
    assert {one.state for one in account.rows} == {InstanceState.UNKNOWN}
    assert "remote node" in account.unseen[0]


def test_what_a_cluster_left_running_when_it_went_is_its_own(tmp_path: Path) -> None:
    drop_in = tmp_path / "run/systemd/system/haproxy.service.d/50-pacemaker.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.touch()
    stopped = manager(tmp_path, FakeCluster(), units(unit("haproxy.service", 77), pid=None))
    (found,) = stopped.look().rows
    assert (found.name, found.state) == ("haproxy.service", InstanceState.UNKNOWN)
    assert "has left running is its own" in stopped.look().unseen[0]


def test_a_silent_cluster_that_owns_nothing_is_an_error(tmp_path: Path) -> None:
    cluster = FakeCluster()
    cluster.silent = 1
    with pytest.raises(WorldError, match="does not answer"):
        manager(tmp_path, cluster, alone=True).look()


def test_an_answer_that_is_none_is_an_error(tmp_path: Path) -> None:
    class Odd(FakeCluster):
        def status(self) -> str:
            return "<odd/>"

    with pytest.raises(WorldError, match="found no summary"):
        manager(tmp_path, Odd(), alone=True).look()


def test_only_a_restart_can_be_ordered(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="only restart"):
        manager(tmp_path, FakeCluster(web=FakeResource())).restart(
            Order(service="web", action=Action.RELOAD)
        )


def test_a_resource_it_does_not_have_is_refused_by_name(tmp_path: Path) -> None:
    told = manager(tmp_path, FakeCluster(web=FakeResource()))
    for ask in (
        lambda: told.restart(Order(service="no-such")),
        lambda: told.wait_for_end("no-such", 0.0),
    ):
        with pytest.raises(UnknownName, match="no such resource"):
            ask()


def test_a_resource_that_runs_nothing_has_ended(tmp_path: Path) -> None:
    assert manager(tmp_path, FakeCluster(web=FakeResource(node=THERE))).wait_for_end("web", 0.0)


class Ending(FakeHostManager):
    """Its units end after some looks."""

    looks = 6

    def look(self, names: Collection[str] | None = None) -> Account:
        self.looks -= 1
        found = super().look(names)
        if self.looks >= 0:
            return found
        return Account(rows=tuple(one for one in found.rows if one.name != "haproxy.service"))


def test_the_end_of_what_a_resource_runs_is_waited_for(tmp_path: Path) -> None:
    cluster = FakeCluster(front=FakeResource(agent="systemd:haproxy"))
    systemd = Ending(unit("pacemaker.service", 5), unit("haproxy.service", 77))
    told = manager(tmp_path, cluster, systemd)
    assert not told.wait_for_end("front", 0.0)
    assert told.wait_for_end("front", 20.0)
    assert systemd.looks < 0


def test_its_own_unit_goes_through_it(tmp_path: Path) -> None:
    cluster = FakeCluster()
    cluster.nodes["one"] = {"standby": "true"}
    systemd = units()
    told = manager(tmp_path, cluster, systemd).restart(Order(service="pacemaker.service"))
    assert told.done
    assert [one.service for one in systemd.orders] == ["pacemaker.service"]


def test_the_cluster_is_asked_for_one_restart_at_a_time(tmp_path: Path) -> None:
    web = FakeResource()
    cluster = FakeCluster(web=web, db=FakeResource())
    told = manager(tmp_path, cluster)
    refused = []

    def meanwhile() -> None:
        with pytest.raises(WorldError, match="has not ended in time") as fault:
            told.restart(Order(service="db", timeout_s=0.01))
        refused.append(fault.value.subject)

    web.on_start = meanwhile
    assert told.restart(Order(service="web")).done
    assert refused == ["db"]
    assert told.restart(Order(service="db")).done
