"""What agents left running is found by pid files and by what they handed down."""

from pathlib import Path

import pytest

from insvc.adapters.pacemaker_left import LeftBehind
from insvc.inspect.pacemaker_cib import Primitive
from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager
from tests.fakes.proc_tree import ProcTree

OWN = "/system.slice/pacemaker.service"
UNIT = ManagerRow(
    name="pacemaker.service",
    manager=Manager.SYSTEMD,
    state=InstanceState.RUNNING,
    pid=5,
    cgroup=OWN,
)
WEB = Primitive(name="web", kind="anything", parameters={})


def processes(root: Path, *found: tuple[int, int, str, str]) -> None:
    """Processes: pid, parent, control group, and the resource handed down."""
    tree = ProcTree(root / "proc")
    for pid, parent, group, resource in found:
        folder = tree.add(pid, parent=parent, group=group)
        (folder / "environ").write_bytes(f"OCF_RESOURCE_INSTANCE={resource}\0".encode())
        listed = root / "groups" / group.lstrip("/") / "cgroup.procs"
        listed.parent.mkdir(parents=True, exist_ok=True)
        with listed.open("a") as file:
            file.write(f"{pid}\n")


def pid_file(root: Path, text: str) -> None:
    path = root / "run/anything_web.pid"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def left(root: Path) -> LeftBehind:
    return LeftBehind(root, root / "proc", root / "groups")


@pytest.mark.parametrize("group", [OWN, "/user.slice/user-0.slice/session-c2.scope", "/"])
def test_a_pid_file_names_a_process_of_its_resource(tmp_path: Path, group: str) -> None:
    processes(tmp_path, (70, 1, group, ""))
    pid_file(tmp_path, "70\n")
    assert left(tmp_path).of([WEB], UNIT) == ({"web": (70,)}, ())


def test_a_pid_file_names_no_process_of_another_unit(tmp_path: Path) -> None:
    processes(tmp_path, (70, 1, "/system.slice/ssh.service", ""))
    pid_file(tmp_path, "70\n")
    assert left(tmp_path).of([WEB], UNIT) == ({}, ())


@pytest.mark.parametrize("text", ["71\n", "x\n", "9" * 5000])
def test_a_pid_file_without_a_process_names_nothing(tmp_path: Path, text: str) -> None:
    processes(tmp_path, (70, 1, "/", ""))
    pid_file(tmp_path, text)
    assert left(tmp_path).of([WEB], UNIT) == ({}, ())


def test_pacemaker_itself_and_the_agents_it_runs_now_were_not_left(tmp_path: Path) -> None:
    pacemaker = [(5, 1, OWN, ""), (6, 5, OWN, ""), (7, 6, OWN, "web")]
    processes(tmp_path, *pacemaker, (70, 1, OWN, "web"))
    assert left(tmp_path).of([WEB], UNIT) == ({"web": (70,)}, ())


def test_a_process_that_is_gone_meanwhile_is_nobodys(tmp_path: Path) -> None:
    processes(tmp_path, (70, 1, OWN, "web"))
    (tmp_path / "proc/70/stat").unlink()
    assert left(tmp_path).of([WEB], UNIT) == ({}, ())


def test_without_a_unit_only_pid_files_tell(tmp_path: Path) -> None:
    processes(tmp_path, (70, 1, "/", ""))
    pid_file(tmp_path, "70\n")
    assert left(tmp_path).of([WEB], None) == ({"web": (70,)}, ())


def test_a_group_that_cannot_be_found_holds_nothing(tmp_path: Path) -> None:
    ProcTree(tmp_path / "proc")
    assert left(tmp_path).of([WEB], UNIT) == ({}, ())
