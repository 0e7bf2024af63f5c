"""Where a host keeps its crontabs, and which of them cron would read."""

from pathlib import Path

import pytest

from insvc.adapters.cron_tables import has_tables, read_tables


def write(root: Path, path: str, text: str, mode: int = 0o644) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)


def names(root: Path) -> list[str]:
    return [job.name for job in read_tables(root).jobs]


def test_a_host_without_tables_has_no_cron(tmp_path: Path) -> None:
    assert not has_tables(tmp_path)
    assert read_tables(tmp_path) == ((), ())


@pytest.mark.parametrize("path", ["etc/crontab", "etc/cron.d/x", "etc/anacrontab"])
def test_any_table_tells_of_a_cron(tmp_path: Path, path: str) -> None:
    write(tmp_path, path, "")
    assert has_tables(tmp_path)


def test_jobs_of_the_system_and_of_users_are_found(tmp_path: Path) -> None:
    write(tmp_path, "etc/crontab", "1 * * * * root a\n")
    write(tmp_path, "etc/cron.d/sysstat", "# c\n2 * * * * root b\n", 0o600)
    write(tmp_path, "var/spool/cron/crontabs/alice", "3 * * * * c\n", 0o600)
    jobs = {job.name: job.user for job in read_tables(tmp_path).jobs}
    assert jobs == {"crontab:1": "root", "cron.d/sysstat:2": "root", "crontabs/alice:1": "alice"}


@pytest.mark.parametrize("folder", ["var/spool/cron", "var/spool/cron/tabs"])
def test_other_distributions_keep_those_of_users_elsewhere(tmp_path: Path, folder: str) -> None:
    write(tmp_path, f"{folder}/bob", "3 * * * * c\n", 0o600)
    assert names(tmp_path) == ["crontabs/bob:1"]


def test_files_with_a_dot_in_their_name_are_left_alone(tmp_path: Path) -> None:
    for name in ("x.dpkg-old", ".placeholder", "x~"):
        write(tmp_path, f"etc/cron.d/{name}", "2 * * * * root b\n")
    assert names(tmp_path) == []


def test_a_table_that_others_may_write_is_left_alone_and_told_of(tmp_path: Path) -> None:
    write(tmp_path, "etc/cron.d/x", "2 * * * * root b\n", 0o666)
    assert read_tables(tmp_path) == (
        (),
        (
            (
                "/etc/cron.d/x: found mode 0666, expected none but its owner to write it: "
                "cron leaves it alone"
            ),
        ),
    )


def test_a_table_of_another_owner_is_left_alone_and_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "etc/crontab", "2 * * * * root b\n")
    true_stat = Path.stat

    class OtherOwner:
        st_uid = 12345
        st_mode = 0o100644

    def stat(path: Path, *, follow_symlinks: bool = True) -> object:
        if path.name == "crontab":
            return OtherOwner()
        return true_stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", stat)
    (fault,) = read_tables(tmp_path).faults
    assert fault.startswith("/etc/crontab: found owner 12345, expected ")


def test_a_table_that_is_no_file_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "etc/crontab").mkdir(parents=True)
    (fault,) = read_tables(tmp_path).faults
    assert fault == "/etc/crontab: cannot be read: is no regular file"


def test_a_folder_that_may_not_be_read_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "var/spool/cron/crontabs").mkdir(parents=True)

    def refused(_path: Path) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)
    faults = read_tables(tmp_path).faults
    assert any(
        "cron/crontabs: cannot be read: Permission denied; run as root" in one for one in faults
    )


def test_programs_of_a_folder_are_jobs_in_place_of_its_line(tmp_path: Path) -> None:
    write(tmp_path, "etc/crontab", "25 6 * * * root cd / && run-parts --report /etc/cron.daily\n")
    write(tmp_path, "etc/cron.daily/logrotate", "#!/bin/sh\n", 0o755)
    write(tmp_path, "etc/cron.daily/README", "no program\n", 0o644)
    assert names(tmp_path) == ["cron.daily/logrotate"]


def test_a_folder_without_programs_leaves_the_line_itself(tmp_path: Path) -> None:
    write(tmp_path, "etc/crontab", "17 * * * * root run-parts /etc/cron.hourly\n")
    assert names(tmp_path) == ["crontab:1"]


def test_an_anacron_that_is_installed_runs_what_both_tables_name(tmp_path: Path) -> None:
    write(tmp_path, "etc/crontab", "25 6 * * * root run-parts /etc/cron.daily\n")
    write(tmp_path, "etc/anacrontab", "1 5 cron.daily run-parts /etc/cron.daily\n1 5 own /opt/x\n")
    write(tmp_path, "etc/cron.daily/logrotate", "#!/bin/sh\n", 0o755)
    (alone,) = read_tables(tmp_path).jobs
    write(tmp_path, "usr/sbin/anacron", "", 0o755)
    both = {job.name: job.schedule for job in read_tables(tmp_path).jobs}
    assert alone.schedule == "25 6 * * *"
    assert both == {"cron.daily/logrotate": None, "anacrontab:own": None}
