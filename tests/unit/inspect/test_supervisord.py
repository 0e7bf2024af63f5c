"""What supervisord says, and where it can be asked."""

import pytest

from insvc.inspect.supervisord import (
    Access,
    Program,
    entry_of,
    included,
    read_access,
    read_program,
    row_of,
    words_of,
)
from insvc.model.words import InstanceState

SOURCE = "/etc/supervisor/supervisord.conf"
INFO = {
    "name": "web",
    "group": "site",
    "state": 20,
    "pid": 7,
    "start": 99,
    "exitstatus": 0,
    "description": "pid 7, uptime 0:00:01",
    "spawnerr": "",
    "statename": "RUNNING",
}


def program(state: int = 20, **more: object) -> Program:
    return Program(name="web", state=state, pid=7, **more)  # type: ignore[arg-type]


def test_a_program_is_named_with_its_group_where_that_differs() -> None:
    found = read_program(INFO)
    assert found == Program(
        name="site:web", state=20, pid=7, began=99, told="pid 7, uptime 0:00:01"
    )
    assert read_program({**INFO, "group": "web"}).name == "web"
    assert read_program({"name": "web"}) == Program(name="web", state=0)


@pytest.mark.parametrize(
    ("info", "words"),
    [
        ([], "found list, expected what is known of a program"),
        ({**INFO, "pid": "7"}, "found '7' as pid, expected a number"),
        ({**INFO, "name": 3}, "found 3 as name, expected text"),
    ],
)
def test_what_is_no_answer_about_a_program_is_refused(info: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_program(info)


@pytest.mark.parametrize(
    ("state", "seen", "desired", "pid"),
    [
        (0, "stopped", "stopped", None),
        (10, "starting", "running", 7),
        (20, "running", "running", 7),
        (30, "failed", "running", None),
        (40, "stopping", "running", 7),
        (100, "stopped", "stopped", None),
        (200, "failed", "running", None),
        (1000, "unknown", "running", None),
        (77, "unknown", "running", None),
    ],
)
def test_states_are_told_in_the_words_all_managers_share(
    state: int, seen: str, desired: str, pid: int | None
) -> None:
    row = row_of(program(state), None, restarts=2, is_below=True)
    assert (row.state, row.desired, row.pid, row.restarts) == (seen, desired, pid, 2)


def test_a_pid_that_is_not_below_supervisord_is_not_believed() -> None:
    assert row_of(program(), None, restarts=0, is_below=False).pid is None
    nobody = Program(name="web", state=20)
    assert row_of(nobody, None, restarts=0, is_below=True).pid is None


@pytest.mark.parametrize(
    ("status", "config", "state"),
    [
        (0, None, InstanceState.STOPPED),
        (1, None, InstanceState.FAILED),
        (2, {"exitcodes": [0, 2]}, InstanceState.STOPPED),
        (0, {"exitcodes": [2]}, InstanceState.FAILED),
        (0, {"exitcodes": "none"}, InstanceState.FAILED),
    ],
)
def test_a_program_that_ended_has_failed_unless_its_status_was_expected(
    status: int, config: dict[str, object] | None, state: InstanceState
) -> None:
    ended = program(100, exit_status=status)
    assert row_of(ended, config, restarts=0, is_below=True).state is state


def test_its_entry_says_how_long_it_may_take() -> None:
    entry = entry_of(program(), {"stopwaitsecs": 10, "startsecs": 2, "command": "x --secret"})
    assert entry.impact.longest_s == 12.0
    assert entry.services[0].name == "web"
    assert set(entry.provenance.values()) == {"discovered: supervisord"}
    assert "secret" not in repr(entry)


def test_without_its_configuration_that_is_not_known() -> None:
    entry = entry_of(program(), None)
    assert entry.impact.longest_s is None
    assert entry.impact.note == "how long it may take to stop is not known"
    assert "impact" not in entry.provenance


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            program(200, spawn_error="can't find command 'x'"),
            "supervisord gave up: can't find command 'x'",
        ),
        (
            program(30, exit_status=3, told="retrying"),
            "supervisord is about to try again: its last run ended with status 3 (retrying)",
        ),
        (
            program(100, exit_status=1),
            "supervisord leaves it ended: its last run ended with status 1 (no more)",
        ),
        (
            program(40, told="stopping"),
            "supervisord says state 40: its last run ended with status 0 (stopping)",
        ),
    ],
)
def test_why_a_program_is_down_is_told_in_words(found: Program, words: str) -> None:
    assert words_of(found) == words


def test_its_socket_is_found_with_name_and_password() -> None:
    text = (
        "[unix_http_server]\nfile=/run/supervisor.sock   ; (the path)\nchmod=0700\n"
        "username = me\npassword = p%%q\n[supervisord]\nlogfile=/var/log/x\n"
    )
    assert read_access(text, SOURCE) == Access(
        socket="/run/supervisor.sock", username="me", password="p%q"
    )


def test_a_path_may_be_beside_the_file_itself() -> None:
    text = "[unix_http_server]\nfile=%(here)s/s.sock\n"
    assert read_access(text, SOURCE) == Access(socket="/etc/supervisor/s.sock")


@pytest.mark.parametrize(
    ("port", "host", "number"),
    [
        ("127.0.0.1:9001", "127.0.0.1", 9001),
        ("*:9001", "127.0.0.1", 9001),
        (":9001", "127.0.0.1", 9001),
        ("9001", "127.0.0.1", 9001),
        ("10.0.0.5:80", "10.0.0.5", 80),
        ("[::1]:9001", "::1", 9001),
    ],
)
def test_it_may_listen_on_a_port_alone(port: str, host: str, number: int) -> None:
    assert read_access(f"[inet_http_server]\nport={port}\n", SOURCE) == Access(
        host=host, port=number
    )


def test_a_server_may_be_in_a_file_that_is_included() -> None:
    text = "[include]\nfiles = conf.d/*.conf /opt/%(here)s/*.ini\n"
    assert included(text, SOURCE) == (
        "/etc/supervisor/conf.d/*.conf",
        "/opt//etc/supervisor/*.ini",
    )
    found = read_access(text, SOURCE, ["[unix_http_server]\nfile=/run/s\n"])
    assert found == Access(socket="/run/s")


def test_without_a_server_nobody_can_ask_it() -> None:
    assert read_access("[supervisord]\n", SOURCE) is None
    assert read_access("[unix_http_server]\nchmod=0700\n[inet_http_server]\n", SOURCE) is None
    assert included("[supervisord]\n", SOURCE) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no section\n", "is no configuration of supervisord"),
        ("[unix_http_server]\nfile=%(ENV_HOME)s/s\n", "expected a value that is there in full"),
        ("[inet_http_server]\nport=nowhere\n", "found 'nowhere', expected HOST:PORT"),
        (
            "[unix_http_server]\nfile=/s\npassword={SHA}82ab\n",
            r"\[unix_http_server\] keeps its password hashed",
        ),
    ],
)
def test_what_cannot_be_known_from_the_file_is_told(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_access(text, SOURCE)
