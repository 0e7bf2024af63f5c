"""What package files say of themselves."""

import subprocess
from pathlib import Path

import pytest

from insvc.adapters.deb_files import available, kept
from insvc.cloud.deb import DebFile, deb
from insvc.errors import InputError, WorldError


def build(path: Path, name: str, version: str) -> Path:
    """A package file without digests."""
    fields = {
        "Package": name,
        "Version": version,
        "Architecture": "all",
        "Maintainer": "Nobody <nobody@localhost>",
        "Description": "made for a test",
    }
    path.write_bytes(deb(fields, {"usr/bin/x": DebFile(content=b"x")}))
    return path


def test_name_and_version_are_read_from_the_package_and_not_from_its_name(tmp_path: Path) -> None:
    one = build(tmp_path / "some file.deb", "cinder", "1:2.0-1")
    other = build(tmp_path / "-odd.deb", "nova", "3")
    assert available([one, other]) == {"cinder": ("1:2.0-1", str(one)), "nova": ("3", str(other))}
    assert available([]) == {}


def test_a_file_that_is_no_package_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("nothing", "utf-8")
    with pytest.raises(InputError, match=r"notes\.txt: is no Debian package"):
        available([path])


def test_two_files_of_one_package_are_refused(tmp_path: Path) -> None:
    one = build(tmp_path / "a.deb", "cinder", "1")
    other = build(tmp_path / "b.deb", "cinder", "2")
    with pytest.raises(InputError, match=r"b\.deb: holds cinder 2, but .*a\.deb holds cinder too"):
        available([one, other])


def test_a_machine_without_dpkg_is_told_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WorldError, match="dpkg-deb: cannot be run"):
        available([tmp_path / "x.deb"])


def test_files_of_equal_digest_are_kept(tmp_path: Path) -> None:
    tree, lists = tmp_path / "tree", tmp_path / "root/var/lib/dpkg/info"
    (tree / "DEBIAN").mkdir(parents=True)
    lists.mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(
        "Package: x\nVersion: 2\nArchitecture: all\nMaintainer: n <n@localhost>\nDescription: x\n"
    )
    (tree / "DEBIAN/md5sums").write_text("aa  usr/a\ncc  usr/b\nee  usr/new\n")
    subprocess.run(["dpkg-deb", "--build", tree, tmp_path / "x.deb"], check=True)
    assert kept("x", tmp_path / "x.deb", tmp_path / "root") == ()
    (lists / "x:amd64.md5sums").write_text("aa  usr/a\nbb  usr/b\ndd  usr/gone\n")
    assert kept("x", tmp_path / "x.deb", tmp_path / "root") == {"/usr/a"}
    assert kept("x", build(tmp_path / "y.deb", "x", "3"), tmp_path / "root") == set()


def test_packages_of_rpm_are_read_by_rpm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, program = tmp_path / "mine", tmp_path / "rpm"
    path.write_bytes(b"\xed\xab\xee\xdb")
    program.write_text("#!/bin/sh\nprintf 'mine\\t1-1\\t0\\n'\n")
    program.chmod(0o755)
    monkeypatch.setattr("insvc.adapters.rpm._PROGRAM", (str(program),))
    assert available([path]) == {"mine": ("1-1", str(path))}
    assert kept("mine", path) == set()
