"""When files were made."""

import os
from pathlib import Path

from insvc.adapters.birth import born_at


def test_a_file_written_over_keeps_its_birth(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    born = born_at(str(path))
    os.utime(path, (9e8, 9e8))
    assert born_at(str(path)) == born
    assert born is None or born > 9e8


def test_a_relative_path_begins_at_its_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        assert born_at("file", folder) == born_at(str(tmp_path / "file"))
    finally:
        os.close(folder)


def test_what_is_not_there_has_no_birth(tmp_path: Path) -> None:
    assert born_at(str(tmp_path / "none")) is None
    assert born_at("/proc/self/stat") is None
