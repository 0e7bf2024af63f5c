"""`tools/mutant_trial.py`: which code a mutant changes, and that the tests are tried on each."""

import json
import os
import time
from pathlib import Path

import pytest

from tools.mutant_trial import Told, Trial, changes, forked
from tools.mutants import mutants

MODULE = """
LIMIT = 3


def limits():
    return [LIMIT > 2]


LIMITS = limits()


class Box:
    size = 1

    def is_full(self, held):
        return held >= self.size


def quiet(value):
    return value + 1 if value else 1


def told():
    return LIMITS
"""
TESTS = """
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from boxes import Box, quiet, told


def test_full():
    assert Box().is_full(1) and not Box().is_full(0)


def test_quiet():
    assert quiet(0) == 1


def test_told():
    assert told()
"""


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ("held >=", "held >", ["Box.is_full"]),
        ("return LIMITS", "return None", ["told"]),
        ("size = 1", "size = 2", None),
        ("LIMIT = 3", "LIMIT = 4", None),
        ("def told", "def tell", None),
        ("nothing", "nothing", None),
    ],
)
def test_only_what_runs_after_the_import_can_be_exchanged(
    before: str, after: str, names: list[str] | None
) -> None:
    plain = compile(MODULE, "boxes.py", "exec")
    found = changes(plain, compile(MODULE.replace(before, after), "boxes.py", "exec"))
    assert (found if found is None else [name for name, _ in found]) == names


def test_a_function_with_other_names_from_outside_cannot_be_exchanged() -> None:
    outer = "class A:\n    def f(self):\n        return {}\n"
    plain = compile(outer.format("super().f()"), "a.py", "exec")
    assert changes(plain, compile(outer.format("self.f()"), "a.py", "exec")) is None


def test_a_child_is_heard_and_one_that_dies_or_hangs_is_noticed() -> None:
    def die(_told: Told) -> None:
        os._exit(3)

    def hang(told: Told) -> None:
        told("so far")
        time.sleep(600.0)

    assert forked(lambda told: told("caught")) == "caught"
    assert forked(lambda _told: None) == ""
    assert forked(die) == "the process ended"
    assert forked(hang, patience_s=0.05) == "so far"


def test_each_mutant_meets_the_tests_in_memory_or_is_left_for_a_process_of_its_own(
    tmp_path: Path,
) -> None:
    module, tests = tmp_path / "boxes.py", tmp_path / "test_boxes.py"
    module.write_text(MODULE, encoding="utf-8")
    tests.write_text(TESTS, encoding="utf-8")
    trial = Trial(module, list(mutants(MODULE)), {})
    options = ["-q", "-x", "-c", os.devnull, "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]

    def run(told: Told) -> None:
        pytest.main([*options, "--rootdir", str(tmp_path), str(tests)], plugins=[trial])
        told(json.dumps([trial.fault, trial.ends]))

    fault, ends = json.loads(forked(run))
    caught = {name: test.partition("::")[2] for name, test in ends.items()}
    assert fault == ""
    assert caught["Box.is_full: held >= self.size -> held > self.size"] == "test_full"
    assert caught["quiet: value + 1 -> value - 1"] == ""
    assert caught["told: return LIMITS -> return None"] == "test_told"
    assert "limits: LIMIT > 2 -> LIMIT >= 2" not in caught
    assert "module: 3 -> 4" not in caught
