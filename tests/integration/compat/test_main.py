"""The program behind the commands."""

import subprocess
import sys
from pathlib import Path

import pytest

from insvc.compat.commands import COMMANDS
from insvc.compat.install import install
from insvc.compat.place import Place
from tests.fakes.host_shell import CONTROLLER

pytestmark = pytest.mark.integration


def test_a_command_without_a_cloud_says_so(tmp_path: Path) -> None:
    install(tmp_path / "bin", COMMANDS, Place(cloud=tmp_path / "none", host="x"), CONTROLLER)
    told = subprocess.run(
        [tmp_path / "bin" / "nova-restart"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 2
    assert "holds no cloud" in told.stderr


def test_an_unknown_command_is_named() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "insvc.compat", "nova-restrat"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert "nova-restrat: no such command" in told.stderr


def test_wrong_arguments_are_told(tmp_path: Path) -> None:
    place = Place(cloud=tmp_path, host="x")
    install(tmp_path / "bin", COMMANDS, place, CONTROLLER)
    told = subprocess.run(
        [tmp_path / "bin" / "sm-query", "servce", "vim"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert "servce" in told.stderr


def test_an_answer_that_cannot_be_written_is_no_success_and_no_traceback() -> None:
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            [sys.executable, "-m", "insvc.compat", "nova-restart", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert told.returncode == 1
    assert told.stderr == "nova-restart cannot go on: [Errno 28] No space left on device\n"
