"""The adapter of rpm with a program in rpm's place; with rpm itself it is tried in the lab."""

import os
import time
from pathlib import Path

import pytest

from insvc.adapters import rpm
from insvc.adapters.rpm import RpmPackages
from insvc.errors import WorldError

PROGRAM = r"""#!/bin/sh
echo "$*" >> "{asked}"
case "$*" in
    *--nodigest*FILEMODES*) printf 'mylib\t100644\t0\t/opt/a\nmylib\t40755\t0\t/opt/b\n'
        printf 'other\t100644\t0\t/opt/c\n';;
    *-qa*) cat "{all}";;
    *-qf*/opt/a) printf '\tmylib\n';;
    *-qf*) echo "file $4 is not owned by any package"; exit 1;;
    *-Uv*) echo "env $HOME $LC_ALL"; echo "mylib-1-1 is broken" >&2; exit {status};;
esac
"""


class Standin:
    """A program that answers as rpm did on a host, and keeps what it was asked."""

    def __init__(self, folder: Path, *, status: int = 0) -> None:
        self.root = folder / "root"
        self.database = self.root / "var/lib/rpm/rpmdb.sqlite"
        self.database.parent.mkdir(parents=True)
        self.database.touch()
        os.utime(self.database, (1000, 1000))
        self._asked, self.all = folder / "asked", folder / "all"
        self.all.write_text("mylib\t2:1-1\t900\nother\t1-1\t800\n", "utf-8")
        program = folder / "rpm"
        text = PROGRAM.replace("{asked}", str(self._asked)).replace("{all}", str(self.all))
        program.write_text(text.replace("{status}", str(status)), "utf-8")
        program.chmod(0o755)
        self.packages = RpmPackages(self.root, (str(program),))

    def asked(self, word: str) -> int:
        """How often it was asked something with that word."""
        text = self._asked.read_text("utf-8") if self._asked.exists() else ""
        return sum(word in line for line in text.splitlines())


@pytest.fixture
def standin(tmp_path: Path) -> Standin:
    return Standin(tmp_path)


def test_answers_are_kept_until_the_database_is_written_to(standin: Standin) -> None:
    for _ in range(2):
        assert standin.packages.installed() == {"mylib": "2:1-1", "other": "1-1"}
        assert standin.packages.owner("/opt/a") == "mylib"
    assert (standin.asked("-qa"), standin.asked("-qf --qf")) == (1, 1)
    standin.all.write_text("mylib\t2:1-2\t2000\n", "utf-8")
    os.utime(standin.database, (2000, 2000))
    assert standin.packages.installed() == {"mylib": "2:1-2"}
    assert standin.packages.owner("/opt/a") == "mylib"
    assert (standin.asked("-qa"), standin.asked("-qf --qf")) == (2, 2)


def test_files_are_told_apart_from_folders_and_paths_of_nobody_have_no_owner(
    standin: Standin,
) -> None:
    assert standin.packages.files("mylib") == ("/opt/a",)
    assert standin.packages.paths("mylib") == {"/opt/a", "/opt/b"}
    assert standin.packages.files("none") == ()
    assert standin.packages.owner("/opt/none") is None
    assert standin.packages.owner("relative/opt/a") is None
    assert (standin.packages.installed_at("mylib"), standin.packages.installed_at("x")) == (
        900,
        None,
    )


def test_rpm_is_not_asked_what_changed_where_its_database_is_older(standin: Standin) -> None:
    assert standin.packages.changed_since(1000.0) == {}
    assert standin.asked("-qa") == 0
    assert standin.packages.changed_since(850.0) == {"mylib": 900.0}


def test_the_files_of_all_that_changed_are_asked_for_in_one_call(standin: Standin) -> None:
    changed = standin.packages.changed_since(0.0)
    assert {name: standin.packages.paths(name) for name in changed} == {
        "mylib": {"/opt/a", "/opt/b"},
        "other": {"/opt/c"},
    }
    assert standin.asked("FILEMODES") == 1


def test_without_records_the_version_is_known_since_the_installation(standin: Standin) -> None:
    assert standin.packages.version_at("mylib", 950.0) == "2:1-1"
    assert standin.packages.version_at("mylib", 850.0) is None


def test_a_file_of_the_host_has_a_time_and_a_missing_one_has_none(standin: Standin) -> None:
    (standin.root / "a").touch()
    found = standin.packages.changed_at("/a")
    assert found is not None
    assert abs(found - time.time()) < 60
    assert standin.packages.changed_at("/b") is None


def test_an_installation_is_told_and_a_refusal_holds_the_words_of_rpm(tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    good = Standin(tmp_path / "good").packages
    assert good.install(["/x.rpm"]).startswith("env /nonexistent C.UTF-8")
    assert good.install([]) == ""
    (tmp_path / "bad").mkdir()
    with pytest.raises(WorldError, match=r"ended with 3, expected 0: (?s:.)*mylib-1-1 is broken"):
        Standin(tmp_path / "bad", status=3).packages.install(["/x.rpm"])


def test_a_host_without_a_database_is_refused(tmp_path: Path) -> None:
    assert not RpmPackages.is_on(tmp_path)
    with pytest.raises(WorldError, match="no rpm database is there"):
        RpmPackages(tmp_path).installed()


def test_an_rpm_that_fails_hangs_or_is_gone_is_told_of(
    standin: Standin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert RpmPackages.is_on(standin.root)
    with pytest.raises(WorldError, match="rpm ended with 1"):
        RpmPackages(standin.root, ("/bin/false",)).installed()
    with pytest.raises(WorldError, match="rpm cannot be run: No such file"):
        RpmPackages(standin.root, (str(tmp_path / "gone"),)).installed()
    monkeypatch.setattr(rpm, "_ANSWER_S", 0.05)
    with pytest.raises(WorldError, match="no answer within"):
        RpmPackages(standin.root, ("/bin/sh", "-c", "exec sleep 9")).installed()


def test_its_own_rpm_is_told_of_another_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rpm, "_PROGRAM", ("/bin/echo",))
    assert RpmPackages(tmp_path).install(["/x"]).startswith(f"--root={tmp_path} -Uv")
    assert RpmPackages().install(["/x"]).startswith("-Uv --oldpackage")
