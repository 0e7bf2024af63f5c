"""The port `Packages`, in memory and on a dpkg database of an ordinary user."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest

from insvc.adapters.dpkg import DpkgPackages
from insvc.cloud.deb import DebFile, deb
from insvc.errors import WorldError
from insvc.ports import Packages
from tests.fakes.packages import FakePackage, FakePackages


class Stage(Protocol):
    """Where package files are made for a test."""

    packages: Packages

    def build(self, name: str, version: str, files: Sequence[str]) -> str: ...
    def build_broken(self) -> str: ...


class FakeStage:
    """Packages in memory."""

    def __init__(self) -> None:
        self._fake = FakePackages(now=time.time)
        self.packages: Packages = self._fake

    def build(self, name: str, version: str, files: Sequence[str]) -> str:
        path = f"/archive/{name}_{version}_all.deb"
        self._fake.archive[path] = FakePackage(name=name, version=version, files=tuple(files))
        return path

    def build_broken(self) -> str:
        self._fake.archive["/archive/broken.deb"] = FakePackage(
            name="broken", version="1", is_broken=True
        )
        return "/archive/broken.deb"


class RealStage:
    """Real package files and a real database."""

    def __init__(self, folder: Path) -> None:
        self._archive = folder / "archive"
        self._archive.mkdir()
        DpkgPackages.initialise(folder / "root")
        self.packages: Packages = DpkgPackages(folder / "root")

    def build(self, name: str, version: str, files: Sequence[str]) -> str:
        fields = {
            "Package": name,
            "Version": version,
            "Architecture": "all",
            "Maintainer": "Nobody <nobody@localhost>",
            "Description": "made for a test",
        }
        contents = {path.lstrip("/"): DebFile(content=version.encode()) for path in files}
        path = self._archive / f"{name}_{version}_all.deb"
        path.write_bytes(deb(fields, contents))
        return str(path)

    def build_broken(self) -> str:
        path = self._archive / "broken.deb"
        path.write_bytes(b"this is no package")
        return str(path)


@pytest.fixture(params=["in memory", "dpkg"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    """The fake and the real thing."""
    return FakeStage() if request.param == "in memory" else RealStage(tmp_path)


PROGRAM, LIBRARY = "/usr/bin/cinder", "/usr/lib/libcinder.so"


def test_an_empty_database_knows_nothing(stage: Stage) -> None:
    assert stage.packages.installed() == {}
    assert stage.packages.files("cinder") == ()
    assert stage.packages.owner(PROGRAM) is None
    assert stage.packages.installed_at("cinder") is None
    assert stage.packages.version_at("cinder", 0.0) is None
    assert stage.packages.changed_at(PROGRAM) is None


def test_what_is_installed_is_known_with_version_files_and_times(stage: Stage) -> None:
    paths = [
        stage.build("cinder", "1.0-1", [PROGRAM, LIBRARY]),
        stage.build("nova", "2:3.0-1", ["/usr/bin/nova"]),
    ]
    assert "cinder" in stage.packages.install(paths)
    assert stage.packages.installed() == {"cinder": "1.0-1", "nova": "2:3.0-1"}
    assert set(stage.packages.files("cinder")) == {PROGRAM, LIBRARY}
    assert stage.packages.owner("/usr/bin/nova") == "nova"
    assert stage.packages.owner("/usr/bin/other") is None
    assert stage.packages.installed_at("cinder") is not None
    assert stage.packages.changed_at(PROGRAM) is not None


def test_a_newer_version_replaces_an_older_one_and_may_be_taken_back(stage: Stage) -> None:
    old = stage.build("cinder", "1.0-1", [PROGRAM])
    new = stage.build("cinder", "1.0-2", [PROGRAM, LIBRARY])
    stage.packages.install([old])
    first = stage.packages.changed_at(PROGRAM)
    assert stage.packages.owner(LIBRARY) is None
    stage.packages.install([new])
    assert stage.packages.installed() == {"cinder": "1.0-2"}
    assert set(stage.packages.files("cinder")) == {PROGRAM, LIBRARY}
    assert stage.packages.owner(LIBRARY) == "cinder"
    second = stage.packages.changed_at(PROGRAM)
    assert first is not None
    assert second is not None
    assert first < second
    stage.packages.install([old])
    assert stage.packages.installed() == {"cinder": "1.0-1"}
    assert stage.packages.files("cinder") == (PROGRAM,)
    assert stage.packages.owner(LIBRARY) is None
    assert stage.packages.owner(PROGRAM) == "cinder"


def test_the_history_tells_the_version_of_a_moment(stage: Stage) -> None:
    stage.packages.install([stage.build("cinder", "1.0-1", [PROGRAM])])
    stage.packages.install([stage.build("cinder", "1.0-2", [PROGRAM])])
    assert stage.packages.version_at("cinder", time.time() + 10) == "1.0-2"
    assert stage.packages.version_at("cinder", time.time() - 1000) is None
    assert stage.packages.version_at("nova", time.time()) is None


def test_what_changed_since_a_moment_is_told_with_its_paths(stage: Stage) -> None:
    assert stage.packages.changed_since(0.0) == {}
    assert stage.packages.paths("cinder") == frozenset()
    before = time.time() - 1.0
    stage.packages.install([stage.build("cinder", "1.0-1", [PROGRAM, LIBRARY])])
    assert stage.packages.changed_since(time.time() + 1.0) == {}
    (name,) = changed = stage.packages.changed_since(before)
    assert (name, changed[name]) == ("cinder", stage.packages.installed_at("cinder"))
    assert {PROGRAM, LIBRARY} <= stage.packages.paths("cinder")


def test_a_refused_package_says_why(stage: Stage) -> None:
    stage.packages.install([stage.build("cinder", "1.0-1", [PROGRAM])])
    with pytest.raises(WorldError, match="expected"):
        stage.packages.install([stage.build_broken()])
    assert stage.packages.installed() == {"cinder": "1.0-1"}


def test_installing_nothing_does_nothing(stage: Stage) -> None:
    assert stage.packages.install([]) == ""
    assert stage.packages.installed() == {}
