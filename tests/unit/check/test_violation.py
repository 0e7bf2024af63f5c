from insvc.check.violation import broken, contradiction


def test_a_broken_law_tells_its_number_and_the_steps_of_the_instant() -> None:
    one = broken(2, "db", "two may be down", "db@a", "db@b")
    assert (one.code, one.law, one.at) == ("law.2", 2, ("db@a", "db@b"))
    assert str(one) == "law.2 db: two may be down"


def test_a_contradiction_belongs_to_no_law() -> None:
    one = contradiction("plan.structure", "db@a", "occurs twice")
    assert (one.law, one.at) == (0, ())
