"""One host looked at, with processes and packages in memory."""

from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.observer import HostObserver
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import HostObservation, Instance
from insvc.model.words import EvidenceKind, InstanceState, Manager, Role, Verdict
from insvc.ports import ReplacedMapping
from tests.fakes.packages import FakePackage, FakePackages
from tests.fakes.process_table import BOOT_ID, FakeProcess, FakeProcessTable

ROOT = "/srv/cloud/hosts/c0/root"
OTHER_ROOT = "/srv/cloud/hosts/c1/root"
LIBRARY = "/usr/lib/libcinder.so"
PROGRAM = "/usr/bin/cinder-api"
STARTED, PATCHED = 1000.0, 2000.0
ROW = ManagerRow(
    name="cinder-api",
    manager=Manager.SM,
    state=InstanceState.RUNNING,
    package="cinder",
    pid=50,
    endpoint="127.0.0.1:80",
    restarts=2,
)


class Host:
    """A host with one patched package, in memory."""

    def __init__(self) -> None:
        self.now = 500.0
        self.processes = FakeProcessTable()
        self.packages = FakePackages(now=lambda: self.now)
        self.observer = HostObserver(
            host="c0",
            root=Path(ROOT),
            processes=self.processes,
            packages=self.packages,
            since=600.0,
        )
        self.install("1.0-1")
        self.now = STARTED

    def install(self, version: str) -> None:
        """Put the package in place."""
        files = (LIBRARY, PROGRAM)
        self.packages.archive["p"] = FakePackage(name="cinder", version=version, files=files)
        self.packages.install(["p"])
        self.processes.put_file(ROOT + LIBRARY)

    def patch(self) -> None:
        """Install a newer version."""
        self.now = PATCHED
        self.install("1.0-2")

    def start(
        self,
        pid: int,
        *,
        service: str = "cinder-api",
        parent: int = 1,
        root: str = ROOT,
        argv: tuple[str, ...] = ("cinder-api",),
    ) -> FakeProcess:
        """Start a process that maps the library."""
        process = FakeProcess(
            argv=argv,
            parent=parent,
            environment={"INSVC_ROOT": root, "INSVC_SERVICE": service},
            folder=root,
            started_at=self.now,
            mapped={ROOT + LIBRARY: self.processes.files[ROOT + LIBRARY]},
        )
        self.processes.processes[pid] = process
        return process

    def look(self, *rows: ManagerRow) -> HostObservation:
        """Observe."""
        return self.observer.observe(
            rows or (ROW,), taken_at=3000.0, role=Role.ACTIVE, locked=False
        )

    def look_at(self, row: ManagerRow = ROW) -> Instance:
        """Observe one service."""
        return self.look(row).instances[0]


@pytest.fixture
def host() -> Host:
    """A fresh host."""
    return Host()


def kinds(instance: Instance) -> list[EvidenceKind]:
    """The kinds of its evidence."""
    return [evidence.kind for evidence in instance.evidence]


def test_what_runs_the_installed_code_is_current(host: Host) -> None:
    host.start(50)
    seen = host.look()
    assert (seen.host, seen.taken_at, seen.boot_id, seen.role) == ("c0", 3000.0, BOOT_ID, "active")
    assert seen.packages == {"cinder": "1.0-1"}
    assert seen.unseen == ()
    (instance,) = seen.instances
    assert (instance.state, instance.verdict, instance.evidence) == ("running", "current", ())
    assert [process.pid for process in instance.processes] == [50]
    assert (instance.version, instance.endpoint, instance.restarts) == ("1.0-1", "127.0.0.1:80", 2)


def test_what_maps_a_replaced_library_is_stale_and_tells_both_versions(host: Host) -> None:
    host.start(50)
    host.patch()
    instance = host.look_at()
    assert instance.verdict is Verdict.STALE
    assert kinds(instance) == [EvidenceKind.MAPPING_REPLACED, EvidenceKind.PACKAGE_NEWER]
    mapping, package = instance.evidence
    assert (mapping.subject, mapping.pid) == (LIBRARY, 50)
    assert (package.found, package.expected) == ("1.0-1", "1.0-2")
    assert [one.kind for one in host.observer.stale_evidence(ROW)] == ["mapping-replaced"]


def test_a_restart_cures(host: Host) -> None:
    host.start(50)
    host.patch()
    host.now = PATCHED + 1
    host.start(51)
    row = replace(ROW, pid=51)
    assert host.look_at(row).verdict is Verdict.CURRENT
    assert host.observer.stale_evidence(row) == ()


