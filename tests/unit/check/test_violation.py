from insvc.check.violation import UNDECIDED, broken, contradiction, undecided


def test_a_broken_law_tells_its_number_and_the_steps_of_the_instant() -> None:
    one = broken(2, "db", "two may be down", "db@a", "db@b")
    assert (one.code, one.law, one.at) == ("law.2", 2, ("db@a", "db@b"))
    assert str(one) == "law.2 db: two may be down"


def test_a_contradiction_belongs_to_no_law() -> None:
    one = contradiction("plan.structure", "db@a", "occurs twice")
    assert (one.law, one.at) == (0, ())


def test_what_is_not_decided_says_so_and_what_would_be_easier_to_judge() -> None:
    one = undecided(5, "worker", "the policy allows 2 at once (law 5)")
    assert (one.code, one.law, one.at) == (UNDECIDED, 5, ())
    assert one.reason == (
        "it was not decided within the work allowed whether too many may come together: the policy "
        "allows 2 at once (law 5); hosts that take turns as a whole, or a lower parallel_services, "
        "are easier to judge"
    )
