"""The end of a host by the command that its owner has named."""

import json
import sys
from pathlib import Path

import pytest

from insvc.adapters.reboot import REBOOTED
from insvc.agent.end_host import end_host
from tests.fakes.host_folder import until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_it_is_rebooted_once_and_that_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = folder / "told"
    command = [sys.executable, "-c", f"open({str(told)!r}, 'a').write('r')"]
    end_host(folder, command, "unfit without x")
    end_host(folder, command, "unfit without y")
    assert capsys.readouterr().err == "the host is rebooted: unfit without x\n"
    assert json.loads((folder / REBOOTED).read_text())["reason"] == "unfit without x"
    until(lambda: told.exists() and told.read_text())
    assert told.read_text() == "r"


def test_a_host_that_names_no_command_is_left_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    end_host(folder, (), "unfit without x")
    assert capsys.readouterr().err == ""
    assert not (folder / REBOOTED).exists()


def test_a_command_that_cannot_be_run_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    end_host(folder, ("/no/such/program",), "unfit without x")
    assert "the host is not rebooted: /no/such/program: cannot be run" in capsys.readouterr().err
