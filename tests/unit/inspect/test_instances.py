"""Each process in exactly one instance."""

import pytest

from insvc.inspect.evidence import Finding
from insvc.inspect.instances import (
    instances,
    is_notable,
    nearest,
    packages_of,
    told_once,
    with_version,
)
from insvc.inspect.signs import Trace
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import Evidence, Instance, ProcessIdentity
from insvc.model.words import EvidenceKind, InstanceState, Manager, Verdict

STALE = Finding(
    Evidence(kind=EvidenceKind.MAPPING_REPLACED, subject="/usr/lib/libx.so"), is_proof=True
)
HINT = Finding(Evidence(kind=EvidenceKind.PACKAGE_NEWER, subject="libx"), is_proof=False)


def trace(
    pid: int,
    group: str = "/",
    *findings: Finding,
    parent: int = 1,
    name: str = "daemon",
    guest: str = "",
) -> Trace:
    """A process."""
    identity = ProcessIdentity(boot_id="boot", pid=pid, start_ticks=pid)
    return Trace(identity, parent, group, name, findings, guest)


def row(
    name: str,
    *,
    manager: Manager = Manager.SYSTEMD,
    pid: int | None = None,
    cgroup: str | None = None,
    pids: tuple[int, ...] = (),
    state: InstanceState = InstanceState.RUNNING,
    hints: tuple[Evidence, ...] = (),
) -> ManagerRow:
    """A manager's word."""
    return ManagerRow(
        name=name, manager=manager, state=state, pid=pid, cgroup=cgroup, pids=pids, hints=hints
    )


def pids_of(instance: Instance) -> list[int]:
    """The pids of an instance, in its order."""
    return [one.pid for one in instance.processes]


def test_a_service_has_every_process_of_its_group_main_process_first() -> None:
    traces = [trace(9, "/system.slice/a.service/x"), trace(10, "/system.slice/a.service", STALE)]
    (found,) = instances(traces, [row("a.service", pid=10, cgroup="/system.slice/a.service")])
    assert (pids_of(found), found.verdict) == ([10, 9], Verdict.STALE)
    assert found.manager is Manager.SYSTEMD


@pytest.mark.parametrize("state", [InstanceState.FAILED, InstanceState.STOPPED])
def test_a_unit_that_came_up_between_the_two_looks_is_told_of_once(state: InstanceState) -> None:
    traces = [trace(10, "/system.slice/a.service", STALE)]
    (found,) = instances(traces, [row("a.service", state=state)])
    assert (found.service, found.state, pids_of(found)) == ("a.service", state, [10])


def test_what_another_manager_claims_is_taken_from_the_group() -> None:
    group = "/system.slice/supervisor.service"
    traces = [trace(5, group), trace(6, group, STALE, parent=5), trace(7, group, parent=6)]
    rows = [
        row("supervisor.service", pid=5, cgroup=group),
        row("web", manager=Manager.SUPERVISORD, pid=6),
    ]
    keeper, program = instances(traces, rows)
    assert (pids_of(keeper), keeper.verdict) == ([5], Verdict.CURRENT)
    assert (pids_of(program), program.verdict) == ([6, 7], Verdict.STALE)


def test_what_a_scheduler_leaves_above_a_job_ends_with_it() -> None:
    group = "/system.slice/cron.service"
    traces = [
        trace(5, group),
        trace(6, group, STALE, parent=5),
        trace(7, group, parent=6),
        trace(8, group, parent=5),
    ]
    job = row("cron.d/backup:1", manager=Manager.CRON, pid=7)
    daemon, found = instances(traces, [row("cron.service", pid=5, cgroup=group), job])
    assert (pids_of(daemon), daemon.verdict) == ([5, 8], Verdict.CURRENT)
    assert (pids_of(found), found.verdict) == ([7, 6], Verdict.STALE)
    (alone,) = instances(traces, [job])
    assert pids_of(alone) == [7, 6]


def test_further_pids_of_a_row_are_its_own() -> None:
    traces = [trace(5), trace(6, parent=5)]
    (found,) = instances(traces, [row("r", manager=Manager.PACEMAKER, pids=(5,))])
    assert (pids_of(found), found.state) == ([5, 6], InstanceState.RUNNING)


def test_a_main_process_that_is_not_there_has_failed() -> None:
    (found,) = instances([], [row("a.service", pid=10, cgroup="/system.slice/a.service")])
    assert found.state is InstanceState.FAILED


def test_a_hint_of_the_manager_makes_what_runs_suspect() -> None:
    hint = Evidence(kind=EvidenceKind.CONFIGURATION_NEWER, subject="a.service")
    group = "/system.slice/a.service"
    of_group = row("a.service", pid=10, cgroup=group, hints=(hint,))
    (found,) = instances([trace(10, group)], [of_group])
    assert (found.verdict, found.evidence) == (Verdict.SUSPECT, (hint,))
    stopped = row("a.service", state=InstanceState.STOPPED, hints=(hint,))
    assert instances([], [stopped])[0].evidence == ()


