"""Imports followed through files."""

from pathlib import Path

import pytest

from insvc.adapters import closure
from insvc.adapters.closure import Closure
from insvc.adapters.source_files import SourceFiles
from insvc.inspect.imports import Import
from insvc.inspect.programs import Language


def put(root: Path, **texts: str) -> None:
    """Files of a root; two underscores stand for a slash."""
    for name, text in texts.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_what_is_imported_on_every_way_is_reached(tmp_path: Path) -> None:
    put(
        tmp_path,
        app__main="import part\ndef f():\n    import late\n",
        app__part="import shared\n",
        app__late="import deep\n",
        app__deep="import part\n",
        usr__lib__py__shared="import other\n",
        usr__lib__py__other="import shared\n",
        usr__lib__py__first="",
        app__unused="",
    )
    follow = Closure(SourceFiles(str(tmp_path)), Language.PYTHON, ("/usr/lib/py",))
    for _ in range(2):
        found, is_cut = follow.reach("/app/main.py", [Import("first", is_sure=True)], ("/app",))
        assert found == {
            "/usr/lib/py/first.py": True,
            "/app/part.py": True,
            "/usr/lib/py/shared.py": True,
            "/usr/lib/py/other.py": True,
            "/app/late.py": False,
            "/app/deep.py": False,
        }
        assert not is_cut


def test_a_packaged_program_reaches_what_is_in_its_own_folders(tmp_path: Path) -> None:
    put(
        tmp_path,
        usr__share__app__main="import part\n",
        usr__share__app__part="import deep, shared\n",
        usr__share__app__deep="",
        usr__lib__py__shared="import deep\n",
    )
    follow = Closure(SourceFiles(str(tmp_path)), Language.PYTHON, ("/usr/lib/py",))
    expected = {"/usr/share/app/part.py", "/usr/share/app/deep.py", "/usr/lib/py/shared.py"}
    for script in ("/usr/share/app/main.py", "/usr/bin/main.py"):
        put(tmp_path, usr__bin__main="import part\n")
        found, _ = follow.reach(script, [], ("/usr/share/app",))
        assert set(found) == expected


def test_relative_imports_lie_beside_their_file(tmp_path: Path) -> None:
    put(tmp_path, usr__lib__py__pack__one="from . import two\n", usr__lib__py__pack__two="")
    follow = Closure(SourceFiles(str(tmp_path)), Language.PYTHON, ("/usr/lib/py",))
    found, _ = follow.reach("/usr/lib/py/pack/one.py", [], ())
    assert found == {"/usr/lib/py/pack/two.py": True}


def test_following_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closure, "_MOST", 1)
    put(tmp_path, app__main="import a, b\n", app__a="", app__b="")
    follow = Closure(SourceFiles(str(tmp_path)), Language.PYTHON, ())
    assert follow.reach("/app/main.py", [], ("/app",)) == ({"/app/a.py": True}, True)
