"""Archives that a process holds open."""

from pathlib import Path

import pytest

from insvc.adapters.archives import archive_findings, open_archives


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a process that holds nothing yet; no folder of the test is temporary."""
    monkeypatch.setattr("insvc.inspect.maps._TEMPORARY_FOLDERS", ("/dev/",))
    (tmp_path / "7/fd").mkdir(parents=True)
    (tmp_path / "7/root").symlink_to("/")
    return tmp_path / "7"


def test_an_archive_at_its_path_is_current(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jar").touch()
    (folder / "fd/3").symlink_to(tmp_path / "a.jar")
    (folder / "fd/4").symlink_to(tmp_path / "text")
    (folder / "fd/5").touch()
    assert archive_findings(str(folder), 7) == ()


def test_a_replaced_archive_is_proof_by_identity(folder: Path, tmp_path: Path) -> None:
    held = tmp_path / "a.jar (deleted)"
    held.write_text("old")
    (tmp_path / "a.jar").write_text("new")
    for name in ("3", "4"):
        (folder / "fd" / name).symlink_to(held)
    (found,) = archive_findings(str(folder), 7)
    assert (found.is_proof, found.evidence.subject) == (True, str(tmp_path / "a.jar"))
    (tmp_path / "a.jar").unlink()
    (gone,) = archive_findings(str(folder), 7)
    assert gone.evidence.expected == "no file"


def test_what_cannot_be_looked_at_is_left_out(folder: Path, tmp_path: Path) -> None:
    (folder / "fd/3").symlink_to(tmp_path / "none.jar")
    assert archive_findings(str(folder), 7) == ()
    assert archive_findings(str(tmp_path / "gone"), 7) == ()


def test_archives_that_are_held_are_told_replaced_or_not(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jar").touch()
    (folder / "fd/3").symlink_to(tmp_path / "a.jar")
    (folder / "fd/4").symlink_to(tmp_path / "b.jar (deleted)")
    (folder / "fd/5").symlink_to(tmp_path / "text")
    assert open_archives(str(folder)) == {str(tmp_path / "a.jar"), str(tmp_path / "b.jar")}
    assert open_archives(str(tmp_path / "gone")) == frozenset()
