"""What package files say of themselves."""

from pathlib import Path

import pytest

from insvc.adapters.deb_files import available
from insvc.cloud.deb import DebFile, deb
from insvc.errors import InputError, WorldError


def build(path: Path, name: str, version: str) -> Path:
    """A package file."""
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
