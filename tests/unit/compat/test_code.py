"""What the exit codes of the page's commands mean."""

from insvc.compat.code import MEANING, Code, Result, worst


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
