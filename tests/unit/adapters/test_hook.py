"""`insvc.adapters.hook`: hooks put in place below a root of its own."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from insvc.adapters.hook import find_program, install, places, remove
from insvc.errors import InputError, WorldError
from insvc.inspect.hook import HOOKS, HookState


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for hook in HOOKS:
        (tmp_path / "root" / hook.marker).mkdir(parents=True, exist_ok=True)
    return tmp_path / "root"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "bin" / "insvc"
    path.parent.mkdir(mode=0o755)
    path.touch()
    path.chmod(0o755)
    return path


def files(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()
    }


def test_hooks_are_put_in_place_once_and_taken_away(root: Path, program: Path) -> None:
    assert {one.state for one in install(root, program)} == {HookState.ABSENT}
    written = files(root)
    assert written == {hook.path: hook.text(str(program)) for hook in HOOKS}
    modes = {hook.path: (root / hook.path).stat().st_mode & 0o777 for hook in HOOKS}
    assert modes == {hook.path: hook.mode for hook in HOOKS}
    assert {mode for path, mode in modes.items() if path.startswith("etc/")} == {0o644}
    stamps = {name: (root / name).stat().st_ino for name in written}
    assert {one.state for one in install(root, program)} == {HookState.CURRENT}
    assert {name: (root / name).stat().st_ino for name in written} == stamps
    assert {one.state for one in remove(root, program)} == {HookState.CURRENT}
    assert files(root) == {}
    assert {one.state for one in remove(root, program)} == {HookState.ABSENT}


def test_only_package_managers_that_are_there_get_a_hook(tmp_path: Path, program: Path) -> None:
    (tmp_path / "etc/apt").mkdir(parents=True)
    assert [one.hook.manager for one in install(tmp_path, program)] == ["apt"]
    assert list(files(tmp_path / "etc")) == ["apt/apt.conf.d/99insvc"]


def test_a_host_without_any_is_told_so(tmp_path: Path, program: Path) -> None:
    with pytest.raises(WorldError, match="has no package manager that insvc has a hook for"):
        install(tmp_path, program)
    assert remove(tmp_path, program) == ()


def test_a_hook_of_another_version_is_brought_up_to_date(root: Path, program: Path) -> None:
    install(root, program)
    newer = program.with_name("insvc2")
    shutil.copy(program, newer)
    assert {one.state for one in install(root, newer)} == {HookState.OUTDATED}
    assert {one.state for one in places(root, newer)} == {HookState.CURRENT}


@pytest.mark.parametrize("kind", ["text", "link", "folder", "dangling"])
def test_a_place_that_is_taken_stays_as_it_is_and_nothing_is_written(
    root: Path, program: Path, kind: str
) -> None:
    taken = root / HOOKS[-1].path
    taken.parent.mkdir(parents=True)
    if kind == "text":
        taken.write_text("ours, said the other\n")
    elif kind == "folder":
        taken.mkdir()
    else:
        target = program if kind == "link" else root / "nowhere"
        taken.symlink_to(target)
    before = files(root)
    for act in (install, remove):
        with pytest.raises(InputError, match="is not a file that insvc has written"):
            act(root, program)
    assert files(root) == before
    assert os.path.lexists(taken)


def test_a_program_that_others_may_change_is_not_named_to_root(root: Path, program: Path) -> None:
    program.parent.chmod(0o777)
    with pytest.raises(InputError, match="others may change"):
        install(root, program)
    program.parent.chmod(0o755)
    link = program.with_name("link")
    link.symlink_to(program)
    program.chmod(0o775)
    with pytest.raises(InputError, match="others may change"):
        install(root, link)
    assert files(root) == {}


def test_a_program_that_is_not_there_or_oddly_named_is_refused(root: Path, program: Path) -> None:
    with pytest.raises(InputError, match="cannot be run: No such file"):
        install(root, program.with_name("gone"))
    with pytest.raises(InputError, match="is not an absolute path of letters"):
        places(root, Path("bin/insvc"))


def test_what_cannot_be_removed_or_read_is_told(
    root: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(root, program)

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(WorldError, match="cannot be given its permissions: Permission denied"):
        install(root, program.with_name("insvc"))
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(WorldError, match="cannot be removed: Permission denied"):
        remove(root, program)
    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(WorldError, match="cannot be read: Permission denied"):
        places(root, program)


def test_the_program_that_runs_is_the_one_that_is_named(
    program: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert find_program() == program
    monkeypatch.setattr(sys, "argv", ["/usr/bin/pytest"])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(program.parent))
    assert find_program() == program
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(InputError, match="is not installed as a program"):
        find_program()
