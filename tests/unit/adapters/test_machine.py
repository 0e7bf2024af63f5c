"""A whole machine, from its procfs, its packages and its managers' words."""

from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from insvc.adapters.machine import Machine
from insvc.catalog.account import Account
from insvc.model.act import PackageChange
from insvc.model.manager_row import ManagerRow
from insvc.model.words import EvidenceKind, InstanceState, Manager, Verdict
from tests.fakes.packages import FakePackage, FakePackages
from tests.fakes.proc_tree import BOOT_ID, ProcTree, maps_line

GROUP = "/system.slice/a.service"


class World:
    """A procfs, packages and managers.

    Attributes:
        asked: what the managers were asked for, in order.
        on_look: what happens just before they answer.
    """

    def __init__(self, folder: Path) -> None:
        self.tree = ProcTree(folder / "proc")
        self.packages = FakePackages(now=lambda: 4_000_000_000.0)
        self.rows: list[ManagerRow] = []
        self.asked: list[Collection[str] | None] = []
        self.on_look: Callable[[], object] = lambda: None
        self._folder = folder
        self.machine = Machine(
            host="here",
            look=self.look,
            packages=self.packages,
            proc=self.tree.path,
            groups=folder / "groups",
        )

    def look(self, names: Collection[str] | None) -> Account:
        """What the managers say."""
        self.asked.append(names)
        self.on_look()
        rows = [one for one in self.rows if names is None or one.name in names]
        return Account(rows=tuple(rows), unseen=("cron: silent",))

    def replaced(self, name: str) -> str:
        """A line of maps of a file that was replaced by a package."""
        path = self._folder / "usr" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("old")
        line = maps_line(path)
        path.rename(path.with_name(f"{name}.kept"))
        path.write_text("new")
        package = FakePackage(name="libx", version="2", files=(str(path),))
        self.packages.archive["/libx.deb"] = package
        self.packages.install(["/libx.deb"])
        return f"{line} (deleted)"

    def row(self, name: str = "a.service", pid: int = 7) -> ManagerRow:
        """The word of a service that runs."""
        return ManagerRow(
            name=name,
            manager=Manager.SYSTEMD,
            state=InstanceState.RUNNING,
            pid=pid,
            cgroup=f"/system.slice/{name}",
        )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A machine whose folders for tests are as good as installed ones."""
    monkeypatch.setattr("insvc.inspect.maps._TEMPORARY_FOLDERS", ("/dev/",))
    return World(tmp_path)


def test_who_has_loaded_what_a_patch_replaces_is_told_with_its_service(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "libx.so"
    path.touch()
    world.packages.archive["/x"] = FakePackage(name="libx", version="1", files=(str(path),))
    world.packages.install(["/x"])
    world.tree.add(7, group=GROUP, maps=[maps_line(path)])
    world.tree.add(9, group="/system.slice/other.service")
    world.rows = [world.row(), world.row("other.service", 9)]
    change = PackageChange(package="libx", from_version="1", to_version="2", path="/x.deb")
    seen = world.machine.ahead(world.packages, [change], ())
    (one,) = seen.instances
    assert (one.service, one.evidence[0].subject) == ("a.service", "libx")
    assert seen.unseen == ("cron: silent",)


def test_a_stale_service_is_told_with_its_package_and_its_manager_is_asked(world: World) -> None:
    world.tree.add(7, group=GROUP, maps=[world.replaced("libx.so")])
    world.tree.add(8, group=GROUP, parent=7)
    world.rows = [world.row(), world.row("other.service", 9)]
    seen = world.machine.observe(everything=False, taken_at=5.0)
    (found,) = seen.instances
    assert (found.service, found.manager, found.verdict) == (
        "a.service",
        Manager.SYSTEMD,
        Verdict.STALE,
    )
    assert [one.kind for one in found.evidence] == [
        EvidenceKind.MAPPING_REPLACED,
        EvidenceKind.PACKAGE_NEWER,
    ]
    assert (found.package, found.version, seen.packages) == ("libx", "2", {"libx": "2"})
    assert (seen.host, seen.taken_at, seen.boot_id) == ("here", 5.0, BOOT_ID)
    assert world.asked == [{"a.service"}]
    assert seen.unseen == ("cron: silent",)


def test_every_process_of_a_stale_service_is_told(world: World) -> None:
    world.tree.add(7, group=GROUP)
    world.tree.add(8, group=f"{GROUP}/worker", parent=7, maps=[world.replaced("libx.so")])
    world.rows = [world.row()]
    (found,) = world.machine.observe(everything=False, taken_at=0.0).instances
    assert [one.pid for one in found.processes] == [7, 8]


def test_everything_asks_the_managers_for_all(world: World) -> None:
    world.tree.add(7, group=GROUP)
    world.rows = [world.row()]
    (found,) = world.machine.observe(everything=True, taken_at=0.0).instances
    assert (found.verdict, world.asked) == (Verdict.CURRENT, [None])
    assert [one.pid for one in found.processes] == [7]


def test_a_service_started_between_the_two_looks_is_looked_at_again(world: World) -> None:
    """Its processes would be those of its former life, beside the word that the new one runs."""
    world.tree.add(6, group=GROUP)
    world.rows = [world.row(pid=7)]
    world.on_look = lambda: world.asked[1:] or world.tree.add(7, group=GROUP)
    (found,) = world.machine.observe(everything=True, taken_at=0.0).instances
    assert found.processes[0].pid == 7
    assert world.asked == [None, None]


def test_services_that_start_without_end_are_not_looked_at_without_end(world: World) -> None:
    pids = iter(range(7, 99))

    def start() -> None:
        pid = next(pids)
        world.tree.add(pid, group=GROUP)
        world.rows = [world.row(pid=pid)]

    world.on_look = start
    assert world.machine.observe(everything=True, taken_at=0.0).instances
    assert world.asked == [None, None, None]


def test_a_main_process_that_cannot_be_seen_is_no_reason_to_look_again(world: World) -> None:
    world.tree.add(6, group=GROUP)
    world.rows = [world.row(pid=7)]
    world.machine.observe(everything=True, taken_at=0.0)
    assert world.asked == [None]


def test_a_machine_on_which_nothing_is_stale_tells_nothing(world: World) -> None:
    world.tree.add(7, group=GROUP)
    world.rows = [world.row()]
    assert world.machine.observe(everything=False, taken_at=0.0).instances == ()
    assert world.asked == [set()]


def test_where_another_manager_keeps_services_all_managers_are_asked(world: World) -> None:
    group = "/system.slice/supervisor.service"
    world.tree.add(7, "supervisord", group=group)
    world.tree.add(8, group=group, parent=7, maps=[world.replaced("libx.so")])
    world.rows = [
        world.row("supervisor.service"),
        ManagerRow(name="web", manager=Manager.SUPERVISORD, state=InstanceState.RUNNING, pid=8),
    ]
    (found,) = world.machine.observe(everything=False, taken_at=0.0).instances
    assert (found.service, world.asked) == ("web", [None])


def test_a_containers_files_are_not_the_hosts_packages(world: World, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    line = world.replaced("libx.so")
    world.tree.add(7, group="/lxc/web", maps=[line], root=root, space="web")
    (found,) = world.machine.observe(everything=False, taken_at=0.0).instances
    assert (found.service, found.manager, found.package) == ("container:web", Manager.NONE, None)
    assert world.asked == [set()]


def test_the_identities_of_a_service_are_those_of_its_group(world: World, tmp_path: Path) -> None:
    for pid in (7, 8, 9):
        world.tree.add(pid, group=GROUP if pid < 9 else "/", start_ticks=pid)
    found = world.machine.identities(world.row(pid=8))
    assert [(one.boot_id, one.pid, one.start_ticks) for one in found] == [
        (BOOT_ID, 8, 8),
        (BOOT_ID, 7, 7),
    ]
    folder = tmp_path / f"groups{GROUP}"
    folder.mkdir(parents=True)
    (folder / "cgroup.procs").write_text("9\n")
    assert [one.pid for one in world.machine.identities(world.row())] == [9]


def test_the_identities_of_a_program_are_what_its_process_started(world: World) -> None:
    for pid, parent in ((7, 1), (8, 7), (9, 1), (10, 8)):
        world.tree.add(pid, parent=parent)
    row = ManagerRow(
        name="web", manager=Manager.SUPERVISORD, state=InstanceState.RUNNING, pid=8, pids=(9,)
    )
    assert [one.pid for one in world.machine.identities(row)] == [8, 9, 10]
    gone = ManagerRow(name="web", manager=Manager.SUPERVISORD, state=InstanceState.STOPPED)
    assert world.machine.identities(gone) == ()


def test_what_proves_staleness_after_an_act_is_told_without_hints(world: World) -> None:
    world.tree.add(7, group=GROUP, maps=[world.replaced("libx.so")])
    world.tree.add(8, group=GROUP)
    found = world.machine.stale_evidence(world.row())
    assert [one.kind for one in found] == [EvidenceKind.MAPPING_REPLACED]
