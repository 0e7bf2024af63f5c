"""Lines of crontabs as people write them."""

import pytest

from insvc.inspect.crontab import (
    Crontab,
    Job,
    Place,
    is_part,
    parse_anacrontab,
    parse_crontab,
    part_jobs,
    parts_folder,
)

SYSTEM = Place("/etc/cron.d/x", "cron.d/x")
ALICE = Place("/var/spool/cron/crontabs/alice", "crontabs/alice", "alice")
CRONIE = Place("/etc/crontab", "crontab", None, knows_zones=True)
ANACRON = Place("/etc/anacrontab", "anacrontab")


def one(line: str, place: Place = SYSTEM) -> Job:
    found = parse_crontab(line + "\n", place)
    assert found.faults == ()
    (job,) = found.jobs
    return job


def fault(line: str, place: Place = SYSTEM) -> str:
    found = parse_crontab(line + "\n", place)
    assert found.jobs == ()
    (words,) = found.faults
    return words


def test_a_line_of_the_system_names_its_user() -> None:
    job = one("17 *\t* * *  root    cd / && run-parts --report /etc/cron.hourly")
    assert (job.name, job.source, job.line) == ("cron.d/x:1", "/etc/cron.d/x", 1)
    assert (job.user, job.schedule) == ("root", "17 * * * *")
    assert job.command == "cd / && run-parts --report /etc/cron.hourly"
    assert job.program == "cd"


def test_a_line_of_a_user_has_no_column_for_one() -> None:
    job = one("*/5 9-17 * * mon-fri /home/alice/poll --quiet", ALICE)
    assert (job.name, job.user) == ("crontabs/alice:1", "alice")
    assert job.command == "/home/alice/poll --quiet"


@pytest.mark.parametrize(
    ("word", "schedule"),
    [
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
        ("@reboot", None),
    ],
)
def test_words_stand_for_schedules(word: str, schedule: str | None) -> None:
    job = one(f"{word} root /bin/true")
    assert (job.schedule, job.user, job.command) == (schedule, "root", "/bin/true")


def test_comments_and_empty_lines_are_no_jobs_and_are_counted() -> None:
    found = parse_crontab("# m h dom\n\n   # indented\n \t \n* * * * * root a\n", SYSTEM)
    assert [job.line for job in found.jobs] == [5]


@pytest.mark.parametrize(
    "line",
    [
        "SHELL=/bin/sh",
        "MAILTO=",
        "PATH = /usr/bin:/bin",
        '"QUOTED" = "with = inside"',
        "NAME='x y'",
        "A==b",
    ],
)
def test_settings_of_the_environment_are_no_jobs(line: str) -> None:
    assert parse_crontab(line + "\n", SYSTEM) == Crontab()


def test_a_command_that_sets_a_variable_is_a_job_all_the_same() -> None:
    assert one("* * * * * root LANG=C /bin/x").command == "LANG=C /bin/x"


def test_what_follows_a_percent_sign_is_input_and_not_command() -> None:
    assert one("0 1 * * * root mail -s hi%Dear%all").command == "mail -s hi"


def test_an_escaped_percent_sign_is_one() -> None:
    assert one(r"0 1 * * * root date +\%F > x%in").command == "date +%F > x"


def test_a_leading_minus_keeps_the_log_quiet_and_no_more() -> None:
    assert one("-*/15 * * * * root /bin/x").schedule == "*/15 * * * *"


def test_a_range_of_chance_is_every_moment_that_may_be_picked() -> None:
    job = one("~ 2~4 1~ * * root /bin/x")
    assert (job.schedule, job.is_at_random) == ("0-59 2-4 1-31 * *", True)
    assert not one("5 4 * * * root x").is_at_random


