"""The files by which operators have a service left alone."""

from pathlib import Path

import pytest

from insvc.adapters.unmanaged import FOLDER, UnmanagedFiles
from insvc.errors import WorldError


def test_a_service_is_left_alone_while_its_file_is_there(tmp_path: Path) -> None:
    files = UnmanagedFiles(tmp_path)
    assert (files.names(), files.changed_at()) == (frozenset(), 0)
    files.write("vim", managed=False)
    assert files.names() == {"vim"}
    assert (tmp_path / FOLDER / "vim.unmanaged").is_file()
    assert files.changed_at() > 0
    files.write("vim", managed=True)
    files.write("vim", managed=True)
    assert files.names() == frozenset()


def test_another_s_file_counts_and_other_files_do_not(tmp_path: Path) -> None:
    files = UnmanagedFiles(tmp_path)
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "nova.api.unmanaged").touch()
    (tmp_path / FOLDER / "vim.managed").touch()
    assert files.names() == {"nova.api"}


def test_a_folder_that_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("no folder")
    with pytest.raises(WorldError) as refusal:
        UnmanagedFiles(tmp_path).write("vim", managed=False)
    assert "vim is managed as before" in refusal.value.reason
