"""`tools/run_tests.py`: two halves of the tests side by side."""

import sys
from pathlib import Path

import pytest

from tools.run_tests import THINKS, WAITS, command, run


def ends(code: int, said: str = "") -> list[str]:
    """A program that says something and ends so."""
    return [sys.executable, "-c", f"import sys; print({said!r}); sys.exit({code})"]


@pytest.mark.parametrize(("first", "second", "code"), [(0, 0, 0), (3, 0, 3), (0, 4, 4), (3, 4, 3)])
def test_it_is_well_only_where_both_halves_are(first: int, second: int, code: int) -> None:
    assert run(ends(first), ends(second)) == code


def test_what_the_second_half_says_comes_last(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    run(ends(0, "first"), ends(1, "second"))
    assert capfdbinary.readouterr().out == b"first\nsecond\n"


def test_every_folder_of_tests_is_in_one_half() -> None:
    folders = {f"tests/{one.parts[0]}" for one in _tests() if len(one.parts) > 1}
    assert folders == {*THINKS, *WAITS}
    assert all(one in command(THINKS) for one in THINKS)


def _tests() -> list[Path]:
    root = Path(__file__).parent.parent
    return [one.relative_to(root) for one in root.rglob("test_*.py")]
