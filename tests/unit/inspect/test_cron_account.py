"""What is told of a cron job."""

from insvc.inspect.cron_account import entry_of, row_of
from insvc.inspect.crontab import Job
from insvc.model.words import Action, InstanceState, Personality

JOB = Job(
    name="crontabs/Alice:3",
    source="/var/spool/cron/crontabs/Alice",
    line=3,
    user="Alice",
    schedule="* * * * *",
    command="/home/a/poll --password hunter2",
)


def test_between_two_runs_it_is_scheduled() -> None:
    row = row_of(JOB, pids=(), began_at=None, next_run_at=99.0, has_daemon=True)
    assert (row.state, row.desired) == (InstanceState.SCHEDULED, InstanceState.SCHEDULED)
    assert (row.pid, row.next_run_at) == (None, 99.0)


def test_mid_run_it_names_its_processes_and_when_it_began() -> None:
    row = row_of(JOB, pids=(5, 6), began_at=42.0, next_run_at=99.0, has_daemon=True)
    assert (row.state, row.pid, row.pids, row.last_run_at) == (InstanceState.RUNNING, 5, (6,), 42.0)


def test_without_a_daemon_nothing_will_start_it() -> None:
    row = row_of(JOB, pids=(), began_at=None, next_run_at=99.0, has_daemon=False)
    assert (row.state, row.desired) == (InstanceState.STOPPED, InstanceState.STOPPED)
    assert row.next_run_at is None


def test_its_cure_is_its_next_run() -> None:
    entry = entry_of(JOB)
    assert entry.action is Action.NEXT_RUN
    assert entry.in_service_patchable
    assert entry.runs_on == (Personality.HOST,)
    assert entry.service(JOB.name) is not None
    assert set(entry.provenance.values()) == {"discovered: /var/spool/cron/crontabs/Alice:3"}


def test_arguments_of_its_command_are_not_told() -> None:
    entry = entry_of(JOB)
    assert entry.function == (
        "runs /home/a/poll as Alice, as line 3 of /var/spool/cron/crontabs/Alice says"
    )
    assert "hunter2" not in repr(entry)
