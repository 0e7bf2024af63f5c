"""The jobs of one host, its processes played by a table in memory."""

from datetime import datetime
from pathlib import Path

import pytest

from insvc.adapters.cron import Cron, find
from insvc.errors import UnknownName, WorldError
from insvc.model.restart import Order
from insvc.model.words import Action, InstanceState, Manager
from tests.fakes.process_table import FakeProcess, FakeProcessTable
from tests.fakes.time_zone import zone_file

NOW = datetime.fromisoformat("2026-11-23T09:30:20+00:00").timestamp()


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.fixture
def table() -> FakeProcessTable:
    table = FakeProcessTable()
    table.processes[10] = FakeProcess(argv=("/usr/sbin/cron", "-f"))
    return table


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, "etc/cron.d/x", "*/10 * * * * root slow\n0 3 * * * root quick\n")
    write(tmp_path, "run/crond.pid", "10\n")
    return tmp_path


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def cron(root: Path, table: FakeProcessTable) -> Cron:
    return Cron(root, table, lambda: NOW)


def start(table: FakeProcessTable, pid: int, *argv: str, parent: int = 10) -> None:
    table.processes[pid] = FakeProcess(argv=argv, parent=parent, started_at=NOW - 5)


def test_it_is_found_where_there_are_tables(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert isinstance(find(root), Cron)
    assert find(tmp_path_factory.mktemp("empty")) is None


def test_between_two_runs_jobs_are_scheduled_for_their_next(
    root: Path, table: FakeProcessTable
) -> None:
    account = cron(root, table).look()
    slow, quick = account.rows
    assert {row.manager for row in account.rows} == {Manager.CRON}
    assert (slow.state, slow.next_run_at) == (InstanceState.SCHEDULED, at("2026-11-23T09:40Z"))
    assert quick.next_run_at == at("2026-11-24T03:00Z")
    assert [entry.name for entry in account.entries] == ["cron.d/x:1", "cron.d/x:2"]
    assert account.unseen == ()


def test_the_clock_on_the_wall_is_the_hosts_own(root: Path, table: FakeProcessTable) -> None:
    (root / "etc/localtime").write_bytes(zone_file())
    quick = cron(root, table).look(["cron.d/x:2"]).rows[0]
    assert quick.next_run_at == at("2026-11-24T03:00+01:00")


def test_a_broken_time_zone_is_told_and_utc_used(root: Path, table: FakeProcessTable) -> None:
    write(root, "etc/localtime", "no zone")
    account = cron(root, table).look()
    assert account.rows[1].next_run_at == at("2026-11-24T03:00Z")
    assert account.unseen[0].startswith("/etc/localtime: ")


def test_a_zone_nobody_knows_leaves_the_next_run_unknown(
    root: Path, table: FakeProcessTable
) -> None:
    write(root, "usr/sbin/crond", "")
    write(root, "etc/crontab", "CRON_TZ=Nowhere/Town\n0 3 * * * root x\n")
    account = cron(root, table).look()
    assert account.rows[0].next_run_at is None
    assert account.unseen == (
        "/etc/crontab:2: found 'Nowhere/Town' as time zone, expected one of this host",
    )


def test_a_schedule_that_never_comes_true_is_told(root: Path, table: FakeProcessTable) -> None:
    write(root, "etc/crontab", "0 3 31 2 * root x\n@reboot root y\n")
    account = cron(root, table).look()
    assert [row.next_run_at for row in account.rows[:2]] == [None, None]
    assert account.unseen == ("/etc/crontab:1: '0 3 31 2 *' never comes true",)


def test_a_job_mid_run_is_found_below_the_daemon(root: Path, table: FakeProcessTable) -> None:
    start(table, 11, "/usr/sbin/CRON", "-f")
    start(table, 12, "/bin/sh", "-c", "slow", parent=11)
    start(table, 99, "/bin/sh", "-c", "slow", parent=1)
    slow, quick = cron(root, table).look().rows
    assert (slow.state, slow.pid, slow.pids) == (InstanceState.RUNNING, 12, ())
    assert slow.last_run_at == NOW - 5
    assert quick.state is InstanceState.SCHEDULED


def test_what_no_line_says_is_told_and_not_all_of_it(root: Path, table: FakeProcessTable) -> None:
    for pid in range(20, 27):
        start(table, pid, "/bin/old")
    unseen = cron(root, table).look().unseen
    assert "cron: pid 20 (/bin/old) runs and is of no line" in unseen
    assert len(unseen) == 6
    assert unseen[-1] == "cron: and 2 more of no line"


def test_without_a_daemon_jobs_are_stopped_and_it_is_said(root: Path) -> None:
    account = cron(root, FakeProcessTable()).look()
    assert {row.state for row in account.rows} == {InstanceState.STOPPED}
    assert account.unseen == ("no cron runs: nothing starts the 2 jobs of its tables",)


@pytest.mark.parametrize("text", ["", "no number", "77"])
def test_a_pid_file_is_not_believed_without_its_process(
    root: Path, table: FakeProcessTable, text: str
) -> None:
    write(root, "run/crond.pid", text)
    start(table, 12, "/bin/sh", "-c", "slow")
    start(table, 77, "/usr/bin/other", parent=1)
    assert cron(root, table).look().rows[0].pid == 12


def test_an_anacron_at_work_is_a_daemon_too(root: Path, table: FakeProcessTable) -> None:
    write(root, "usr/sbin/anacron", "")
    write(root, "etc/anacrontab", "1 5 own /opt/job\n")
    start(table, 50, "anacron", "-d", parent=1)
    start(table, 51, "/bin/sh", "-c", "/opt/job", parent=50)
    rows = {row.name: row.pid for row in cron(root, table).look().rows}
    assert rows["anacrontab:own"] == 51


def test_an_anacron_below_cron_is_counted_once(root: Path, table: FakeProcessTable) -> None:
    write(root, "etc/anacrontab", "")
    start(table, 50, "anacron", "-d")
    start(table, 51, "/bin/sh", "-c", "slow", parent=50)
    assert cron(root, table).look().rows[0].pid == 51


def test_faults_are_told_where_all_was_asked_for_and_else_not(
    root: Path, table: FakeProcessTable
) -> None:
    write(root, "etc/crontab", "nonsense\n")
    assert len(cron(root, table).look().unseen) == 1
    asked = cron(root, table).look(["cron.d/x:1", "no-such"])
    assert [row.name for row in asked.rows] == ["cron.d/x:1"]
    assert asked.unseen == ()


def test_to_restart_a_job_is_refused(root: Path, table: FakeProcessTable) -> None:
    with pytest.raises(WorldError, match="every run of it starts afresh; found restart as order"):
        cron(root, table).restart(Order(service="cron.d/x:1"))


def test_a_job_that_no_table_has_is_refused_by_name(root: Path, table: FakeProcessTable) -> None:
    manager = cron(root, table)
    with pytest.raises(UnknownName) as refused:
        manager.restart(Order(service="cron.d/x:9", action=Action.NEXT_RUN))
    assert refused.value.subject == "cron.d/x:9"
    with pytest.raises(UnknownName):
        manager.wait_for_end("cron.d/x:9", 1.0)


def test_the_next_run_of_a_job_that_does_not_run_is_fresh_at_once(
    root: Path, table: FakeProcessTable
) -> None:
    told = cron(root, table).restart(Order(service="cron.d/x:1", action=Action.NEXT_RUN))
    assert told.done
    assert told.said == "its next run starts afresh"
