"""`docs/lessons.md`: every bug that it tells of is held off by a test that exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8").splitlines()
ROWS = {int(found[1]): line for line in LINES if (found := re.match(r"\| (\d+) \|", line))}
ASKED_FOR = (*range(3, 25), 45, 48)
_TEST = re.compile(r"`((?:tests|lab)/[\w/]+\.py)::(\w+)`")


def functions(path: Path) -> set[str]:
    """Names of all functions of a module, wherever they are in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_every_bug_that_could_be_ours_is_told() -> None:
    assert tuple(sorted(ROWS)) == ASKED_FOR


@pytest.mark.parametrize("number", ASKED_FOR)
def test_a_bug_is_told_with_what_we_do_instead_and_a_test_that_exists(number: int) -> None:
    cells = [cell.strip() for cell in ROWS[number].strip("|").split("|")]
    assert len(cells) == 4
    assert min(map(len, cells[1:])) > 20
    named = _TEST.findall(cells[3])
    assert named, f"row {number} names no test"
    for path, name in named:
        assert (ROOT / path).is_file(), f"{path} is not there"
        assert name.startswith("test_") or path.startswith("tests/harness/")
        assert name in functions(ROOT / path), f"{path} has no {name}"
