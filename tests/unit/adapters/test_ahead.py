"""Which processes have loaded what a patch would replace."""

import os
from pathlib import Path

import pytest

from insvc.adapters.ahead import Ahead
from insvc.adapters.procfs import booted_at
from insvc.adapters.sweep import Sweep
from insvc.model.act import PackageChange
from tests.fakes.packages import FakePackage, FakePackages
from tests.fakes.proc_tree import ProcTree, maps_line


class Stage:
    """A procfs, and a patch of two packages: a library and a program's text.

    Attributes:
        library, script: their files.
    """

    def __init__(self, folder: Path) -> None:
        self.tree = ProcTree(folder / "proc")
        self.library, self.script = folder / "libx.so", folder / "serve.py"
        self.python = folder / "usr/bin/python3.11"
        self.python.parent.mkdir(parents=True)
        self.packages = FakePackages()
        for name, path in (("libx", self.library), ("app", self.script), ("python", self.python)):
            path.touch()
            self.packages.archive[name] = FakePackage(name=name, version="1", files=(str(path),))
            self.packages.install([name])

    def told(self, *kept: str) -> dict[int, list[tuple[str, str, str]]]:
        """Packages with both versions by process."""
        changes = [
            PackageChange(package=name, from_version="1", to_version="2", path=f"/{name}.deb")
            for name in ("libx", "app")
        ]
        with Sweep(self.tree.path, booted_at()) as sweep:
            ahead = Ahead(sweep, self.packages, changes, kept)
            found = {one.pid: ahead.findings(one) for one in sweep.look()}
            assert ahead.faults == ()
        signs = {pid: [one.evidence for one in told] for pid, told in found.items()}
        return {
            pid: [(one.subject, one.found, one.expected) for one in told]
            for pid, told in signs.items()
            if told
        }


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr("insvc.inspect.maps._TEMPORARY_FOLDERS", ("/dev/",))
    return Stage(tmp_path)


def test_who_maps_a_file_of_the_patch_is_told_once_a_package(stage: Stage) -> None:
    stage.tree.add(7, maps=[maps_line(stage.library), maps_line(stage.library, at=0x1000)])
    stage.tree.add(8, maps=[maps_line(stage.python)])
    assert stage.told() == {7: [("libx", "1", "2")]}


def test_a_file_that_stays_as_it_is_makes_nothing_stale(stage: Stage) -> None:
    stage.tree.add(7, maps=[maps_line(stage.library)])
    assert stage.told(str(stage.library)) == {}


def test_who_runs_a_text_of_the_patch_is_told_whatever_its_content(stage: Stage) -> None:
    stage.tree.add(7, maps=[maps_line(stage.python)], command=("python3", str(stage.script)))
    assert stage.told(str(stage.script)) == {7: [("app", "1", "2")]}


def test_a_virtual_machine_is_told_by_the_archives_that_it_holds(
    stage: Stage, tmp_path: Path
) -> None:
    java, archive = tmp_path / "usr/bin/java", tmp_path / "app.jar"
    for path in (java, archive):
        path.touch()
    stage.packages.archive["app"] = FakePackage(name="app", version="1", files=(str(archive),))
    stage.packages.install(["app"])
    folder = stage.tree.add(7, maps=[maps_line(java)], command=("java", "-jar", "app.jar"))
    (folder / "fd").mkdir()
    (folder / "fd/3").symlink_to(archive)
    assert stage.told() == {7: [("app", "1", "2")]}


def test_this_very_process_and_those_of_other_roots_are_left_out(
    stage: Stage, tmp_path: Path
) -> None:
    stage.tree.add(os.getpid(), maps=[maps_line(stage.library)])
    (tmp_path / "inside").mkdir()
    stage.tree.add(8, maps=[maps_line(stage.library)], root=tmp_path / "inside", space="other")
    assert stage.told() == {}


def test_a_package_that_was_not_there_is_said_to_come_from_none(stage: Stage) -> None:
    stage.tree.add(7, maps=[maps_line(stage.library)])
    change = PackageChange(package="libx", from_version=None, to_version="2", path="/x.deb")
    with Sweep(stage.tree.path, booted_at()) as sweep:
        (seen,) = sweep.look([7])
        (found,) = Ahead(sweep, stage.packages, [change], ()).findings(seen)
    assert (found.evidence.found, found.is_proof, found.evidence.pid) == ("none", False, 7)