def test_a_child_that_runs_replaced_code_makes_its_service_stale(host: Host) -> None:
    host.start(50).mapped.clear()
    host.start(51, parent=50)
    host.start(52, parent=51)
    host.patch()
    instance = host.look_at()
    assert instance.verdict is Verdict.STALE
    assert [process.pid for process in instance.processes] == [50, 51, 52]
    assert [identity.pid for identity in host.observer.identities(ROW)] == [50, 51, 52]


def test_children_that_are_services_of_their_own_do_not_count(host: Host) -> None:
    host.start(40, service="sm").mapped.clear()
    host.start(50, parent=40)
    child = host.start(60, service="sm", parent=40)
    child.environment.clear()
    sm = ManagerRow(name="sm", manager=Manager.PMON, state=InstanceState.RUNNING, pid=40)
    unmarked = ManagerRow(name="vim", manager=Manager.SM, state=InstanceState.RUNNING, pid=60)
    host.patch()
    seen = host.look(sm, ROW, unmarked)
    assert [[one.pid for one in instance.processes] for instance in seen.instances] == [
        [40],
        [50],
        [60],
    ]
    assert [one.verdict for one in seen.instances] == ["current", "stale", "stale"]


def test_helpers_that_hang_elsewhere_belong_to_their_service(host: Host) -> None:
    host.start(50).mapped.clear()
    host.start(70, argv=("python3", "ns-metadata-proxy", "net-blue"))
    host.start(71, argv=("python3", "ns-metadata-proxy"), root=OTHER_ROOT)
    host.start(72, argv=("something", "else"))
    unmarked = host.start(73, argv=("ns-metadata-proxy",))
    unmarked.environment.clear()
    elsewhere = host.start(74, argv=("ns-metadata-proxy",))
    elsewhere.environment.clear()
    elsewhere.folder = OTHER_ROOT
    host.start(75, argv=("ns-metadata-proxy",)).is_zombie = True
    host.start(76, argv=("ns-metadata-proxy",))
    host.patch()
    other = ManagerRow(name="o", manager=Manager.PMON, state=InstanceState.RUNNING, pid=76)
    seen = host.look(replace(ROW, helpers="ns-metadata"), other).instances[0]
    assert [process.pid for process in seen.processes] == [50, 70, 73]
    assert seen.verdict is Verdict.STALE


def test_a_helper_that_is_also_a_child_counts_once(host: Host) -> None:
    host.start(50)
    host.start(70, parent=50, argv=("ns-metadata-proxy",))
    instance = host.look_at(replace(ROW, helpers="ns-metadata"))
    assert [process.pid for process in instance.processes] == [50, 70]


def test_a_pattern_that_is_no_regular_expression_is_taken_literally(host: Host) -> None:
    host.start(50)
    host.start(70, argv=("proxy", "[net"))
    instance = host.look_at(replace(ROW, helpers="proxy [net"))
    assert [process.pid for process in instance.processes] == [50, 70]


def test_a_claimed_process_that_is_gone_is_a_failure(host: Host) -> None:
    instance = host.look_at()
    assert (instance.state, instance.processes) == (InstanceState.FAILED, ())
    host.start(50).is_zombie = True
    assert host.look_at().state is InstanceState.FAILED


@pytest.mark.parametrize(("root", "service"), [(OTHER_ROOT, "cinder-api"), (ROOT, "nova-api")])
def test_a_pid_that_another_host_or_service_has_now_is_not_taken_for_it(
    host: Host, root: str, service: str
) -> None:
    host.start(50, root=root, service=service)
    host.patch()
    instance = host.look_at()
    assert (instance.state, instance.verdict) == (InstanceState.FAILED, Verdict.CURRENT)


def test_a_process_that_may_not_be_looked_at_is_suspect_and_reported(host: Host) -> None:
    host.start(50).is_readable = False
    seen = host.look()
    assert seen.instances[0].verdict is Verdict.SUSPECT
    assert seen.unseen == ("cinder-api: pid 50: its mappings cannot be read: Permission denied",)
    assert [one.kind for one in host.observer.stale_evidence(ROW)] == [EvidenceKind.UNSEEN]


def test_replaced_files_outside_the_root_are_reported_once_and_not_evidence(host: Host) -> None:
    host.start(50).mapped["/usr/lib/libc.so"] = 1
    host.start(51, parent=50).mapped["/usr/lib/libc.so"] = 1
    seen = host.look()
    assert seen.instances[0].verdict is Verdict.CURRENT
    assert seen.unseen == (
        "/usr/lib/libc.so: was replaced outside this host's root; mapped by 2 of its processes",
    )


