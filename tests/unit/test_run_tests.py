"""`tools/run_tests.py`: the parts of the tests side by side."""

import sys
from pathlib import Path

import pytest

from tools import run_tests
from tools.run_tests import MOST_AGAIN, PARTS, THINKS, command, failed_in, main, once_more, run

ROOT = Path(__file__).parent.parent.parent


def ends(code: int, said: str = "") -> list[str]:
    """A program that says something and ends so."""
    return [sys.executable, "-c", f"import sys; print({said!r}); sys.exit({code})"]


@pytest.mark.parametrize(
    ("codes", "code"),
    [([0, 0, 0], 0), ([3, 0, 0], 3), ([0, 4, 0], 4), ([0, 0, 5], 5), ([3, 4, 5], 3)],
)
def test_it_is_well_only_where_all_parts_are(
    codes: list[int], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = {part[0]: ends(one) for part, one in zip(PARTS, codes, strict=True)}
    monkeypatch.setattr(run_tests, "command", lambda part, *_: programs[part[0]])
    assert main() == code


def test_a_few_that_failed_beside_others_are_run_once_more_and_named() -> None:
    assert once_more(1, ["a", "b"], lambda: 0) == (0, ["a", "b"])
    assert once_more(1, ["a", "b"], lambda: 1) == (1, [])


@pytest.mark.parametrize(
    ("code", "count"), [(0, 0), (1, 0), (1, MOST_AGAIN + 1), (2, 1), (3, 1), (4, 1), (5, 1)]
)
def test_nothing_else_is_run_once_more(code: int, count: int) -> None:
    failed = [str(one) for one in range(count)]
    assert once_more(code, failed, lambda: pytest.fail("is run")) == (code, [])


def test_tests_that_think_fail_for_good(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def program(part: tuple[str, ...], *more: str) -> list[str]:
        asked.append((part, more))
        return ends(0 if more else 1)

    monkeypatch.setattr(run_tests, "command", program)
    monkeypatch.setattr(run_tests, "failed_in", lambda part: [f"{part[0]}/x"])
    assert main() == 1
    assert [part for part, more in asked if more] == list(PARTS[1:])
    named = [f"PASSED ONLY BY ITSELF, mend it: {part[0]}/x" for part in PARTS[1:]]
    assert [one for one in capfd.readouterr().out.splitlines() if one] == named


def test_what_failed_last_is_read_where_pytest_has_written_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert failed_in(("some/folder",)) == []
    notes = tmp_path / ".pytest_cache/some-folder/v/cache/lastfailed"
    notes.parent.mkdir(parents=True)
    notes.write_text('{"b": true, "a": true}')
    assert failed_in(("some/folder",)) == ["a", "b"]
    assert "cache_dir=.pytest_cache/some-folder" in command(("some/folder",))


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
