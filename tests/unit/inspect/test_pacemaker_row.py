"""A resource as one node sees it: what it does there, and how it can be restarted."""

import pytest

from insvc.catalog.entry import Note
from insvc.inspect.pacemaker import Cluster, Node, Resource
from insvc.inspect.pacemaker_cib import Cib, Operation, Primitive
from insvc.inspect.pacemaker_row import (
    GUARDED,
    entry_of,
    guard_entry,
    guard_row,
    row_of,
    state_of,
    unit_of,
)
from insvc.model.manager_row import ManagerRow
from insvc.model.words import Action, InstanceState, Manager, RestartClass

KNOWN = Cib(
    primitives={"db": Primitive(name="db", kind="mysql", parameters={}, limits_s=80.0)},
    needs={"db": ("Vip",), "web": ("db",), "Vip": ()},
    operations={
        ("db", "one"): (
            Operation(task="monitor", call=6, status=0, code=0, interval_ms=2000),
            Operation(task="start", call=5, status=0, code=0, took_s=2.5),
        )
    },
    failures={("db", "one"): 1},
    leases={},
)


def copy(
    role: str = "started", *nodes: str, agent: str = "ocf:heartbeat:mysql", **more: object
) -> Resource:
    return Resource(name="db", agent=agent, role=role, nodes=nodes, **more)  # type: ignore[arg-type]


def cluster(*names: str) -> Cluster:
    return Cluster(
        controller="one",
        has_quorum=True,
        maintenance=False,
        nodes=tuple(Node(name=name, online=True) for name in names),
        resources=(),
        thresholds={},
    )


@pytest.mark.parametrize(
    ("agent", "unit"),
    [
        ("systemd:haproxy", "haproxy.service"),
        ("systemd:haproxy.service", "haproxy.service"),
        ("systemd:ceph-mon@one", "ceph-mon@one.service"),
        ("lsb:cups", "cups.service"),
        ("service:cups", "cups.service"),
        ("ocf:heartbeat:mysql", None),
        ("systemd:", None),
        ("", None),
    ],
)
def test_some_agents_are_units_of_systemd(agent: str, unit: str | None) -> None:
    assert unit_of(copy(agent=agent)) == unit


@pytest.mark.parametrize(
    ("copies", "state", "is_meant"),
    [
        ((copy("started", "one"),), InstanceState.RUNNING, True),
        ((copy("promoted", "one"), copy("unpromoted", "two")), InstanceState.RUNNING, True),
        ((copy("started", "one", wanted="stopped"),), InstanceState.RUNNING, False),
        ((copy("starting", "one"),), InstanceState.STARTING, True),
        ((copy("stopping", "one", wanted="stopped"),), InstanceState.STOPPING, False),
        ((copy("odd", "one"),), InstanceState.UNKNOWN, True),
        ((copy("started", "one", failed=True),), InstanceState.FAILED, True),
        ((copy("started", "one", blocked=True),), InstanceState.FAILED, True),
        ((copy("started", "two"),), InstanceState.STOPPED, False),
        ((copy("stopped", wanted="stopped"),), InstanceState.STOPPED, False),
        ((copy("stopped"),), InstanceState.FAILED, True),
    ],
)
def test_the_state_is_that_on_this_node(
    copies: tuple[Resource, ...], state: InstanceState, is_meant: bool
) -> None:
    assert state_of(copies, KNOWN, "one") == (state, is_meant)


def test_what_a_cut_off_restart_holds_down_is_meant_to_run() -> None:
    held = Cib(
        primitives={},
        needs={},
        operations={},
        failures={},
        leases={"insvc-stop-db": "2026-11-23 12:37:35Z"},
    )
    stopped = (copy("stopped", wanted="stopped"),)
    assert state_of(stopped, held, "one") == (InstanceState.FAILED, True)


def test_a_resource_of_systemd_is_its_unit_under_another_name() -> None:
    unit = ManagerRow(
        name="mysql.service",
        manager=Manager.SYSTEMD,
        state=InstanceState.RUNNING,
        pid=77,
        cgroup="/system.slice/mysql.service",
        restarts=2,
    )
    row = row_of((copy("started", "one", agent="systemd:mysql"),), KNOWN, "one", unit=unit)
    assert (row.name, row.manager, row.pid, row.cgroup) == (
        "db",
        Manager.PACEMAKER,
        77,
        "/system.slice/mysql.service",
    )
    assert row.restarts == 3


def test_what_an_agent_started_has_pids_and_no_group() -> None:
    row = row_of((copy("started", "one"),), KNOWN, "one", pids=(70, 71))
    assert (row.pid, row.pids, row.cgroup) == (70, (71,), None)
    assert (row.restarts, row.started_in_s) == (1, 2.5)
    assert row.desired is InstanceState.RUNNING


def test_a_unit_that_does_not_run_is_no_process_of_it() -> None:
    unit = ManagerRow(name="mysql.service", manager=Manager.SYSTEMD, state=InstanceState.STOPPED)
    row = row_of((copy("stopped", wanted="stopped"),), KNOWN, "two", unit=unit)
    assert (row.pid, row.pids, row.started_in_s) == (None, (), None)
    assert row.desired is InstanceState.STOPPED


def test_an_entry_tells_how_it_is_restarted_and_what_goes_with_it() -> None:
    entry = entry_of(
        (copy("promoted", "one"),), cluster("one", "two"), KNOWN, "one", has_process=True
    )
    assert (entry.name, entry.managed_by, entry.action) == ("db", Manager.PACEMAKER, Action.RESTART)
    assert entry.restart_class is RestartClass.AUTO
    assert entry.depends_on == ("vip",)
    assert entry.impact.longest_s == pytest.approx(80.0)
    notes = [one.text for one in entry.special_handling if isinstance(one, Note)]
    assert notes == [
        "Pacemaker stops and starts with it: web",
        "it is promoted here: its restart lets another be promoted (two)",
    ]
    assert entry.provenance["managed_by"] == "discovered: pacemaker"


def test_a_resource_is_called_like_its_unit_as_well() -> None:
    copies = (copy("started", "one", agent="systemd:mysql"),)
    entry = entry_of(copies, cluster("one"), KNOWN, "one", has_process=True)
    assert entry.aliases == ("mysql.service",)


def test_what_has_no_process_is_never_restarted_for_its_code() -> None:
    entry = entry_of((copy("started", "one"),), cluster("one"), KNOWN, "one", has_process=False)
    assert entry.action is Action.NONE
    texts = [one.text for one in entry.special_handling if isinstance(one, Note)]
    assert "no other node could take it over now" in texts
    assert any("no process of it is known" in text for text in texts)


def test_a_promoted_resource_without_another_node_has_no_heir() -> None:
    bare = Cib(primitives={}, needs={}, operations={}, failures={}, leases={})
    entry = entry_of((copy("promoted", "one"),), cluster("one"), bare, "one", has_process=True)
    (note,) = entry.special_handling
    assert isinstance(note, Note)
    assert "(nobody)" in note.text
    assert entry.impact.longest_s is None


@pytest.mark.parametrize("unit", GUARDED)
def test_the_clusters_own_units_are_never_restarted_blindly(unit: str) -> None:
    entry = guard_entry(unit)
    assert entry.restart_class is RestartClass.ORDERED
    assert entry.services[0].name == unit
    row = ManagerRow(name=unit, manager=Manager.SYSTEMD, state=InstanceState.RUNNING, pid=5)
    assert guard_row(row).manager is Manager.PACEMAKER
    assert guard_row(row).pid == 5