@pytest.mark.parametrize("argument", [ROOT + PROGRAM, "usr/bin/cinder-api"])
def test_a_replaced_script_is_stale_without_any_mapping(host: Host, argument: str) -> None:
    host.start(50, argv=("/usr/bin/python3", "-I", argument)).mapped.clear()
    host.patch()
    instance = host.look_at()
    assert kinds(instance) == [EvidenceKind.SCRIPT_REPLACED, EvidenceKind.PACKAGE_NEWER]
    assert instance.verdict is Verdict.STALE


def test_a_script_of_no_package_or_outside_the_host_is_no_proof(host: Host) -> None:
    host.now = PATCHED
    host.packages.touch("/opt/own.py")
    host.now = STARTED
    host.start(50, argv=("python3", ROOT + "/opt/own.py"))
    assert host.look_at().verdict is Verdict.SUSPECT
    host.start(50, argv=("python3", "/opt/own.py"))
    assert host.look_at().verdict is Verdict.CURRENT


def test_a_packaged_script_that_was_changed_by_hand_is_no_proof(host: Host) -> None:
    host.start(50, argv=("python3", ROOT + PROGRAM))
    host.now = PATCHED
    host.packages.touch(PROGRAM)
    instance = host.look_at()
    assert (instance.verdict, kinds(instance)) == ("suspect", [EvidenceKind.SCRIPT_REPLACED])


class RecycledPid(FakeProcessTable):
    """A table in which each pid goes to another process while its mappings are read."""

    def replaced_mappings(self, pid: int) -> tuple[ReplacedMapping, ...]:
        """The mappings of the process that has the pid now."""
        self.processes[pid].started_at += 1
        return super().replaced_mappings(pid)


def test_what_was_read_of_a_pid_that_changed_hands_is_no_evidence(host: Host) -> None:
    host.start(50)
    host.patch()
    recycled = RecycledPid()
    recycled.processes, recycled.files = host.processes.processes, host.processes.files
    observer = HostObserver(
        host="c0", root=Path(ROOT), processes=recycled, packages=host.packages, since=0.0
    )
    assert observer.stale_evidence(ROW) == ()


def test_a_newer_package_of_which_nothing_is_mapped_is_suspect(host: Host) -> None:
    host.start(50).mapped.clear()
    host.patch()
    instance = host.look_at()
    assert (instance.verdict, kinds(instance)) == ("suspect", [EvidenceKind.PACKAGE_NEWER])
    assert host.observer.stale_evidence(ROW) == ()


JOB = ManagerRow(
    name="expirer",
    manager=Manager.CRON,
    state=InstanceState.SCHEDULED,
    package="cinder",
    next_run_at=4000.0,
)


@pytest.mark.parametrize("last_run_at", [1500.0, None])
def test_a_job_whose_package_changed_since_its_last_run_is_current_with_evidence(
    host: Host, last_run_at: float | None
) -> None:
    host.patch()
    instance = host.look_at(replace(JOB, last_run_at=last_run_at))
    assert (instance.state, instance.verdict) == ("scheduled", "current")
    assert kinds(instance) == [EvidenceKind.PACKAGE_NEWER]
    assert instance.next_run_at == 4000.0
    assert instance.evidence[0].pid is None


@pytest.mark.parametrize("last_run_at", [2500.0, None])
def test_a_job_that_ran_since_or_was_never_patched_has_no_evidence(
    host: Host, last_run_at: float | None
) -> None:
    if last_run_at is not None:
        host.patch()
    assert host.look_at(replace(JOB, last_run_at=last_run_at)).evidence == ()


def test_a_job_in_the_middle_of_its_run_is_stale_like_any_process(host: Host) -> None:
    host.start(50, service="expirer")
    host.patch()
    row = replace(JOB, state=InstanceState.RUNNING, pid=50)
    assert host.look_at(row).verdict is Verdict.STALE


@pytest.mark.parametrize("package", [None, "other"])
def test_a_service_whose_package_is_not_known_is_still_looked_at(
    host: Host, package: str | None
) -> None:
    host.start(50)
    host.patch()
    instance = host.look_at(replace(ROW, package=package))
    assert (instance.verdict, instance.version) == (Verdict.STALE, None)


def test_a_package_database_that_cannot_be_read_is_reported(host: Host) -> None:
    host.start(50)
    host.packages.is_readable = False
    seen = host.look()
    assert seen.packages == {}
    assert seen.unseen == ("/: its database cannot be read",)


def test_without_another_word_jobs_are_held_against_the_start_of_this_process(host: Host) -> None:
    observer = HostObserver(
        host="c0", root=Path(ROOT), processes=host.processes, packages=host.packages
    )
    host.patch()
    seen = observer.observe((JOB,), taken_at=1.0, role=None, locked=True)
    assert seen.locked
    assert seen.instances[0].evidence == ()
