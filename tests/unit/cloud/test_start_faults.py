from pathlib import Path

from insvc.cloud.start_faults import LOG_LINES, last_lines, not_ready
from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager


def row(name: str) -> ManagerRow:
    return ManagerRow(name=name, manager=Manager.SM, state=InstanceState.FAILED)


def test_the_first_service_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    lines = [f"line {number}" for number in range(LOG_LINES + 5)]
    (tmp_path / "log" / "vim.log").write_text("\n".join(lines), "utf-8")
    fault = not_ready(tmp_path, (row("vim"), row("vim-api")))
    assert fault.subject == f"vim on {tmp_path.name}"
    assert "is failed, expected running (and 1 more)" in fault.reason
    assert f"line {LOG_LINES + 4}" in fault.reason
    assert "line 4\n" not in fault.reason
    assert str(tmp_path / "log" / "vim.log") in fault.next_act


def test_a_host_without_an_answer_is_named_with_its_agents_log(tmp_path: Path) -> None:
    fault = not_ready(tmp_path, ())
    assert fault.subject == tmp_path.name
    assert "its agent is not up: it wrote none" in fault.reason


def test_an_empty_log_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.log").touch()
    assert last_lines(tmp_path / "x.log") == "it is empty"
