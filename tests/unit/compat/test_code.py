"""What the exit codes of the page's commands mean."""

import pytest

from insvc.compat.code import MEANING, Code, Result, code_of, worst
from insvc.errors import (
    AgentUnreachable,
    InsvcError,
    RunInterrupted,
    UnknownName,
    WorldError,
)


def result(code: Code) -> Result:
    """A result of that code."""
    return Result(name="x", code=code, said="is so")


def test_every_code_has_a_meaning_of_its_own() -> None:
    assert set(MEANING) == set(Code)
    assert len(set(MEANING.values())) == len(Code)


def test_nothing_to_do_is_done() -> None:
    assert worst([]) is Code.DONE
    assert worst([result(Code.DONE)]) is Code.DONE


def test_one_that_is_not_done_decides_for_all() -> None:
    found = [result(Code.DONE), result(Code.DEAD), result(Code.UNKNOWN_NAME)]
    assert worst(found) is Code.UNKNOWN_NAME


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (AgentUnreachable, Code.UNREACHABLE),
        (RunInterrupted, Code.INTERRUPTED),
        (UnknownName, Code.USAGE),
        (WorldError, Code.FAILED),
    ],
)
def test_an_error_ends_a_command_as_it_says(kind: type[InsvcError], code: Code) -> None:
    assert code_of(kind("x", "is so", next_act="look")) is code