def test_containers_guests_and_sessions_are_never_blamed_on_a_unit() -> None:
    identity = "a" * 64
    group = f"/system.slice/docker.service/docker/{identity}"
    session = "/user.slice/user-7.slice/session-1.scope"
    traces = [trace(5, "/system.slice/docker.service"), trace(6, group, STALE, parent=5)]
    traces += [trace(8, session, STALE), trace(9, session)]
    rows = [
        row("docker.service", pid=5, cgroup="/system.slice/docker.service"),
        row("session-1.scope", cgroup=session),
    ]
    engine, container, of_user = instances(traces, rows)
    assert (engine.service, engine.verdict) == ("docker.service", Verdict.CURRENT)
    assert (container.service, container.manager) == (f"container:{identity[:12]}", Manager.NONE)
    assert (of_user.service, pids_of(of_user)) == ("session-1.scope", [8, 9])
    assert container.verdict is of_user.verdict is Verdict.STALE


def test_what_no_manager_knows_is_told_by_its_unit_or_its_program() -> None:
    traces = [
        trace(5, "/system.slice/x.service", STALE),
        trace(6, "/", STALE, name="dhclient"),
        trace(7, "/init.scope", STALE),
        trace(8, "/system.slice/y.service"),
        trace(9, "/", HINT, name="other"),
    ]
    found = instances(traces, [])
    assert [(one.service, one.manager, one.verdict) for one in found] == [
        ("init.scope", Manager.NONE, Verdict.STALE),
        ("process:dhclient", Manager.NONE, Verdict.STALE),
        ("process:other", Manager.NONE, Verdict.SUSPECT),
        ("x.service", Manager.SYSTEMD, Verdict.STALE),
    ]


def test_a_row_of_the_first_process_is_used() -> None:
    (found,) = instances(
        [trace(1, "/init.scope", STALE)], [row("init.scope", cgroup="/init.scope")]
    )
    assert (found.manager, found.verdict) == (Manager.SYSTEMD, Verdict.STALE)


def test_the_nearest_ancestor_counts_and_circles_end() -> None:
    parents = {5: 1, 6: 5, 7: 6, 8: 9, 9: 8}
    assert nearest(7, {5, 6}, parents) == 6
    assert nearest(5, {5}, parents) == 5
    assert nearest(8, {5}, parents) is None
    assert nearest(99, {5}, parents) is None


def test_the_same_sign_of_many_processes_is_told_once_and_proof_wins() -> None:
    hint = Finding(STALE.evidence, is_proof=False)
    assert told_once([hint, STALE, hint, HINT]) == [STALE, HINT]


def test_what_is_current_and_without_evidence_is_not_told() -> None:
    assert not is_notable(Instance(service="a"))
    assert is_notable(Instance(service="a", verdict=Verdict.STALE))
    assert is_notable(Instance(service="a", state=InstanceState.FAILED))
    assert is_notable(Instance(service="a", evidence=(HINT.evidence,)))


def test_the_package_of_an_instance_is_its_rows_else_the_one_that_was_upgraded() -> None:
    plain = Instance(service="a", evidence=(STALE.evidence, HINT.evidence))
    assert list(packages_of(plain)) == ["libx"]
    found = with_version(plain, {"libx": "2"})
    assert (found.package, found.version) == ("libx", "2")
    named = Instance(service="a", package="a", evidence=(HINT.evidence,))
    assert list(packages_of(named)) == ["a", "libx"]
    assert with_version(Instance(service="a"), {}).version is None


def test_a_session_that_a_manager_opened_for_its_service_is_the_services() -> None:
    session = "/user.slice/user-0.slice/session-c2.scope"
    traces = [trace(70, session), trace(71, session, parent=70), trace(72, session)]
    (web,) = instances(traces, [row("web", pid=70)])
    assert [one.pid for one in web.processes] == [70, 71]


def test_a_session_of_a_person_is_never_the_services_that_let_them_in() -> None:
    session = "/user.slice/user-0.slice/session-3.scope"
    traces = [trace(70, "/system.slice/own.service"), trace(71, session, STALE, parent=70)]
    daemon, login = instances(traces, [row("sshd", pid=70)])
    assert [one.pid for one in daemon.processes] == [70]
    assert login.service == "session-3.scope"


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("/", "guest:web"),
        ("/system.slice/libvirtd.service", "guest:web"),
        ("/user.slice/user-1000.slice/session-3.scope", "guest:web"),
        ("/qemu.slice/100.scope", "guest:web"),
        ("/machine.slice/machine-qemu\\x2d1\\x2dmail.scope/emulator", "guest:mail"),
        ("/machine.slice/machine-web.scope/x.service", "container:web"),
    ],
)
def test_a_guest_is_no_part_of_the_service_that_started_it(group: str, name: str) -> None:
    rows = [
        row("libvirtd.service", pid=5, cgroup="/system.slice/libvirtd.service"),
        row("100.scope", cgroup="/qemu.slice/100.scope"),
    ]
    found = instances([trace(6, group, STALE, parent=5, guest="web")], rows)
    (guest,) = (one for one in found if one.processes)
    assert (guest.service, guest.manager) == (name, Manager.NONE)


def test_a_guest_that_is_a_service_itself_is_that_service() -> None:
    group = "/system.slice/vm.service"
    (found,) = instances(
        [trace(6, group, STALE, guest="web")], [row("vm.service", pid=6, cgroup=group)]
    )
    assert (found.service, pids_of(found)) == ("vm.service", [6])
