"""Reading a procfs made of plain files: races, threads and kernels without lists of children."""

import os
import time
from pathlib import Path

import pytest

from insvc.adapters.procfs import ProcfsTable, booted_at
from insvc.errors import WorldError

STAT = "{pid} (a daemon) {state} {parent} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 {threads} 0 500 0 0\n"


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """An empty procfs."""
    random = tmp_path / "sys/kernel/random"
    random.mkdir(parents=True)
    (random / "boot_id").write_text("boot-1\n", "ascii")
    return tmp_path


def put(
    proc: Path, pid: int, *, parent: int = 1, state: str = "S", threads: int = 1, maps: str = ""
) -> Path:
    """A process of that procfs."""
    folder = proc / str(pid)
    (folder / "task" / str(pid)).mkdir(parents=True)
    stat = STAT.format(pid=pid, state=state, parent=parent, threads=threads)
    (folder / "stat").write_text(stat, "ascii")
    (folder / "maps").write_text(maps, "ascii")
    return folder


def test_a_machine_without_procfs_is_an_error_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="no process can be looked at: No such file") as caught:
        ProcfsTable(tmp_path)
    assert caught.value.next_act == f"mount it with `mount -t proc proc {tmp_path}`"


def test_the_boot_is_read_once(proc: Path) -> None:
    put(proc, 5)
    table = ProcfsTable(proc)
    assert table.boot_id() == "boot-1"
    assert str(table.identity(5)) == "pid 5 (start 500)"


def test_children_are_found_by_their_parents_where_the_kernel_keeps_no_list(proc: Path) -> None:
    put(proc, 5)
    put(proc, 6, parent=5)
    put(proc, 7, parent=5, state="Z")
    put(proc, 8, parent=6)
    assert ProcfsTable(proc).children(5) == (6,)


def test_the_kernel_s_own_list_of_children_is_used_thread_by_thread(proc: Path) -> None:
    folder = put(proc, 5)
    put(proc, 6)
    put(proc, 7)
    (folder / "task" / "51").mkdir()
    (folder / "task" / "5" / "children").write_text("6 99 ", "ascii")
    (folder / "task" / "51" / "children").write_text("7 ", "ascii")
    assert set(ProcfsTable(proc).children(5)) == {6, 7}


def test_a_thread_that_ends_while_it_is_read_has_no_children(proc: Path) -> None:
    folder = put(proc, 5)
    (folder / "task" / "5" / "children").write_text("", "ascii")
    (folder / "task" / "51").mkdir()
    (folder / "task" / "52" / "children").mkdir(parents=True)
    assert ProcfsTable(proc).children(5) == ()


def test_the_mappings_of_a_process_whose_leader_ended_are_its_threads(proc: Path) -> None:
    library = proc / "lib.so"
    line = f"1000-2000 r-xp 0 00:01 1 {library} (deleted)\n"
    folder = put(proc, 5, state="Z", threads=2)
    assert ProcfsTable(proc).replaced_mappings(5) == ()
    (folder / "task" / "51").mkdir()
    (folder / "task" / "51" / "maps").write_text(line, "ascii")
    found = ProcfsTable(proc).replaced_mappings(5)
    assert [mapping.path for mapping in found] == [str(library)]


def test_a_process_without_maps_or_threads_maps_nothing(proc: Path) -> None:
    folder = put(proc, 5)
    (folder / "task" / "5").rmdir()
    (folder / "task").rmdir()
    assert ProcfsTable(proc).replaced_mappings(5) == ()


def test_a_process_that_ends_while_its_maps_are_refused_is_gone(proc: Path) -> None:
    folder = put(proc, 5)
    (folder / "maps").unlink()
    (folder / "maps").mkdir()
    with pytest.raises(WorldError, match="pid 5: its mappings cannot be read"):
        ProcfsTable(proc).replaced_mappings(5)
    (folder / "stat").unlink()
    assert ProcfsTable(proc).replaced_mappings(5) == ()


def test_the_file_in_the_process_s_own_root_counts(proc: Path) -> None:
    folder = put(proc, 5)
    inside = folder / "root" / "srv" / "own-only.so"
    inside.parent.mkdir(parents=True)
    inside.write_bytes(b"code")
    seen = inside.stat()
    device = f"{os.major(seen.st_dev):02x}:{os.minor(seen.st_dev):02x}"
    line = f"1000-2000 r-xp 0 {device} {seen.st_ino} /srv/own-only.so\n"
    (folder / "maps").write_text(line, "ascii")
    assert ProcfsTable(proc).replaced_mappings(5) == ()
    inside.with_name("new").write_bytes(b"new code")
    inside.with_name("new").rename(inside)
    (found,) = ProcfsTable(proc).replaced_mappings(5)
    assert found.mapped == f"{device}:{seen.st_ino}"
    assert found.on_disk == f"{device}:{inside.stat().st_ino}"


def test_a_path_that_no_file_can_have_is_a_replaced_file(proc: Path) -> None:
    put(proc, 5, maps="1000-2000 r-xp 0 fe:00 1 /usr/lib/\0.so\n")
    assert len(ProcfsTable(proc).replaced_mappings(5)) == 1


def test_the_boot_lies_as_long_ago_as_the_kernel_counts() -> None:
    before = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    after = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    assert min(before, after) - 60 < booted_at() < max(before, after) + 60


def test_this_very_process_started_before_now_and_after_the_boot() -> None:
    started_at = ProcfsTable().started_at(os.getpid())
    assert started_at is not None
    assert time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) <= started_at <= time.time()
