"""Files of procfs are read whole, however long they are."""

import os
from pathlib import Path

import pytest

from insvc.adapters.proc_file import read_at, read_open, read_short_at


@pytest.mark.parametrize("length", [0, 7, (1 << 16) - 1, 1 << 16, (1 << 16) + 1, 300_000])
def test_a_file_of_any_length_is_read_whole(tmp_path: Path, length: int) -> None:
    text = os.urandom(length)
    (tmp_path / "maps").write_bytes(text)
    folder = os.open(tmp_path, os.O_PATH)
    try:
        assert read_at(folder, "maps") == text
        assert read_short_at(folder, "maps") == text
    finally:
        os.close(folder)
    assert read_at(None, str(tmp_path / "maps")) == text


def test_what_is_gone_is_an_error(tmp_path: Path) -> None:
    for read in (read_at, read_short_at):
        with pytest.raises(FileNotFoundError):
            read(None, str(tmp_path / "stat"))


def test_a_file_is_read_from_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"headtail")
    with (tmp_path / "x").open("rb", buffering=0) as file:
        file.seek(4)
        assert read_open(file.fileno()) == b"tail"
