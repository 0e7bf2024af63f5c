"""A dpkg database read as files."""

import time
from pathlib import Path

import pytest

from insvc.adapters import dpkg
from insvc.adapters.dpkg import DpkgPackages
from insvc.errors import WorldError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A host with an empty database."""
    DpkgPackages.initialise(tmp_path)
    return tmp_path


def status(*paragraphs: tuple[str, str, str]) -> str:
    """A status text of (package, version, state)."""
    return "".join(
        f"Package: {name}\nStatus: install ok {state}\nVersion: {version}\n"
        "Description: one\n Package: not a field\n more\n\n"
        for name, version, state in paragraphs
    )


def test_only_packages_whose_files_are_in_place_count(root: Path) -> None:
    states = ["installed", "unpacked", "half-configured", "triggers-pending"]
    gone = ["config-files", "not-installed", "half-installed"]
    rows = [(state, "1.0", state) for state in states + gone]
    (root / "var/lib/dpkg/status").write_text(status(*rows), "utf-8")
    assert set(DpkgPackages(root).installed()) == set(states)


def test_what_dpkg_has_not_yet_merged_corrects_the_status(root: Path) -> None:
    database = root / "var/lib/dpkg"
    rows = [("a", "1", "installed"), ("b", "1", "installed")]
    (database / "status").write_text(status(*rows), "utf-8")
    packages = DpkgPackages(root)
    assert packages.installed() == {"a": "1", "b": "1"}
    (database / "updates/0000").write_text(status(("a", "2", "unpacked")), "utf-8")
    (database / "updates/0001").write_text(status(("b", "1", "config-files")), "utf-8")
    (database / "updates/tmp.i").write_text(status(("c", "1", "installed")), "utf-8")
    assert packages.installed() == {"a": "2"}


def test_a_folder_without_a_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="its dpkg database cannot be read"):
        DpkgPackages(tmp_path).installed()
    assert DpkgPackages(tmp_path).owner("/usr/bin/x") is None


def test_an_existing_database_is_left_as_it_is(root: Path) -> None:
    (root / "var/lib/dpkg/status").write_text(status(("a", "1", "installed")), "utf-8")
    DpkgPackages.initialise(root)
    assert DpkgPackages(root).installed() == {"a": "1"}


def test_folders_are_not_files_and_architectures_are_not_names(root: Path) -> None:
    (root / "usr/bin").mkdir(parents=True)
    listing = root / "var/lib/dpkg/info/libz:amd64.list"
    listing.write_text("/.\n/usr\n/usr/bin\n/usr/bin/z\n", "utf-8")
    packages = DpkgPackages(root)
    assert packages.files("libz") == ("/usr/bin/z",)
    assert [packages.owner("/usr/bin/z") for _ in range(2)] == ["libz", "libz"]
    assert packages.installed_at("libz") == listing.stat().st_mtime


def test_a_list_that_cannot_be_read_owns_nothing(root: Path) -> None:
    (root / "var/lib/dpkg/info/odd.list").mkdir()
    (root / "var/lib/dpkg/info/gone.list").symlink_to("nowhere")
    (root / "var/lib/dpkg/info/gone:all.list").symlink_to("nowhere")
    packages = DpkgPackages(root)
    assert packages.files("odd") == ()
    assert packages.owner("/x") is None
    assert packages.installed_at("gone") is None


LOG = """\
2026-01-02 10:00:00 startup archives unpack
2026-01-02 10:00:00 install cinder:all <none> 1.0-1
2026-01-02 10:00:00 status installed cinder:all 1.0-1
a broken line of six words here
2026-01-02 xx:00:00 upgrade cinder:all 1.0-1 9.9-9
2026-01-02 11:00:05 upgrade cinder:all 1.0-1 1.0-2
2026-01-02 12:00:00 upgrade nova:all 1.0-1 1.0-2
"""


@pytest.mark.parametrize(
    ("clock", "version"),
    [
        ("09:00:00", None),
        ("10:00:01", "1.0-1"),
        ("11:00:05", "1.0-1"),
        ("11:00:06", "1.0-2"),
        ("23:00:00", "1.0-2"),
    ],
)
def test_the_log_tells_the_version_of_a_moment(root: Path, clock: str, version: str | None) -> None:
    (root / "var/log/dpkg.log").write_text(LOG, "utf-8")
    moment = time.mktime(time.strptime(f"2026-01-02 {clock}", "%Y-%m-%d %H:%M:%S"))
    assert DpkgPackages(root).version_at("cinder", moment) == version


def test_a_machine_without_dpkg_is_told_to_install_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dpkg, "_SYSTEM_FOLDERS", str(root))
    with pytest.raises(WorldError, match="dpkg: cannot be run"):
        DpkgPackages(root).install(["/x.deb"])


def test_only_below_a_folder_is_dpkg_told_to_do_without_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dpkg"
    program.write_text('#!/bin/sh\necho "$@"\n', "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(dpkg, "_SYSTEM_FOLDERS", str(tmp_path))
    whole = DpkgPackages(Path("/")).install(["/x.deb"])
    assert whole == "--force-confdef --force-confold --install /x.deb"
    below = DpkgPackages(tmp_path).install(["/x.deb"]).split()
    assert {f"--root={tmp_path}", "--force-not-root", "--force-script-chrootless"} <= {*below}
