"""A sweep over processes of every kind."""

import os
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters.aside import Aside
from insvc.adapters.procfs import booted_at
from insvc.adapters.sweep import Sweep
from insvc.inspect.sweep import Fate, Seen, packed
from tests.fakes.proc_tree import ProcTree, maps_line


@pytest.fixture
def tree(tmp_path: Path) -> ProcTree:
    """An empty procfs with a first process."""
    return ProcTree(tmp_path / "proc")


def look(tree: ProcTree) -> dict[int, Seen]:
    """What a sweep over that procfs sees, by pid."""
    with Sweep(tree.path, booted_at()) as sweep:
        return {one.pid: one for one in sweep.look()}


def test_processes_are_seen_with_their_names_whatever_they_are(
    tree: ProcTree, tmp_path: Path
) -> None:
    program = tmp_path / "my program (1)"
    program.touch()
    tree.add(7, "a) R (b\nc", maps=[maps_line(program)], parent=3, start_ticks=77)
    found = look(tree)[7]
    assert (found.name, found.parent, found.start_ticks) == ("a) R (b\nc", 3, 77)
    assert (found.program, found.place, found.is_host) == (str(program), 0, True)


def test_zombies_and_threads_of_the_kernel_are_left_out(tree: ProcTree) -> None:
    tree.add(7, state="Z")
    tree.add(8, flags=0x00200040)
    (tree.path / "9").mkdir()
    (tree.path / "10").mkdir()
    (tree.path / "10/stat").write_text("nonsense")
    assert sorted(look(tree)) == [1]


def test_a_process_whose_first_thread_ended_is_seen_by_another(
    tree: ProcTree, tmp_path: Path
) -> None:
    program = tmp_path / "program"
    program.touch()
    folder = tree.add(7, state="Z", threads=2)
    for task, text in (("7", ""), ("8", maps_line(program) + "\n")):
        (folder / "task" / task).mkdir()
        (folder / "task" / task / "maps").write_text(text)
        (folder / "task" / task / "cmdline").touch()
        (folder / "task" / task / "ns").mkdir()
        (folder / "task" / task / "ns/mnt").symlink_to("mnt:[host]")
        (folder / "task" / task / "root").symlink_to("/")
    assert look(tree)[7].program == str(program)
    with Sweep(tree.path, booted_at()) as sweep:
        assert sweep.mapped(7) == {str(program)}


def test_what_a_process_maps_is_told_current_or_not(tree: ProcTree, tmp_path: Path) -> None:
    for name in ("program", "libx.so"):
        (tmp_path / name).touch()
    lines = [maps_line(tmp_path / "program"), maps_line(tmp_path / "libx.so") + " (deleted)"]
    tree.add(7, maps=lines)
    tree.add(8)
    with Sweep(tree.path, booted_at()) as sweep:
        assert sweep.mapped(7) == {str(tmp_path / "program"), str(tmp_path / "libx.so")}
        assert sweep.mapped(8) == sweep.mapped(99) == frozenset()


def test_a_process_that_maps_nothing_is_current(tree: ProcTree) -> None:
    tree.add(7)
    assert (look(tree)[7].program, look(tree)[7].hits) == ("", ())


def test_a_replaced_file_is_a_hit_in_every_process_that_maps_it(
    tree: ProcTree, tmp_path: Path
) -> None:
    library = tmp_path / "libx.so"
    library.write_text("old")
    line = maps_line(library)
    library.rename(tmp_path / "kept")
    library.write_text("new")
    tree.add(7, maps=[f"{line} (deleted)"])
    tree.add(8, maps=[f"{line} (deleted)", maps_line(library)])
    tree.add(9, maps=[maps_line(library)])
    found = look(tree)
    assert [len(found[pid].hits) for pid in (7, 8, 9)] == [1, 1, 0]
    hit = found[7].hits[0]
    assert hit.mapping.path == str(library)


