"""Which jobs are under way, told from the processes below the daemon."""

import pytest

from insvc.inspect.cron_runs import Runs, Started, find_runs, runs_job
from insvc.inspect.crontab import Job


def job(command: str, name: str = "cron.d/x:1") -> Job:
    return Job(name=name, source="s", line=1, user="root", schedule="* * * * *", command=command)


CRON = Started(pid=10, argv=("/usr/sbin/CRON", "-f"))


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (("/bin/sh", "-c", "sleep 5; echo done"), "sleep 5; echo done"),
        (("/bin/sh", "-c", "   /bin/x"), "/bin/x"),
        (("/usr/bin/backup", "--all"), "/usr/bin/backup --all"),
        (("/usr/bin/backup", "a b"), "/usr/bin/backup 'a b'"),
        (("/bin/sh", "/etc/cron.daily/logrotate"), "/etc/cron.daily/logrotate"),
        (("/usr/bin/python3", "-I", "/opt/job"), "/opt/job"),
    ],
)
def test_a_command_is_known_in_a_shell_in_its_place_and_as_a_script(
    argv: tuple[str, ...], command: str
) -> None:
    assert runs_job(argv, job(command))


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        ((), "/bin/x"),
        (("/bin/sh", "-c", "other"), "/bin/x"),
        (("/bin/x",), ""),
        (("/bin/x",), "'unclosed"),
        (("/bin/x", "more"), "/bin/x"),
    ],
)
def test_another_command_is_not_taken_for_it(argv: tuple[str, ...], command: str) -> None:
    assert not runs_job(argv, job(command))


def test_what_the_shell_starts_comes_with_it_and_is_no_process_of_its_own() -> None:
    shell = Started(pid=11, argv=("/bin/sh", "-c", "run | tee"), above=(10,))
    tee = Started(pid=12, argv=("tee",), above=(10, 11))
    runs = find_runs([job("run | tee")], [CRON, shell, tee])
    assert runs == Runs(pids={"cron.d/x:1": (11,)})


def test_two_runs_of_one_job_are_both_under_way() -> None:
    first = Started(pid=11, argv=("/bin/sh", "-c", "slow"), above=(10,))
    second = Started(pid=21, argv=("/bin/sh", "-c", "slow"), above=(20,))
    runs = find_runs([job("slow")], [first, second])
    assert runs.pids == {"cron.d/x:1": (11, 21)}


def test_a_shell_and_its_own_script_are_one_run() -> None:
    shell = Started(pid=11, argv=("/bin/sh", "-c", "/opt/job"), above=(10,))
    script = Started(pid=12, argv=("/usr/bin/perl", "/opt/job"), above=(10, 11))
    assert find_runs([job("/opt/job")], [shell, script]).pids == {"cron.d/x:1": (11,)}


def test_lines_of_one_command_all_count_as_under_way() -> None:
    jobs = [job("slow", "a:1"), job("slow", "a:2"), job("quick", "a:3")]
    shell = Started(pid=11, argv=("/bin/sh", "-c", "slow"), above=(10,))
    assert find_runs(jobs, [shell]).pids == {"a:1": (11,), "a:2": (11,)}


def test_what_no_line_says_is_a_stray_told_once() -> None:
    shell = Started(pid=11, argv=("/bin/sh", "-c", "gone"), above=(10,))
    child = Started(pid=12, argv=("sleep", "9"), above=(10, 11))
    assert find_runs([job("other")], [CRON, shell, child]).strays == (shell,)


def test_what_stands_above_a_known_job_is_no_stray() -> None:
    parts = Started(pid=11, argv=("run-parts", "/etc/cron.daily"), above=(10,))
    script = Started(pid=12, argv=("/bin/sh", "/etc/cron.daily/x"), above=(10, 11))
    assert find_runs([job("/etc/cron.daily/x", "cron.daily/x")], [CRON, parts, script]) == Runs(
        pids={"cron.daily/x": (12,)}
    )


def test_a_process_without_a_name_is_a_stray_too() -> None:
    nameless = Started(pid=11, argv=(), above=(10,))
    assert find_runs([], [nameless]).strays == (nameless,)
