"""Replaced scripts and modules of processes that an interpreter runs."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.examiner import Examiner
from insvc.adapters.interpreted import Interpreted
from insvc.adapters.procfs import booted_at
from insvc.adapters.remembered import SourceMemory, look
from insvc.adapters.sweep import Sweep
from insvc.adapters.upgrades import Upgrades
from insvc.inspect.evidence import Finding
from insvc.model.words import EvidenceKind
from tests.fakes.packages import FakePackage, FakePackages
from tests.fakes.proc_tree import ProcTree, maps_line, ticks_ago


class Stage:
    """A procfs with interpreters, and an application's folder.

    Attributes:
        app: the folder.
        packages: the package database, where there is one.
        memory: what source files held earlier, where something is remembered.
    """

    has_database = True

    def __init__(self, folder: Path) -> None:
        self.tree = ProcTree(folder / "proc")
        self.app = folder / "app"
        self.app.mkdir()
        self.bin = folder / "usr/bin"
        self.bin.mkdir(parents=True)
        self.packages = FakePackages(now=time.time)
        self._pid = 6
        self.memory: Callable[[], SourceMemory] | None = None

    def run(self, *command: str, name: str = "python3.11", age_s: float = 60.0) -> int:
        """A process that was started so long ago."""
        program = self.bin / name
        program.touch()
        self._pid += 1
        folder = self.tree.add(
            self._pid,
            maps=[maps_line(program)],
            start_ticks=ticks_ago(age_s),
            command=command,
        )
        (folder / "cwd").unlink()
        (folder / "cwd").symlink_to(self.app)
        (folder / "environ").write_bytes(f"PYTHONPATH={self.app}/more\0".encode())
        return self._pid

    def findings(self, pid: int) -> tuple[Finding, ...]:
        """The signs in that process."""
        with Sweep(self.tree.path, booted_at()) as sweep:
            seen = sweep.look()
            examiner = Examiner(
                sweep, seen, self.packages if self.has_database else None, self.memory
            )
            found = {one.pid: examiner.findings(one) for one in seen}
            assert examiner.faults == ()
        return tuple(
            one for one in found[pid] if one.evidence.kind is not EvidenceKind.MAPPING_REPLACED
        )


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A stage on which no folder of the test is temporary."""
    monkeypatch.setattr("insvc.inspect.maps._TEMPORARY_FOLDERS", ("/dev/",))
    return Stage(tmp_path)


def kinds(findings: tuple[Finding, ...]) -> list[tuple[EvidenceKind, str, bool]]:
    """Kind, name of the file and weight of each."""
    return [
        (one.evidence.kind, one.evidence.subject.rpartition("/")[2], one.is_proof)
        for one in findings
    ]


def test_a_script_written_after_the_start_is_stale(stage: Stage) -> None:
    (stage.app / "serve.py").write_text("pass")
    pid = stage.run("python3", "serve.py")
    assert kinds(stage.findings(pid)) == [(EvidenceKind.SCRIPT_REPLACED, "serve.py", True)]


def test_a_script_older_than_the_process_is_current(stage: Stage) -> None:
    (stage.app / "serve.py").write_text("pass")
    assert stage.findings(stage.run("python3", "serve.py", age_s=-60.0)) == ()


def test_a_script_that_a_package_brought_is_told_with_its_versions(stage: Stage) -> None:
    script = stage.app / "serve.py"
    script.write_text("pass")
    os.utime(script, (9e8, 9e8))
    pid = stage.run("python3", str(script))
    assert kinds(stage.findings(pid)) == [(EvidenceKind.SCRIPT_REPLACED, "serve.py", False)]
    stage.packages.archive["/a"] = FakePackage(name="app", version="2", files=(str(script),))
    stage.packages.install(["/a"])
    script_found, package = stage.findings(pid)
    assert script_found.is_proof
    assert (package.evidence.kind, package.evidence.expected) == (EvidenceKind.PACKAGE_NEWER, "2")


def test_a_script_put_there_again_with_equal_content_is_current_where_remembered(
    stage: Stage, tmp_path: Path
) -> None:
    script = stage.app / "serve.py"
    script.write_text("pass")
    os.utime(script, (9e8, 9e8))
    pid = stage.run("python3", str(script))
    now = look(str(script), seen_at=time.time())
    assert now is not None
    stage.memory = lambda: SourceMemory(tmp_path / "sources.json")
    stage.memory().replace([replace(now, inode=1, changed_ns=now.changed_ns - 120 * 10**9)])
    assert stage.findings(pid) == ()
    script.write_text("other")
    os.utime(script, (9e8, 9e8))
    assert kinds(stage.findings(pid)) == [(EvidenceKind.SCRIPT_REPLACED, "serve.py", True)]