def test_a_time_zone_holds_for_the_lines_below_it_where_the_daemon_knows_zones() -> None:
    text = "0 1 * * * root a\nCRON_TZ=Asia/Tokyo\n0 1 * * * root b\nCRON_TZ=\n0 1 * * * root c\n"
    assert [job.zone for job in parse_crontab(text, CRONIE).jobs] == [None, "Asia/Tokyo", None]
    assert [job.zone for job in parse_crontab(text, SYSTEM).jobs] == [None, None, None]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("* * * * root", "found 5 fields, expected 5 of time and a command"),
        ("60 * * * * root x", "found '60' as minute, expected 0 to 59"),
        ("* * * * * root", "found no command"),
        ("@daily root", "found no command, expected one after '@daily'"),
        ("@daily root % fed to nothing", "found no command, expected one after '@daily'"),
        ("@daily", "found no command"),
        ("@fortnightly root x", "found '@fortnightly' as time, expected one of @reboot"),
        ("30~10 * * * * root x", "found '30-10' as minute"),
    ],
)
def test_a_faulty_line_is_told_with_file_and_number(line: str, words: str) -> None:
    assert fault(line).startswith(f"/etc/cron.d/x:1: {words}")


def test_a_faulty_line_costs_none_of_the_others() -> None:
    found = parse_crontab("bad\n* * * * * root a\nworse line\n@daily root b\n", SYSTEM)
    assert [job.command for job in found.jobs] == ["a", "b"]
    assert [words.split(": ")[0] for words in found.faults] == [
        "/etc/cron.d/x:1",
        "/etc/cron.d/x:3",
    ]


def test_a_last_line_without_newline_is_told_of() -> None:
    found = parse_crontab("* * * * * root a\n* * * * * root b", SYSTEM)
    assert found.faults == ("/etc/cron.d/x:2: found no newline at its end: cron may not run it",)


def test_nothing_at_all_is_no_fault() -> None:
    assert parse_crontab("", SYSTEM) == Crontab()


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        ("cd / && run-parts --report /etc/cron.hourly", "/etc/cron.hourly"),
        (
            "test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }",
            "/etc/cron.daily",
        ),
        ("run-parts /etc/cron.weekly/", "/etc/cron.weekly"),
        ("nice run-parts --umask 022 --report /opt/jobs", "/opt/jobs"),
        ("/usr/bin/run-parts-like /etc/x", None),
        ("run-parts; ls /etc", None),
        ("/bin/true", None),
    ],
)
def test_a_line_that_runs_a_folder_is_recognised(command: str, folder: str | None) -> None:
    assert parts_folder(one(f"@daily root {command}")) == folder


def test_each_program_of_a_folder_is_a_job_of_its_own() -> None:
    line = one("25 6 * * * root run-parts /etc/cron.daily")
    jobs = part_jobs(line, "/etc/cron.daily", ["man-db", "logrotate", ".placeholder", "x.dpkg-old"])
    assert [job.name for job in jobs] == ["cron.daily/logrotate", "cron.daily/man-db"]
    assert [job.command for job in jobs] == ["/etc/cron.daily/logrotate", "/etc/cron.daily/man-db"]
    assert {job.schedule for job in jobs} == {"25 6 * * *"}


@pytest.mark.parametrize(
    ("name", "is_one"), [("a_B-9", True), ("a.sh", False), ("", False), ("a~", False)]
)
def test_names_with_a_dot_are_left_alone(name: str, is_one: bool) -> None:
    assert is_part(name) is is_one


def test_anacron_names_its_jobs_and_decides_when() -> None:
    text = "SHELL=/bin/sh\n1\t5\tcron.daily\trun-parts --report /etc/cron.daily\n@monthly 15 m x\n"
    found = parse_anacrontab(text, ANACRON)
    assert [job.name for job in found.jobs] == ["anacrontab:cron.daily", "anacrontab:m"]
    assert [job.user for job in found.jobs] == ["root", "root"]
    assert [job.schedule for job in found.jobs] == [None, None]
    assert found.faults == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1 5 cron.daily", "found 3 fields, expected period, delay, name and command"),
        ("often 5 a b", "found 'often' and '5', expected a period in days and minutes"),
        ("1 soon a b", "found '1' and 'soon'"),
        ("@reboot 5 a b", "found '@reboot'"),
    ],
)
def test_a_faulty_line_of_anacron_is_told(line: str, words: str) -> None:
    found = parse_anacrontab(line + "\n", ANACRON)
    assert found.jobs == ()
    assert found.faults[0].startswith(f"/etc/anacrontab:1: {words}")


def test_a_job_without_words_has_no_program() -> None:
    job = Job(name="x", source="s", line=1, user="u", schedule=None, command="")
    assert job.program == ""
