"""`insvc.adapters.inotify`: the kernel tells of every kind of change in a folder."""

import resource
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.inotify import FolderWatch
from insvc.errors import WorldError


@pytest.fixture
def watch() -> Iterator[FolderWatch]:
    made = FolderWatch()
    yield made
    made.close()


def has_told(watch: FolderWatch) -> bool:
    """Whether a change was told within a generous time."""
    return bool(select.select([watch.fd], [], [], 20.0)[0]) and watch.drain()


def test_files_that_come_change_move_and_go_are_told(watch: FolderWatch, tmp_path: Path) -> None:
    assert watch.add(tmp_path)
    assert not watch.drain()
    path = tmp_path / "x"
    path.write_text("a")
    assert has_told(watch)
    path.write_text("b")
    assert has_told(watch)
    path.rename(tmp_path / "y")
    assert has_told(watch)
    (tmp_path / "y").unlink()
    assert has_told(watch)
    assert not watch.drain()


def test_a_folder_that_comes_later_is_watched_once_it_is_asked_for_again(
    watch: FolderWatch, tmp_path: Path
) -> None:
    folder = tmp_path / "late"
    assert not watch.add(folder)
    folder.mkdir()
    assert watch.add(folder)
    assert watch.add(folder)
    (folder / "x").touch()
    assert has_told(watch)


def test_what_is_no_folder_is_not_watched(watch: FolderWatch, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    assert not watch.add(path)


def test_where_the_kernel_gives_none_that_is_told() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        with pytest.raises(WorldError, match="inotify: cannot be had"):
            FolderWatch()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