def test_a_module_that_is_surely_imported_is_stale_and_another_is_not(stage: Stage) -> None:
    script = stage.app / "serve.py"
    script.write_text("import part\ndef f():\n    import late\n")
    for name in ("part", "late", "unused"):
        (stage.app / f"{name}.py").touch()
    pid = stage.run("python3", "-u", str(script))
    found = sorted(kinds(stage.findings(pid)), key=lambda one: one[1])
    assert found == [
        (EvidenceKind.MODULE_REPLACED, "late.py", False),
        (EvidenceKind.MODULE_REPLACED, "part.py", True),
        (EvidenceKind.SCRIPT_REPLACED, "serve.py", True),
    ]


def test_a_module_run_by_name_is_found_by_the_environment(stage: Stage) -> None:
    package = stage.app / "more/served"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").touch()
    pid = stage.run("python3", "-m", "served")
    assert {name for _, name, _ in kinds(stage.findings(pid))} == {"__init__.py", "__main__.py"}


def test_processes_of_one_command_share_what_was_learnt(stage: Stage) -> None:
    (stage.app / "serve.py").write_text("import part")
    (stage.app / "part.py").touch()
    pids = [stage.run("python3", "serve.py") for _ in range(2)]
    assert len({len(stage.findings(pid)) for pid in pids}) == 1


def test_a_perl_script_loads_from_the_folders_it_is_told(stage: Stage) -> None:
    (stage.app / "serve.pl").write_text("use Part;\n")
    (stage.app / "lib").mkdir()
    (stage.app / "lib/Part.pm").touch()
    pid = stage.run("perl", f"-I{stage.app}/lib", "serve.pl", name="perl")
    assert [name for _, name, _ in kinds(stage.findings(pid))] == ["serve.pl", "Part.pm"]


def test_a_shell_script_has_no_modules(stage: Stage) -> None:
    (stage.app / "serve.sh").touch()
    pid = stage.run("sh", "serve.sh", name="dash")
    assert [name for _, name, _ in kinds(stage.findings(pid))] == ["serve.sh"]


def test_a_script_that_is_gone_counts_where_programs_are_installed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = stage.run("python3", "serve.py")
    assert stage.findings(pid) == ()
    monkeypatch.setattr("insvc.adapters.interpreted.SYSTEM_FOLDERS", (f"{stage.app}/",))
    (found,) = stage.findings(pid)
    assert found.evidence.expected == "no file"


def test_java_is_judged_by_the_archives_it_holds(stage: Stage) -> None:
    pid = stage.run("java", "-jar", "a.jar", name="java")
    (stage.tree.path / f"{pid}/fd").mkdir()
    (stage.tree.path / f"{pid}/fd/3").symlink_to(stage.app / "a.jar (deleted)")
    (stage.app / "a.jar (deleted)").touch()
    assert [name for _, name, _ in kinds(stage.findings(pid))] == ["a.jar"]


def test_packaged_modules_are_known_by_their_packages_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insvc.adapters.interpreted.is_packaged", lambda _: True)
    (stage.app / "serve.py").write_text("import part")
    (stage.app / "part.py").touch()
    pid = stage.run("python3", "serve.py")
    assert [name for _, name, _ in kinds(stage.findings(pid))] == ["serve.py"]
    files = (str(stage.app / "part.py"), str(stage.app / "gone.py"), "/elsewhere.py")
    stage.packages.archive["/a"] = FakePackage(name="app", version="2", files=files)
    stage.packages.install(["/a"])
    assert "part.py" in [name for _, name, _ in kinds(stage.findings(pid))]


def test_where_no_package_database_tells_of_changes_the_modules_themselves_do(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insvc.adapters.interpreted.is_packaged", lambda _: True)
    stage.has_database = False
    (stage.app / "serve.py").write_text("import part")
    (stage.app / "part.py").touch()
    pid = stage.run("python3", "serve.py")
    assert "part.py" in [name for _, name, _ in kinds(stage.findings(pid))]


def test_no_interpreter_no_arguments_no_signs(stage: Stage) -> None:
    pid = stage.run("daemon", name="daemon")
    silent = stage.run()
    assert stage.findings(pid) == stage.findings(silent) == ()


def test_a_program_that_loads_too_much_is_told_of(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insvc.adapters.closure._MOST", 1)
    (stage.app / "serve.py").write_text("import a, b")
    for name in ("a", "b"):
        (stage.app / f"{name}.py").touch()
    pid = stage.run("python3", "serve.py")
    with Sweep(stage.tree.path, booted_at()) as sweep:
        (seen,) = sweep.look([pid])
        interpreted = Interpreted(sweep, Upgrades(None, 0.0), 0.0)
        interpreted.findings(seen)
    assert "more files than were looked at" in interpreted.faults[0]
