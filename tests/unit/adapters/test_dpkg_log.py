"""Versions of the past, from dpkg's log and its former logs."""

import gzip
import time
from pathlib import Path

import pytest

from insvc.adapters.dpkg_log import DpkgLog


def at(stamp: str) -> float:
    """That local time as seconds since the epoch."""
    return time.mktime(time.strptime(stamp, "%Y-%m-%d %H:%M:%S"))


def line(stamp: str, package: str, before: str, after: str, verb: str = "upgrade") -> str:
    """A line of the log."""
    return f"{stamp} {verb} {package} {before} {after}\n"


def keep(folder: Path, *months: str) -> DpkgLog:
    """Logs, the newest first, as logrotate leaves them."""
    log = folder / "dpkg.log"
    for number, text in enumerate(months):
        if number < 2:
            log.with_name(f"dpkg.log.{number}" if number else "dpkg.log").write_text(text)
        else:
            log.with_name(f"dpkg.log.{number}.gz").write_bytes(gzip.compress(text.encode()))
    return DpkgLog(str(log))


NOVEMBER = line("2026-11-02 10:00:00", "libx:amd64", "1.3", "1.4")
OCTOBER = line("2026-10-05 10:00:00", "other", "1", "2") + line(
    "2026-10-09 10:00:00", "libx:amd64", "1.2", "1.3"
)
SEPTEMBER = line("2026-09-03 10:00:00", "libx:amd64", "<none>", "1.1", "install") + line(
    "2026-09-09 10:00:00", "libx:amd64", "1.1", "1.2"
)


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        ("2026-11-02 10:00:01", "1.4"),
        ("2026-11-02 09:59:59", "1.3"),
        ("2026-10-06 00:00:00", "1.2"),
        ("2026-09-05 00:00:00", "1.1"),
        ("2026-09-01 00:00:00", None),
    ],
)
def test_former_logs_tell_what_an_older_process_found(
    tmp_path: Path, moment: str, version: str | None
) -> None:
    assert keep(tmp_path, NOVEMBER, OCTOBER, SEPTEMBER).version_at("libx", at(moment)) == version


def test_compressed_logs_are_opened_only_for_what_is_older(tmp_path: Path) -> None:
    log = keep(tmp_path, NOVEMBER, OCTOBER)
    (tmp_path / "dpkg.log.2.gz").write_bytes(b"no archive at all")
    assert log.version_at("libx", at("2026-10-06 00:00:00")) == "1.2"
    assert log.version_at("nobody", at("2026-10-06 00:00:00")) is None
    assert log._logs.keys() == {0, 1}
    assert log.version_at("libx", at("2026-09-06 00:00:00")) == "1.2"
    assert log._logs[2] is None


def test_a_log_that_was_just_begun_leaves_it_to_the_former_one(tmp_path: Path) -> None:
    assert keep(tmp_path, "", OCTOBER).version_at("libx", at("2026-10-07 00:00:00")) == "1.2"


def test_packages_whose_names_begin_alike_are_told_apart(tmp_path: Path) -> None:
    text = line("2026-11-02 10:00:00", "libxy:amd64", "7", "8") + NOVEMBER
    assert keep(tmp_path, text).version_at("libx", at("2026-11-01 00:00:00")) == "1.3"


def test_a_log_that_grows_is_read_again(tmp_path: Path) -> None:
    log = keep(tmp_path, NOVEMBER)
    assert log.version_at("libx", at("2026-11-20 00:00:00")) == "1.4"
    later = line("2026-11-10 10:00:00", "libx:amd64", "1.4", "1.5", "downgrade")
    (tmp_path / "dpkg.log").write_text(NOVEMBER + later)
    assert log.version_at("libx", at("2026-11-20 00:00:00")) == "1.5"


def test_lines_that_are_none_are_passed_over(tmp_path: Path) -> None:
    text = "2026-xx-02 10:00:00 upgrade libx 1 2\n\xff upgrade libx\nupgrade libx 1 2\n" + NOVEMBER
    log = keep(tmp_path, text)
    assert log.version_at("libx", at("2026-11-02 09:00:00")) == "1.3"


def test_a_machine_without_logs_tells_nothing(tmp_path: Path) -> None:
    assert DpkgLog(str(tmp_path / "dpkg.log")).version_at("libx", 0.0) is None
