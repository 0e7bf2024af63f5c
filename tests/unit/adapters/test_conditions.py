"""`insvc.adapters.conditions`: below a root of its own, with locks that are really held."""

import errno
import fcntl
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.conditions import conditions
from insvc.model.words import Condition

HOLDER = (
    "import fcntl, sys\n"
    "file = open(sys.argv[1], 'r+')\n"
    "fcntl.lockf(file, getattr(fcntl, sys.argv[2]))\n"
    "print('held', flush=True)\n"
    "sys.stdin.read()\n"
)
TRANSACTION = (Condition.PACKAGE_TRANSACTION.value,)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("var/lib/dpkg", "run/systemd/sessions"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/lock-frontend").touch()
    (tmp_path / "var/lib/dpkg/lock").touch()
    return tmp_path


class Holder:
    """Another process that holds a lock until it is told to end."""

    def __init__(self, path: Path, kind: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(path), kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"held\n"

    def end(self) -> None:
        self.process.communicate()


@pytest.fixture(params=["lock", "lock-frontend"])
def held(root: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    holder = Holder(root / "var/lib/dpkg" / request.param, "LOCK_EX")
    yield root
    holder.end()


def test_nothing_goes_on_at_a_host_at_rest(root: Path) -> None:
    assert conditions(root) == ()


@pytest.mark.usefixtures("held")
def test_a_lock_that_is_held_is_a_package_transaction(root: Path) -> None:
    assert conditions(root) == TRANSACTION


@pytest.mark.usefixtures("held")
def test_a_lock_that_the_list_leaves_out_is_found_by_asking(root: Path, tmp_path: Path) -> None:
    proc = tmp_path / "proc"
    proc.mkdir()
    (proc / "locks").write_text("")
    assert conditions(root, proc) == TRANSACTION


def test_a_reader_changes_no_package(root: Path) -> None:
    holder = Holder(root / "var/lib/dpkg/lock", "LOCK_SH")
    assert conditions(root) == ()
    holder.end()


def refuse_to_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file may be opened by its descriptor, as the lock files by an ordinary user."""

    def refuse(path: object, *_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("insvc.adapters.conditions.os.open", refuse)


def test_a_lock_that_may_not_be_opened_is_found_in_the_list(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ordinary user may see the lock file and not open it; a symbolic link is no lock file."""
    refuse_to_open(monkeypatch)
    seen = (root / "var/lib/dpkg/lock").stat()
    proc = tmp_path / "proc"
    proc.mkdir()
    device = f"{os.major(seen.st_dev):02x}:{os.minor(seen.st_dev):02x}"
    (proc / "locks").write_text(f"1: POSIX  ADVISORY  WRITE 5 {device}:{seen.st_ino} 0 EOF\n")
    assert conditions(root, proc) == TRANSACTION
    (proc / "locks").write_text(f"1: POSIX  ADVISORY  READ 5 {device}:{seen.st_ino} 0 EOF\n")
    assert conditions(root, proc) == ()


def test_locks_that_cannot_be_listed_cannot_be_ruled_out(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_to_open(monkeypatch)
    assert conditions(root, tmp_path / "no-proc") == TRANSACTION


def test_a_folder_that_is_no_folder_cannot_be_ruled_out(tmp_path: Path) -> None:
    (tmp_path / "var/lib").mkdir(parents=True)
    (tmp_path / "var/lib/dpkg").touch()
    (tmp_path / "run").mkdir()
    (tmp_path / "run/systemd").touch()
    assert conditions(tmp_path) == tuple(one.value for one in Condition)


def test_what_is_no_plain_file_is_no_lock(root: Path) -> None:
    (root / "var/lib/dpkg/lock").unlink()
    (root / "var/lib/dpkg/lock").mkdir()
    assert conditions(root) == ()


def test_who_is_logged_in_is_read_from_the_session_files(root: Path) -> None:
    folder = root / "run/systemd/sessions"
    (folder / "1").write_text("STATE=active\nCLASS=user\nTYPE=x11\n")
    os.mkfifo(folder / "1.ref")
    os.mkfifo(folder / "pipe-that-nobody-writes-to")
    (folder / "2").symlink_to("nowhere")
    assert conditions(root) == ("user-session", "graphical-session")


def test_without_a_login_manager_utmp_is_read(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    assert conditions(tmp_path) == ()
    record = struct.pack("<hxxi376x", 7, os.getpid())
    (tmp_path / "run/utmp").write_bytes(record)
    assert conditions(tmp_path) == ("user-session", "graphical-session")
    (tmp_path / "run/utmp").write_bytes(struct.pack("<hxxi376x", 7, 1 << 30))
    assert conditions(tmp_path) == ()
    (tmp_path / "run/utmp").unlink()
    (tmp_path / "run/utmp").mkdir()
    assert conditions(tmp_path) == ("user-session", "graphical-session")


def test_looking_takes_no_lock(root: Path) -> None:
    conditions(root)
    with (root / "var/lib/dpkg/lock").open("r+") as file:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
