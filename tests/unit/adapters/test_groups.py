"""Processes of a control group, from the kernel's lists."""

from pathlib import Path

from insvc.adapters.groups import pids_of_group


def fill(folder: Path, *pids: int) -> None:
    """A control group with these processes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in pids))


def test_processes_below_a_group_are_in_it(tmp_path: Path) -> None:
    fill(tmp_path / "a.service", 30)
    fill(tmp_path / "a.service/worker/deep", 10, 20)
    (tmp_path / "a.service/odd").mkdir()
    assert pids_of_group(tmp_path, "/a.service") == (10, 20, 30)


def test_a_group_is_found_in_the_hierarchy_of_either_version(tmp_path: Path) -> None:
    fill(tmp_path / "systemd/a.service", 1)
    fill(tmp_path / "unified/b.service", 2)
    assert pids_of_group(tmp_path, "/a.service") == (1,)
    assert pids_of_group(tmp_path, "/b.service") == (2,)


def test_a_group_that_is_not_there_is_told_apart_from_an_empty_one(tmp_path: Path) -> None:
    fill(tmp_path / "a.service")
    assert pids_of_group(tmp_path, "/a.service") == ()
    assert pids_of_group(tmp_path, "/b.service") is None


def test_a_list_that_cannot_be_read_is_not_taken_for_empty(tmp_path: Path) -> None:
    (tmp_path / "a.service/cgroup.procs").mkdir(parents=True)
    assert pids_of_group(tmp_path, "/a.service") is None
