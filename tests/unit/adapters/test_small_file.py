"""Small files of others."""

import os
from pathlib import Path

import pytest

from insvc.adapters.small_file import read_small


def test_the_text_of_a_file_comes_whole(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a\r\nb\xff")
    assert read_small(tmp_path / "x") == "a\r\nb\udcff"


def test_a_file_beyond_the_bound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12345")
    assert read_small(tmp_path / "x", 5) == "12345"
    with pytest.raises(OSError, match="is larger than 4 bytes"):
        read_small(tmp_path / "x", 4)


def test_a_pipe_without_a_writer_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x")
    with pytest.raises(OSError, match="is no regular file"):
        read_small(tmp_path / "x")


def test_what_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_small(tmp_path / "x")
