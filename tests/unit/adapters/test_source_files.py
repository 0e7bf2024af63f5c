"""Source files of one root, read within bounds."""

import os
from pathlib import Path

import pytest

from insvc.adapters import source_files
from insvc.adapters.source_files import SourceFiles


def test_paths_begin_at_the_root(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import b")
    files = SourceFiles(str(tmp_path))
    assert files.text("/a.py") == "import b"
    times = files.times("/a.py")
    assert times is not None
    assert times.written_at == (tmp_path / "a.py").stat().st_mtime


def test_only_regular_files_of_some_size_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b" " * (1 << 21))
    files = SourceFiles(str(tmp_path))
    assert [files.text(path) for path in ("/pipe", "/large", "/none", "/a\0")] == [""] * 4
    assert [files.times(path) for path in ("/pipe", "/none", "/a\0")] == [None] * 3


def test_folders_that_fit_a_pattern_are_found(tmp_path: Path) -> None:
    (tmp_path / "lib/x/perl").mkdir(parents=True)
    (tmp_path / "lib/y").mkdir()
    files = SourceFiles(str(tmp_path))
    assert files.folders("/lib/*/perl") == ["/lib/x/perl"]
    assert files.folders("/lib/y") == ["/lib/y"]
    assert files.folders("/none") == []


def test_changed_files_below_a_folder_are_found(tmp_path: Path) -> None:
    (tmp_path / "app/part").mkdir(parents=True)
    (tmp_path / "app/__pycache__").mkdir()
    for name in ("app/a.py", "app/part/b.py", "app/part/c.txt", "app/__pycache__/d.py"):
        (tmp_path / name).touch()
    files = SourceFiles(str(tmp_path))
    assert sorted(files.changed_below("/app", (".py",), 0.0)) == ["/app/a.py", "/app/part/b.py"]
    later = (tmp_path / "app/a.py").stat().st_ctime + 100
    assert SourceFiles(str(tmp_path)).changed_below("/app", (".py",), later) == {}
    assert files.changed_below("/none", (".py",), 0.0) == {}


def test_a_folder_of_libraries_that_did_not_change_is_not_looked_into(tmp_path: Path) -> None:
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "a.py").touch()
    files = SourceFiles(str(tmp_path))
    assert list(files.changed_below("/site-packages", (".py",), 0.0)) == ["/site-packages/a.py"]
    later = library.stat().st_ctime + 100
    assert SourceFiles(str(tmp_path)).changed_below("/site-packages", (".py",), later) == {}
    assert files.changed_below("/none/site-packages", (".py",), 0.0) == {}


def test_too_many_files_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_files, "_MOST", 1)
    (tmp_path / "a.py").touch()
    (tmp_path / "b.py").touch()
    files = SourceFiles()
    assert files.changed_below(str(tmp_path), (".py",), 0.0) == {}
    assert "more than 1 files" in files.faults[0]
