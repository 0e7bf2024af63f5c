"""What a patch would leave stale on this machine, as a command tells it."""

import json
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from insvc.cli.ahead import ahead_of_here
from insvc.errors import WorldError
from insvc.model.act import PackageChange
from insvc.model.observation import Evidence, HostObservation, Instance
from insvc.model.words import EvidenceKind
from insvc.ports import Packages
from tests.fakes.packages import FakePackage, FakePackages
from tests.unit.adapters.test_deb_files import build


class SmallMachine:
    """A machine on which one service runs what any patch replaces."""

    def ahead(
        self, packages: Packages, changes: Sequence[PackageChange], kept: Collection[str]
    ) -> HostObservation:
        assert set(packages.installed()) == {"web"}
        assert kept == set()
        evidence = tuple(
            Evidence(
                kind=EvidenceKind.PACKAGE_NEWER, subject=one.package, found="1", expected="2", pid=7
            )
            for one in changes
        )
        service = Instance(service="web.service", evidence=evidence)
        return HostObservation(host="box", instances=(service,))


class SmallHere:
    """That machine, with a package database."""

    name = "box"
    machine = SmallMachine()

    def __init__(self) -> None:
        fake = FakePackages()
        fake.archive["/web"] = FakePackage(name="web", version="1")
        fake.install(["/web"])
        self.packages: Packages | None = fake


def test_services_are_told_with_both_versions_and_what_is_not_installed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insvc.here.Here", SmallHere)
    files = [build(tmp_path / f"{name}.deb", name, "2") for name in ("web", "absent")]
    said = ahead_of_here(files, as_json=False)
    assert "web.service  web 1 → 2  would run replaced code" in said
    assert "absent is not installed here" in said
    (told,) = json.loads(ahead_of_here(files, as_json=True))["ahead"]
    assert (told["service"], told["package"], told["effect"]) == ("web.service", "web", "stale")


def test_without_a_package_database_nothing_is_foretold(monkeypatch: pytest.MonkeyPatch) -> None:
    def bare() -> SmallHere:
        here = SmallHere()
        here.packages = None
        return here

    monkeypatch.setattr("insvc.here.Here", bare)
    with pytest.raises(WorldError, match="no package database"):
        ahead_of_here([], as_json=False)
