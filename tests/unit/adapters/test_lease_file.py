import os
import subprocess
import sys
from pathlib import Path

import pytest

from insvc.adapters.lease_file import FileLease
from insvc.errors import CorruptStore, WorldError
from insvc.ports import Holder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "controller" / "lease.lock"


HOLD = (
    "import sys; from pathlib import Path; from insvc.adapters.lease_file import FileLease\n"
    "print(FileLease(Path(sys.argv[1])).acquire(), flush=True); sys.stdin.read()"
)


def test_a_killed_holder_gives_it_back_and_its_epoch_stays_used(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "1\n"
        with pytest.raises(WorldError, match=f"is held by process {other.pid} "):
            FileLease(path).acquire()
        other.kill()
        other.wait()
    mine = FileLease(path)
    assert mine.holder() is None
    assert mine.acquire() == 2
    mine.release()


def test_its_holder_is_told_with_process_and_time(path: Path) -> None:
    lease = FileLease(path)
    lease.acquire()
    holder = FileLease(path).holder()
    assert holder is not None
    assert (holder.pid, holder.epoch) == (os.getpid(), 1)
    assert holder.since > 1_600_000_000
    lease.release()


def test_a_holder_that_left_no_name_is_a_holder_still(path: Path) -> None:
    lease = FileLease(path)
    lease.acquire()
    path.write_text("{", encoding="ascii")
    assert FileLease(path).holder() == Holder(pid=0, epoch=0, since=0.0)
    with pytest.raises(WorldError, match="held by another controller"):
        FileLease(path).acquire()
    lease.release()


@pytest.mark.parametrize("content", [b"", b"many", b"-3", b"\xff\xfe"])
def test_an_epoch_that_cannot_be_read_is_refused_and_left_as_it_is(
    path: Path, content: bytes
) -> None:
    FileLease(path).acquire()
    epoch = path.with_suffix(".epoch")
    epoch.write_bytes(content)
    lease = FileLease(path.with_name("other.lock"))
    epoch.rename(path.with_name("other.epoch"))
    with pytest.raises(CorruptStore, match="expected the last epoch"):
        lease.acquire()
    assert path.with_name("other.epoch").read_bytes() == content
    assert lease.holder() is None


def test_a_folder_that_cannot_be_written_is_an_error_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorldError, match="cannot be taken"):
        FileLease(tmp_path / "file" / "lease.lock").acquire()


def test_an_epoch_that_cannot_be_kept_is_not_given(path: Path) -> None:
    lease = FileLease(path)
    path.parent.mkdir()
    path.with_suffix(".epoch").mkdir()
    with pytest.raises(WorldError, match="cannot be taken"):
        lease.acquire()
    assert lease.holder() is None


def test_nobody_holds_what_was_never_taken(path: Path) -> None:
    assert FileLease(path).holder() is None


def test_nothing_but_the_lock_and_the_epoch_is_left(path: Path) -> None:
    lease = FileLease(path)
    lease.acquire()
    lease.release()
    assert sorted(one.name for one in path.parent.iterdir()) == ["lease.epoch", "lease.lock"]
    assert path.read_bytes() == b""
