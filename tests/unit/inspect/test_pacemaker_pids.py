"""A process that an agent left running is its resource's, and nobody else's."""

import pytest

from insvc.inspect.pacemaker_cib import Primitive
from insvc.inspect.pacemaker_pids import Left, may_be_left, pid_files, pid_in, share

OWN = "/system.slice/pacemaker.service"


def primitive(kind: str, **parameters: str) -> Primitive:
    return Primitive(name="db", kind=kind, parameters=parameters)


def left(pid: int, resource: str = "", parent: int = 1) -> Left:
    return Left(pid, parent, OWN, resource)


def test_a_pid_file_that_is_given_comes_before_the_usual_ones() -> None:
    assert pid_files(primitive("mysql", pid="/srv/my.pid")) == (
        "/srv/my.pid",
        "/run/mysqld/mysqld.pid",
        "/run/mysql/mysqld.pid",
    )


def test_usual_pid_files_are_named_after_the_resource_or_its_folder() -> None:
    assert pid_files(primitive("anything"))[0] == "/run/anything_db.pid"
    assert pid_files(primitive("pgsql", pgdata="/srv/pg"))[0] == "/srv/pg/postmaster.pid"


def test_a_pid_file_is_an_absolute_path() -> None:
    assert pid_files(primitive("IPaddr2", pidfile="run/x.pid")) == ()
    assert pid_files(primitive("IPaddr2", pidfile="/run/x\0.pid")) == ()


@pytest.mark.parametrize(
    ("text", "pid"),
    [
        ("77\n", 77),
        ("77\n/var/lib/pg\n5432", 77),
        (" 77 ", 77),
        ("1", None),
        ("0", None),
        ("-5", None),
        ("", None),
        ("x", None),
        ("\N{SUPERSCRIPT TWO}", None),
    ],
)
def test_the_first_line_of_a_pid_file_holds_the_pid(text: str, pid: int | None) -> None:
    assert pid_in(text) == pid


@pytest.mark.parametrize(
    ("group", "may"),
    [
        (OWN, True),
        (OWN + "/below", True),
        ("/user.slice/user-0.slice/session-c2.scope", True),
        ("/", True),
        ("/system.slice/ssh.service", False),
        ("/init.scope", False),
    ],
)
def test_an_agent_leaves_nothing_in_the_unit_of_another(group: str, may: bool) -> None:
    assert may_be_left(group, OWN) is may


def test_without_a_unit_of_its_own_pacemaker_has_no_group() -> None:
    assert not may_be_left(OWN, None)


def test_a_pid_file_and_what_was_handed_down_name_the_resource() -> None:
    found, unknown = share({"db", "web"}, {"db": 70}, [left(80, "web"), left(81, "web:1")])
    assert found == {"db": (70,), "web": (80, 81)}
    assert unknown == ()


def test_what_a_process_started_itself_is_not_named_beside_it() -> None:
    found, unknown = share(
        {"web"}, {}, [left(80, "web"), left(81, "web", parent=80), left(82, "", 81)]
    )
    assert found == {"web": (80,)}
    assert unknown == ()


def test_a_pid_file_wins_over_what_was_handed_down() -> None:
    found, _ = share({"db", "web"}, {"db": 80}, [left(80, "web")])
    assert found == {"db": (80,)}


def test_a_resource_that_is_not_active_here_gets_nothing() -> None:
    assert share({"web"}, {}, [left(80, "other"), left(81)]) == ({}, (80, 81))


def test_processes_in_a_circle_belong_to_nobody() -> None:
    assert share({"web"}, {}, [left(80, "", 81), left(81, "", 80)]) == ({}, (80, 81))
