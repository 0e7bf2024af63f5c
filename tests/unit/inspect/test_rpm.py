"""What rpm and its front ends tell, as it was recorded on a host."""

import pytest

from insvc.inspect.rpm import (
    Change,
    Installed,
    PackageFile,
    chained,
    changed_since,
    digests_of,
    evr,
    files_of,
    packages_of,
    version_at,
    zypp_history,
)

ALL = """\
mylib\t2:1-1\t1795437091
gpg-pubkey\td38b4796-570c8cd3\t1795437000
kernel\t6.1.2-1\t1795437300
kernel\t6.1.1-1\t1795437100
zero\t0:4-1\t1795437100
torn\t1-1
"""
LISTED = """\
mylib\t40755\t0\t/opt/mylib
mylib\t100644\t0\t/opt/mylib/with space
mylib\t120777\t0\t/opt/mylib/link
mylib\t100644\t2\t/opt/mylib/manual
other\t100644\t(none)\t/opt/tab\tin it
package gone is not installed
odd\tmode\t0\t/opt/odd
"""
LOG = """\
# 2026-11-23 10:00:00 mylib-1-1.x86_64.rpm installed ok
2026-11-23 10:00:00|install|mylib|1-1|x86_64|root@h|lab|5f3c|
2026-11-23 10:00:05|command|root@h|'zypper' 'install' 'mylib'|
2026-11-23 11:00:00|install|mylib|0:2-1|x86_64|root@h|lab|5f3d|
2026-11-23 12:00:00|remove |mylib|2-1|x86_64|root@h|
"""
UP, DOWN = Change(10.0, "1", "2"), Change(20.0, "2", "1")


def test_packages_come_with_version_and_time_and_the_latest_of_a_name_counts() -> None:
    assert packages_of(ALL) == {
        "mylib": Installed("2:1-1", 1795437091.0),
        "kernel": Installed("6.1.2-1", 1795437300.0),
        "zero": Installed("4-1", 1795437100.0),
    }


def test_files_come_by_package_and_other_lines_are_passed_over() -> None:
    assert files_of(LISTED) == {
        "mylib": (
            PackageFile("/opt/mylib", is_folder=True, is_in_place=True),
            PackageFile("/opt/mylib/with space", is_folder=False, is_in_place=True),
            PackageFile("/opt/mylib/link", is_folder=False, is_in_place=True),
            PackageFile("/opt/mylib/manual", is_folder=False, is_in_place=False),
        ),
        "other": (PackageFile("/opt/tab\tin it", is_folder=False, is_in_place=True),),
    }


def test_digests_are_of_what_has_content() -> None:
    said = "aa\t/a\n\t/folder\nbb\t/with\ttab\npackage x is not installed\n"
    assert digests_of(said) == {"/a": "aa", "/with\ttab": "bb"}


@pytest.mark.parametrize(
    ("parts", "version"), [((2, "1", "1.fc40"), "2:1-1.fc40"), ((0, "1", "1"), "1-1")]
)
def test_an_epoch_of_zero_is_not_written(parts: tuple[int, str, str], version: str) -> None:
    assert evr(*parts) == version


def test_zyppers_log_tells_what_came_and_what_went() -> None:
    assert zypp_history(LOG) == [
        ("2026-11-23 10:00:00", "mylib", "1-1"),
        ("2026-11-23 11:00:00", "mylib", "2-1"),
        ("2026-11-23 12:00:00", "mylib", None),
    ]


def test_what_one_change_put_there_is_what_the_next_replaced() -> None:
    told = [Change(20.0, None, "2"), Change(10.0, None, "1"), Change(30.0, "2", None)]
    assert chained(told) == (
        Change(10.0, None, "1"),
        Change(20.0, "1", "2"),
        Change(30.0, "2", None),
    )


@pytest.mark.parametrize(
    ("moment", "version"),
    [(5.0, "1"), (10.5, "1"), (11.0, "2"), (15.0, "2"), (20.9, "2"), (21.0, "1"), (99.0, "1")],
)
def test_records_tell_the_version_of_a_moment(moment: float, version: str) -> None:
    assert version_at((UP, DOWN), Installed("1", 20.0), moment) == version


def test_a_service_started_in_the_second_of_the_first_installation_has_its_version() -> None:
    assert version_at((Change(10.0, None, "1"),), Installed("2", 30.0), 10.5) == "1"


def test_where_records_have_a_gap_nothing_is_guessed() -> None:
    gap = (UP, Change(20.0, "3", "4"))
    assert version_at(gap, Installed("4", 20.0), 15.0) is None
    assert version_at((UP,), Installed("5", 40.0), 15.0) is None
    assert version_at((), Installed("5", 40.0), 15.0) is None
    assert version_at((UP,), None, 15.0) is None


def test_what_was_installed_again_later_was_the_same_before() -> None:
    assert version_at((UP,), Installed("2", 40.0), 15.0) == "2"
    assert version_at((), Installed("2", 40.0), 45.0) == "2"


def test_what_changed_since_a_moment_is_told_with_when() -> None:
    packages = {"old": Installed("1", 5.0), "new": Installed("1", 9.0)}
    assert changed_since(packages, 5.0) == {"new": 9.0}
