"""All signs of one process together."""

from pathlib import Path

from insvc.adapters.examiner import Examiner
from insvc.adapters.procfs import booted_at
from insvc.adapters.sweep import Sweep
from tests.fakes.packages import FakePackages
from tests.fakes.proc_tree import ProcTree


def test_a_machine_on_which_nothing_was_replaced_has_no_signs(tmp_path: Path) -> None:
    tree = ProcTree(tmp_path / "proc")
    tree.add(7)
    with Sweep(tree.path, booted_at()) as sweep:
        seen = sweep.look()
        examiner = Examiner(sweep, seen, None)
        assert [examiner.findings(one) for one in seen] == [(), ()]
        assert examiner.faults == ()


def test_a_database_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    tree = ProcTree(tmp_path / "proc")
    packages = FakePackages()
    packages.is_readable = False
    with Sweep(tree.path, booted_at()) as sweep:
        examiner = Examiner(sweep, sweep.look(), packages)
        assert examiner.upgrades.installed == {}
        assert examiner.faults == ("/: its database cannot be read",)
