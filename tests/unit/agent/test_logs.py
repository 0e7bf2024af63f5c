"""Log files that are kept short while they are written."""

import os
from pathlib import Path

import pytest

from insvc.agent.logs import LogKeeper, cut
from tests.fakes.host_folder import until


def test_what_has_outgrown_its_limit_is_cut_and_its_end_is_kept(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"old" + b"new" * 10)
    (tmp_path / "y.log").write_bytes(b"short")
    keeper = LogKeeper(tmp_path, limit_bytes=30)
    assert keeper.look() == ("x.log",)
    assert (tmp_path / "x.log").read_bytes() == b""
    assert (tmp_path / "x.log.1").read_bytes() == b"new" * 10
    assert (tmp_path / "y.log").read_bytes() == b"short"
    assert keeper.look() == ()


def test_who_writes_on_writes_at_the_new_end(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    with path.open("ab", buffering=0) as writer:
        writer.write(b"a" * 100)
        assert cut(path, 10)
        writer.write(b"after")
    assert path.read_bytes() == b"after"
    assert (tmp_path / "x.log.1").read_bytes() == b"a" * 10


def test_a_later_cut_takes_the_place_of_the_earlier(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    for text in (b"first, and longer", b"second"):
        path.write_bytes(text)
        cut(path, 100)
    assert (tmp_path / "x.log.1").read_bytes() == b"second"


def test_only_log_files_that_are_here_are_cut(tmp_path: Path) -> None:
    outside, folder = tmp_path / "precious", tmp_path / "log"
    outside.write_bytes(b"p" * 100)
    folder.mkdir()
    (folder / "x.log").symlink_to(outside)
    (folder / "x.txt").write_bytes(b"t" * 100)
    (folder / "y.log").mkdir()
    assert LogKeeper(folder, limit_bytes=10).look() == ()
    assert not cut(folder / "x.log", 10)
    assert outside.read_bytes() == b"p" * 100


def test_without_room_for_the_end_the_file_is_emptied_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"a" * 100)
    (tmp_path / "x.log.1").mkdir()
    assert cut(path, 10)
    assert path.read_bytes() == b""


def test_a_folder_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    assert LogKeeper(tmp_path / "log").look() == ()


def test_a_file_that_goes_away_meanwhile_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.log").write_bytes(b"a" * 100)

    class Vanishing:
        name = "x.log"

        def is_file(self, *, follow_symlinks: bool) -> bool:
            raise FileNotFoundError(follow_symlinks)

    class Entries:
        def __enter__(self) -> list[Vanishing]:
            return [Vanishing()]

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr(os, "scandir", lambda _: Entries())
    assert LogKeeper(tmp_path, limit_bytes=1).look() == ()


def test_in_a_thread_it_looks_again_and_again_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    keeper = LogKeeper(tmp_path, limit_bytes=10, look_s=0.001)
    keeper.start()
    try:
        for _ in range(2):
            path.write_bytes(b"a" * 100)
            until(lambda: path.stat().st_size == 0)
    finally:
        keeper.close()
    path.write_bytes(b"a" * 100)
    assert path.stat().st_size == 100


def test_a_folder_that_is_none_now_is_looked_at_again_later(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.write_text("in the way")
    keeper = LogKeeper(folder, limit_bytes=10)
    assert keeper.look() == ()
    folder.unlink()
    folder.mkdir()
    (folder / "x.log").write_bytes(b"x" * 20)
    assert keeper.look() == ("x.log",)
