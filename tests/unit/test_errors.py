from insvc.errors import FaultyDocument, InputError, InsvcError, PlanRefused, RunInterrupted


def test_an_error_says_its_object_and_what_was_found() -> None:
    fault = InsvcError("db on h2", "1 of 3 would run, 2 are wanted", next_act="wait for h1")
    assert str(fault) == "db on h2: 1 of 3 would run, 2 are wanted"
    assert fault.next_act == "wait for h1"


def test_the_faults_of_a_document_are_counted_and_kept() -> None:
    one = FaultyDocument("x.yaml", ("x.yaml:1: a",), next_act="mend it")
    two = FaultyDocument("x.yaml", ("x.yaml:1: a", "x.yaml:2: b"), next_act="mend it")
    assert str(one) == "x.yaml: 1 fault found, none expected"
    assert str(two) == "x.yaml: 2 faults found, none expected"
    assert two.faults == ("x.yaml:1: a", "x.yaml:2: b")


def test_exit_codes_tell_the_kinds_apart() -> None:
    codes = [kind.exit_code for kind in (InsvcError, InputError, PlanRefused, RunInterrupted)]
    assert codes == [1, 2, 4, 130]
