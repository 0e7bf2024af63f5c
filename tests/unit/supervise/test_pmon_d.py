"""`insvc.supervise.pmon_d`: what a folder of process files comes to."""

from insvc.model.pmon_conf import read_pmon_conf
from insvc.model.words import InstanceState, Manager
from insvc.supervise.pmon_d import Learnt, Misconfigured, alarms_of, learn, lines_of, rows_of
from tests.fakes.pmon_confs import confs

GOOD = confs()["fm-api"]
FAULTY = GOOD.replace("major", "grave")


def of(*files: tuple[str, str], taken: tuple[str, ...] = ()) -> Learnt:
    """What these files come to."""
    return learn({name: read_pmon_conf(text) for name, text in files}, taken)


def test_a_file_is_a_definition_or_misconfigured() -> None:
    found = of(("b.conf", GOOD), ("a.conf", confs()["sm-api"].replace("major", "")))
    assert list(found.definitions) == ["fm-api"]
    (wrong,) = found.misconfigured
    assert (wrong.file, wrong.name, wrong.severity) == ("a.conf", "sm-api", "major")
    assert wrong.faults == ("lacks severity",)


def test_a_file_without_a_usable_name_is_told_by_its_own() -> None:
    (wrong,) = of(("x.conf", "[process]\nseverity = minor\n")).misconfigured
    assert (wrong.name, wrong.severity) == ("x.conf", "minor")


def test_of_two_files_about_one_process_the_first_counts() -> None:
    found = of(("b.conf", GOOD), ("a.conf", GOOD))
    assert list(found.definitions) == ["fm-api"]
    (wrong,) = found.misconfigured
    assert (wrong.file, wrong.name) == ("b.conf", "b.conf")
    assert wrong.faults == ("a.conf is about the process fm-api, too, and counts",)


def test_a_faulty_file_beside_a_good_one_is_told_by_its_own_name() -> None:
    found = of(("a.conf", FAULTY), ("b.conf", GOOD))
    assert list(found.definitions) == ["fm-api"]
    assert [one.name for one in found.misconfigured] == ["a.conf"]


def test_what_a_package_defines_counts_and_is_noted() -> None:
    found = of(("a.conf", GOOD), taken=("fm-api",))
    assert (found.definitions, found.misconfigured) == ({}, ())
    assert found.notes == ("etc/pmon.d/a.conf: fm-api is defined by its package, and that counts",)


def test_what_nothing_looks_after_has_a_row_of_its_own() -> None:
    found = of(("a.conf", FAULTY))
    (row,) = rows_of(found, ())
    assert (row.name, row.manager, row.state) == ("fm-api", Manager.PMON, InstanceState.UNKNOWN)
    assert rows_of(found, ("fm-api",)) == ()


def test_an_alarm_tells_all_faults_and_whether_a_former_definition_counts() -> None:
    found = of(("a.conf", FAULTY))
    (alarm,) = alarms_of("h", found, ())
    assert (alarm.alarm, alarm.entity, alarm.severity) == (
        "200.006",
        "host=h.process=fm-api",
        "major",
    )
    assert alarm.text == (
        "fm-api is misconfigured and not looked after: line 5: found 'grave' as severity, "
        "expected critical or major or minor"
    )
    assert alarm.next_act == "correct etc/pmon.d/a.conf of h"
    (former,) = alarms_of("h", found, ("fm-api",))
    assert "looked after by its former definition" in former.text


def test_a_flood_of_faults_is_bounded() -> None:
    many = Misconfigured(
        file="a", name="a", severity="minor", faults=tuple(str(n) for n in range(20))
    )
    assert many.said.endswith("11; and 8 more faults")


def test_all_that_is_wrong_or_odd_is_a_line() -> None:
    found = of(("a.conf", FAULTY), ("b.conf", confs()["sm-api"] + "colour = 1\n"))
    assert [line.partition(": ")[0] for line in lines_of(found)] == [
        "etc/pmon.d/a.conf",
        "etc/pmon.d/b.conf",
    ]
