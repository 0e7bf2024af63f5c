"""Remembering what interpreters have read."""

import os
import time
from pathlib import Path

import pytest

from insvc.adapters.remember import remember
from insvc.adapters.remembered import SourceMemory
from insvc.inspect.remembered import State
from tests.unit.adapters.test_interpreted import Stage

SCRIPT = os.__file__
"""A script that has been there for long."""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_scripts_and_what_they_load_are_remembered(stage: Stage, tmp_path: Path) -> None:
    stage.run("python3", SCRIPT, age_s=1.0)
    stage.run("python3", SCRIPT, age_s=0.5)
    stage.run("java", "-jar", "x.jar", name="java")
    stage.run("sleep", "5", name="sleep")
    path = tmp_path / "state/sources.json"
    done = remember(path, limit_s=60.0, proc=stage.tree.path)
    states = SourceMemory(path).states
    assert (done.files, done.programs, done.left_out) == (len(states), 3, 0)
    assert SCRIPT in {one.path for one in states}
    (own,) = (one for one in states if one.path == SCRIPT)
    assert own.is_of(time.time() - 0.9)
    assert SourceMemory(path).is_same(SCRIPT, time.time() - 0.9) is True


def test_what_was_remembered_stays_while_its_readers_live(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "sources.json"
    now = time.time()
    was = State("/gone.py", 1, 1, int((now - 100) * 1e9), 1, "d" * 64, now - 10)
    over = State("/over.py", 1, 1, int((now - 100) * 1e9), 1, "d" * 64, now - 90)
    SourceMemory(path).replace([was, over])
    stage.run("python3", SCRIPT, age_s=60.0)
    remember(path, limit_s=60.0, proc=stage.tree.path)
    paths = {one.path for one in SourceMemory(path).states}
    assert "/gone.py" in paths
    assert "/over.py" not in paths


def test_when_the_time_is_over_the_rest_is_left_out(stage: Stage, tmp_path: Path) -> None:
    stage.run("python3", SCRIPT)
    done = remember(tmp_path / "sources.json", limit_s=-1.0, proc=stage.tree.path)
    assert (done.files, done.programs, done.left_out) == (0, 0, 1)


def test_a_script_that_changes_just_now_is_not_remembered(stage: Stage, tmp_path: Path) -> None:
    script = stage.app / "serve.py"
    stage.run("python3", str(script), age_s=-1.0)
    script.write_text("pass")
    done = remember(tmp_path / "sources.json", limit_s=60.0, proc=stage.tree.path)
    assert (done.files, done.programs) == (0, 1)
