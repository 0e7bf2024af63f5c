"""`insvc.adapters.reboot`: once in a boot, and written down before."""

import json
import time
from pathlib import Path

import pytest

from insvc.adapters.pidfd import boot_id
from insvc.adapters.reboot import reboot_once
from insvc.errors import WorldError


def until_there(path: Path) -> str:
    """What the command has written, once it has."""
    end = time.monotonic() + 20.0
    while not path.exists() or not path.read_text():
        assert time.monotonic() < end
    return path.read_text()


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_the_command_is_run_once_in_a_boot(tmp_path: Path) -> None:
    told, mark = tmp_path / "told", tmp_path / "mark"
    command = ["/bin/sh", "-c", f"echo rebooted >> {told}"]
    assert reboot_once(command, mark, "unfit")
    assert until_there(told) == "rebooted\n"
    assert not reboot_once(command, mark, "unfit")
    assert json.loads(mark.read_text()) == {"boot": boot_id(), "reason": "unfit"}
    mark.write_text(json.dumps({"boot": "another"}))
    assert reboot_once(command, mark, "unfit")


@pytest.mark.parametrize("text", ["", "[]", "{"])
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_a_mark_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    mark = tmp_path / "mark"
    mark.write_text(text)
    assert reboot_once(["/bin/true"], mark, "unfit")


def test_without_a_command_nothing_is_done(tmp_path: Path) -> None:
    assert not reboot_once([], tmp_path / "mark", "unfit")
    assert not (tmp_path / "mark").exists()


def test_what_cannot_be_run_is_told_and_not_tried_again(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with pytest.raises(WorldError, match="cannot be run"):
        reboot_once([str(tmp_path / "none")], mark, "unfit")
    assert not reboot_once([str(tmp_path / "none")], mark, "unfit")
