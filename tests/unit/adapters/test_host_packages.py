"""Which package database a host has, told from what is there."""

from pathlib import Path

from insvc.adapters.dpkg import DpkgPackages
from insvc.adapters.host_packages import host_packages
from insvc.adapters.rpm import RpmPackages


def put(root: Path, name: str, text: str = "") -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, "utf-8")


def test_a_list_of_dpkg_with_packages_in_it_comes_first(tmp_path: Path) -> None:
    put(tmp_path, "var/lib/dpkg/status", "Package: a\n")
    put(tmp_path, "var/lib/rpm/rpmdb.sqlite")
    assert isinstance(host_packages(tmp_path), DpkgPackages)


def test_dpkg_may_be_a_mere_tool_on_a_host_with_rpm(tmp_path: Path) -> None:
    put(tmp_path, "var/lib/dpkg/status")
    put(tmp_path, "usr/lib/sysimage/rpm/rpmdb.sqlite")
    assert isinstance(host_packages(tmp_path), RpmPackages)


def test_a_host_may_have_none(tmp_path: Path) -> None:
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    assert host_packages(tmp_path) is None
