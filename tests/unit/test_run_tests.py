"""`tools/run_tests.py`: the parts of the tests side by side."""

import sys
from pathlib import Path

import pytest

from tools.run_tests import PARTS, THINKS, command, run

ROOT = Path(__file__).parent.parent.parent


def ends(code: int, said: str = "") -> list[str]:
    """A program that says something and ends so."""
    return [sys.executable, "-c", f"import sys; print({said!r}); sys.exit({code})"]


@pytest.mark.parametrize(
    ("first", "others", "code"),
    [(0, [0, 0], 0), (3, [0, 0], 3), (0, [4, 0], 4), (0, [0, 5], 5), (3, [4, 5], 3)],
)
def test_it_is_well_only_where_all_parts_are(first: int, others: list[int], code: int) -> None:
    assert run(ends(first), [ends(one) for one in others]) == code


def test_what_the_other_parts_say_comes_last(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    run(ends(0, "first"), [ends(1, "second"), ends(0, "third")])
    first, *others = capfdbinary.readouterr().out.split()
    assert first == b"first"
    assert sorted(others) == [b"second", b"third"]


def test_every_test_is_in_one_part() -> None:
    assert all(one in command(THINKS) for one in THINKS)
    for path in (ROOT / "tests").rglob("test_*.py"):
        folders = {str(one.relative_to(ROOT)) for one in path.parents if one.is_relative_to(ROOT)}
        assert sum(len(folders.intersection(part)) for part in PARTS) == 1, path
