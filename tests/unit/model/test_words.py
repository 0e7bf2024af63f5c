from insvc.model.words import Outcome


def test_only_four_outcomes_are_success() -> None:
    assert {str(one) for one in Outcome if one.is_success} == {
        "restarted",
        "already-current",
        "next-run",
        "done",
    }


def test_unknown_is_never_success() -> None:
    assert not Outcome.UNKNOWN.is_success
