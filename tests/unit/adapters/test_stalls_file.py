"""Threads that stall, from one life to the next."""

import json
from pathlib import Path

import pytest

from insvc.adapters import stalls_file
from insvc.adapters.stalls_file import read_stalls, write_stalls
from insvc.supervise.stalls import Stall, ThreadKey, ThreadLook

KEY = ThreadKey(10, 11, 500)
LOOK = ThreadLook(key=KEY, program="nfsd", state="D", cpu_ticks=7, switches=3)
STALLS = {KEY: Stall(look=LOOK, since=100.5)}


def test_what_was_seen_is_known_to_the_next_life(tmp_path: Path) -> None:
    write_stalls(tmp_path / "stalls", STALLS)
    assert read_stalls(tmp_path / "stalls") == STALLS


def test_another_boot_knows_nothing_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_stalls(tmp_path / "stalls", STALLS)
    monkeypatch.setattr(stalls_file, "boot_id", lambda: "another")
    assert read_stalls(tmp_path / "stalls") == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"boot": 1}', "null"])
def test_what_cannot_be_read_is_not_known(tmp_path: Path, text: str) -> None:
    (tmp_path / "stalls").write_text(text)
    assert read_stalls(tmp_path / "stalls") == {}
    assert read_stalls(tmp_path / "nowhere") == {}


@pytest.mark.parametrize("change", [{"since": "x"}, {"look": {}}, {"look": {"key": [1]}}])
def test_a_row_of_another_form_is_not_believed(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "stalls"
    write_stalls(path, STALLS)
    told = json.loads(path.read_text())
    told["stalls"][0].update(change)
    path.write_text(json.dumps(told))
    assert read_stalls(path) == {}


def test_a_disk_that_refuses_costs_nothing_else(tmp_path: Path) -> None:
    write_stalls(tmp_path / "nowhere/stalls", STALLS)
    assert read_stalls(tmp_path / "nowhere/stalls") == {}