def test_the_group_and_the_surroundings_of_a_process_are_read_when_asked_for(
    tree: ProcTree,
) -> None:
    folder = tree.add(7, group="/system.slice/a.service")
    (folder / "environ").write_bytes(b"AB=1\0B=2\0")
    with Sweep(tree.path, booted_at()) as sweep:
        assert sweep.group(7) == "/system.slice/a.service"
        assert sweep.working_folder(7) == "/"
        assert sweep.working_folder(99) == "/"
        assert sweep.variable(7, "") == sweep.variable(7, "A") == ""
        assert sweep.variable(7, "B") == "2"
        assert sweep.group(99) == "/"
        assert sweep.text(7, "nothing") == b""


def test_stats_leave_out_what_is_gone(tree: ProcTree) -> None:
    tree.add(7)
    tree.add(8, state="Z")
    with Sweep(tree.path, booted_at()) as sweep:
        assert [one.pid for one in sweep.stats([7, 8, 99])] == [7]


def test_hidden_processes_are_noticed(tree: ProcTree) -> None:
    with Sweep(tree.path, booted_at()) as sweep:
        assert not sweep.is_hidden
        (tree.path / "1/stat").unlink()
        assert sweep.is_hidden


def test_this_very_process_is_seen_in_the_real_procfs() -> None:
    with Sweep(Path("/proc"), booted_at()) as sweep:
        (found,) = sweep.look([os.getpid()])
    assert found.is_readable
    assert found.program.rpartition("/")[2].startswith("python")
    assert all(hit.fate is Fate.SAME_CONTENT for hit in found.hits)


def test_a_process_none_of_whose_threads_maps_anything_is_current(tree: ProcTree) -> None:
    folder = tree.add(7, threads=2)
    (folder / "task/7").mkdir()
    (folder / "task/7/maps").touch()
    assert look(tree)[7].hits == ()


def crowd(tree: ProcTree, tmp_path: Path) -> None:
    """Many processes: of the host and of two containers, current and stale ones."""
    roots = [Path("/"), tmp_path / "one", tmp_path / "two"]
    for root in roots[1:]:
        root.mkdir()
    library = tmp_path / "libx.so"
    library.write_text("old")
    line = maps_line(library)
    library.rename(tmp_path / "kept")
    library.write_text("new")
    for pid in range(100, 340):
        at = pid % 3
        maps = [f"{line} (deleted)"] if pid % 5 == 0 else [maps_line(library)]
        group = f"/system.slice/s{pid % 7}.service"
        tree.add(pid, maps=maps, root=roots[at], space=f"space-{at}", group=group)


def told(seen: Seen) -> tuple[object, ...]:
    """All there is to say of a process but for the number of its place."""
    return (*packed(seen)[:4], *packed(seen)[5:])


def test_half_of_many_is_looked_at_by_a_child_and_seen_as_by_one(
    tree: ProcTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(tree, tmp_path)
    monkeypatch.setattr("insvc.adapters.sweep.can_work_aside", lambda: True)
    begun: list[Aside] = []

    class Noted(Aside):
        """Tells that it was begun."""

        def __init__(self, work: Any) -> None:
            begun.append(self)
            super().__init__(work)

    monkeypatch.setattr("insvc.adapters.sweep.Aside", Noted)
    with Sweep(tree.path, booted_at(), is_alone=True) as sweep:
        shared = {one.pid: one for one in sweep.look()}
        assert len(begun) == 1
        assert len(sweep.look(range(100, 150))) == 50
        assert len(begun) == 1
    alone = look(tree)
    assert len(begun) == 1
    assert {pid: told(one) for pid, one in shared.items()} == {
        pid: told(one) for pid, one in alone.items()
    }
    assert len({one.place for one in shared.values()}) > len({one.place for one in alone.values()})
    for place in {one.place for one in shared.values()}:
        spaces = {
            str((tree.path / f"{pid}/ns/mnt").readlink())
            for pid, one in shared.items()
            if one.place == place
        }
        assert len(spaces) == 1


def test_what_a_child_that_fails_had_to_look_at_is_looked_at_here(
    tree: ProcTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(tree, tmp_path)
    monkeypatch.setattr("insvc.adapters.sweep.can_work_aside", lambda: True)
    monkeypatch.setattr("insvc.adapters.sweep.packed", lambda _: object())
    with Sweep(tree.path, booted_at(), is_alone=True) as sweep:
        assert sorted(one.pid for one in sweep.look()) == sorted(look(tree))
