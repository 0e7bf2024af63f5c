"""`insvc hook`: what is said and written."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from insvc.adapters.remember import Remembered, remember
from insvc.cli.main import insvc
from insvc.inspect.hook import REMEMBER_LIMIT_S
from tests.fakes.proc_tree import ProcTree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("etc/apt", "etc/dnf/plugins"):
        (tmp_path / "root" / name).mkdir(parents=True)
    program = tmp_path / "insvc"
    program.touch()
    program.chmod(0o755)
    return tmp_path / "root"


def call(root: Path, *words: str) -> str:
    given = ["--root", str(root), "--program", str(root.parent / "insvc")]
    done = CliRunner().invoke(insvc, ["hook", *words, *given], standalone_mode=False)
    assert done.exception is None, done.output
    return done.output


def test_hooks_are_installed_shown_and_removed(root: Path) -> None:
    said = call(root, "install")
    assert f"{root}/etc/apt/apt.conf.d/99insvc: written" in said
    assert "dnf reads it where python3-dnf-plugin-post-transaction-actions is installed" in said
    assert "is there already" in call(root, "install")
    shown = call(root, "show")
    assert "99insvc: there\n" in shown
    assert "DPkg::Post-Invoke" in shown
    assert "DPkg::Pre-Invoke" in shown
    assert "99insvc: removed" in call(root, "remove")
    assert "99insvc: was not there" in call(root, "remove")
    assert "99insvc: not there" in call(root, "show")


def test_the_same_as_json(root: Path) -> None:
    rows = json.loads(call(root, "install", "--json"))["hooks"]
    assert [(row["manager"], row["was"]) for row in rows] == [
        ("apt", "absent"),
        ("dnf", "absent"),
        ("dnf", "absent"),
    ]
    assert json.loads(call(root, "show", "--json"))["hooks"][0]["was"] == "current"


def test_a_host_without_a_package_manager_has_nothing_to_show(tmp_path: Path) -> None:
    (tmp_path / "insvc").touch()
    (tmp_path / "root").mkdir()
    assert call(tmp_path / "root", "show").startswith("no package manager here")


def test_sources_are_remembered_in_the_machines_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = ProcTree(tmp_path / "proc")

    def limited(path: Path, *, limit_s: float) -> Remembered:
        assert 0 < limit_s < REMEMBER_LIMIT_S
        return remember(path, limit_s=limit_s, proc=tree.path)

    monkeypatch.setattr("insvc.cli.hook.host_directory", lambda: tmp_path / "state")
    monkeypatch.setattr("insvc.adapters.remember.remember", limited)
    path = tmp_path / "state/sources.json"
    done = CliRunner().invoke(insvc, ["hook", "remember"], standalone_mode=False)
    assert done.output == f"{path}: 0 files of 0 processes are remembered\n"
    told = CliRunner().invoke(insvc, ["hook", "remember", "--json"], standalone_mode=False)
    assert json.loads(told.output)["remembered"] == {
        "path": str(path), "files": 0, "programs": 0, "left_out": 0
    }  # fmt: skip
    assert path.is_file()


def test_what_was_left_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "insvc.adapters.remember.remember",
        lambda *_, **__: Remembered(files=1, programs=2, left_out=3),
    )
    done = CliRunner().invoke(insvc, ["hook", "remember"], standalone_mode=False)
    assert "3 processes were left out" in done.output
