"""Mapped files are compared where the process sees them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from insvc.adapters.procfs import booted_at
from insvc.adapters.sweep import Sweep
from insvc.inspect.sweep import Fate, Hit
from tests.fakes.proc_tree import ProcTree, maps_line, ticks_ago


@pytest.fixture
def tree(tmp_path: Path) -> ProcTree:
    """An empty procfs with a first process."""
    return ProcTree(tmp_path / "proc")


def hits(tree: ProcTree, pid: int = 7) -> Sequence[Hit]:
    """What a sweep finds in that process."""
    with Sweep(tree.path, booted_at()) as sweep:
        return {one.pid: one for one in sweep.look()}[pid].hits


def replaced(path: Path, old: str, new: str | None, *, line_of: str | None = None) -> str:
    """Put another file at a path, or none; the line of who maps the former one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(old)
    line = maps_line(path)
    path.rename(path.with_name(f"{path.name}.kept"))
    if new is not None:
        path.write_text(new)
    if line_of is not None:
        line = line.replace(str(path), line_of)
    return f"{line} (deleted)"


def give_mapped_file(folder: Path, path: Path) -> None:
    """Let a process offer the file it maps, as `map_files` does."""
    (folder / "map_files").mkdir()
    (folder / "map_files/55aa00000000-55aa00001000").symlink_to(path)


def test_a_library_in_a_container_is_compared_in_its_own_root(
    tree: ProcTree, tmp_path: Path
) -> None:
    root = tmp_path / "container"
    (root / "lib").mkdir(parents=True)
    (root / "lib/libx.so").write_text("theirs")
    line = maps_line(root / "lib/libx.so").replace(str(root), "")
    tree.add(7, maps=[line], root=root, space="container")
    gone = replaced(root / "lib/liby.so", "old", "new", line_of="/lib/liby.so")
    tree.add(8, maps=[gone], root=root, space="container")
    assert hits(tree, 7) == ()
    (hit,) = hits(tree, 8)
    assert (hit.mapping.path, hit.fate) == ("/lib/liby.so", Fate.REPLACED)


def test_the_hosts_file_of_the_same_path_is_never_taken_for_a_containers(
    tree: ProcTree, tmp_path: Path
) -> None:
    root = tmp_path / "container"
    root.mkdir()
    on_host = tmp_path / "libx.so"
    on_host.write_text("of the host")
    other = tmp_path / "other"
    other.write_text("of the container")
    line = maps_line(other).replace(str(other), str(on_host))
    tree.add(7, maps=[line], root=root, space="container")
    assert hits(tree) == ()


def test_a_chroot_in_a_container_is_compared_from_the_containers_root(
    tree: ProcTree, tmp_path: Path
) -> None:
    root = tmp_path / "container"
    jail = root / "var/empty"
    jail.mkdir(parents=True)
    (root / "lib").mkdir()
    (root / "lib/libx.so").write_text("current")
    current = maps_line(root / "lib/libx.so").replace(str(root), "")
    old = replaced(root / "lib/liby.so", "old", "new", line_of="/lib/liby.so")
    tree.add(6, root=root, space="container")
    tree.add(7, maps=[current, old], root=jail, space="container")
    assert [hit.mapping.path for hit in hits(tree)] == ["/lib/liby.so"]


def test_a_chroot_on_the_host_is_compared_from_the_hosts_root(
    tree: ProcTree, tmp_path: Path
) -> None:
    jail = tmp_path / "jail"
    (jail / "lib").mkdir(parents=True)
    (jail / "lib/libx.so").write_text("current")
    seen_from_host = maps_line(jail / "lib/libx.so")
    seen_from_jail = seen_from_host.replace(str(jail), "")
    tree.add(7, maps=[seen_from_host, seen_from_jail], root=jail)
    assert hits(tree) == ()


def test_a_service_with_a_mount_namespace_of_its_own_is_of_the_host(tree: ProcTree) -> None:
    tree.add(7, space="private")
    with Sweep(tree.path, booted_at()) as sweep:
        found = {one.pid: one for one in sweep.look()}[7]
    assert (found.place, found.is_host) == (1, True)


def test_a_container_is_not_of_the_host(tree: ProcTree, tmp_path: Path) -> None:
    tree.add(7, space="container", root=tmp_path)
    with Sweep(tree.path, booted_at()) as sweep:
        assert not {one.pid: one for one in sweep.look()}[7].is_host


@pytest.mark.parametrize(
    ("new", "fate"),
    [
        ("same", Fate.SAME_CONTENT),
        ("diff", Fate.REPLACED),
        ("longer", Fate.REPLACED),
        (None, Fate.REPLACED),
    ],
)
def test_only_an_equal_file_at_the_path_is_the_same_code(
    tree: ProcTree,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    new: str | None,
    fate: Fate,
) -> None:
    monkeypatch.setattr("insvc.inspect.maps._TEMPORARY_FOLDERS", ("/dev/",))
    library = tmp_path / "libx.so"
    folder = tree.add(7, maps=[replaced(library, "same", new)])
    give_mapped_file(folder, tmp_path / "libx.so.kept")
    assert [hit.fate for hit in hits(tree)] == [fate]


def test_files_that_cannot_be_compared_count_as_replaced(tree: ProcTree, tmp_path: Path) -> None:
    library = tmp_path / "libx.so"
    folder = tree.add(7, maps=[replaced(library, "same", "same")])
    (folder / "map_files").mkdir()
    assert len(hits(tree)) == 1


def test_an_overlay_shows_itself_in_the_mapped_file(tree: ProcTree, tmp_path: Path) -> None:
    library = tmp_path / "libx.so"
    library.write_text("x")
    number = library.stat().st_ino
    line = maps_line(library).replace(f" {number} ", f" {number + 1} ")
    folder = tree.add(7, maps=[line])
    assert len(hits(tree)) == 1
    give_mapped_file(folder, library)
    assert hits(tree) == ()


def test_memory_and_devices_are_never_looked_for(tree: ProcTree) -> None:
    tree.add(7, maps=["7f0000000000-7f0000001000 r-xp 00000000 00:01 5 /memfd:jit (deleted)"])
    assert hits(tree) == ()


def test_a_process_whose_root_may_not_be_read_is_not_judged(tree: ProcTree, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "in").mkdir(parents=True)
    tree.add(7, maps=[], root=closed / "in")
    (tree.path / "7/maps").unlink()
    with Sweep(tree.path, booted_at()) as sweep:
        assert 7 not in {one.pid for one in sweep.look()}


def test_an_installed_file_written_over_is_found_by_its_times(
    tree: ProcTree, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    library = tmp_path / "libx.so"
    library.write_text("written just now")
    monkeypatch.setattr("insvc.inspect.maps._TEMPORARY_FOLDERS", ("/dev/",))
    tree.add(7, maps=[maps_line(library)], start_ticks=10)
    tree.add(8, maps=[maps_line(library)], start_ticks=ticks_ago(-1000))
    assert hits(tree, 7) == ()
    monkeypatch.setattr("insvc.adapters.birth.born_at", lambda *_: 0.0)
    assert [hit.fate for hit in hits(tree, 7)] == [Fate.REWRITTEN]
    with Sweep(tree.path, booted_at()) as sweep:
        assert {one.pid: one for one in sweep.look()}[8].hits == ()
