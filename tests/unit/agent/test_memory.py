"""What a manager knows, written and read."""

import json
from pathlib import Path

import pytest

from insvc.agent.memory import Memory, Remembered
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager, Role
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.unit import Duty, Event, Unit

DEFINITION = ServiceDefinition(
    name="x", manager=Manager.PMON, package="x", command=("p",), pidfile="run/x.pid"
)
UNIT = Unit(
    definition=DEFINITION,
    state="running",
    main=ProcessIdentity(boot_id="b", pid=7, start_ticks=9),
    due=((Event.SETTLED, 4.5),),
)


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    duty = Duty(role=Role.STANDBY, locked=True, held=frozenset({"b", "a"}))
    Memory(tmp_path / "m.json").save(duty, {"x": UNIT, "y": UNIT})
    assert Memory(tmp_path / "m.json").load() == Remembered(
        role="standby", locked=True, held=("a", "b"), units={"x": UNIT, "y": UNIT}
    )


def test_an_empty_manager_can_be_saved(tmp_path: Path) -> None:
    Memory(tmp_path / "m.json").save(Duty(), {})
    assert Memory(tmp_path / "m.json").load() == Remembered()


def test_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "m.json")
    memory.save(Duty(), {"x": UNIT})
    written = (tmp_path / "m.json").stat().st_mtime_ns
    memory.save(Duty(), {"x": UNIT})
    assert (tmp_path / "m.json").stat().st_mtime_ns == written
    assert [path.name for path in tmp_path.iterdir()] == ["m.json"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", json.dumps({"units": 3}), json.dumps({"format": "insvc-manager/9"})]
)
def test_a_file_that_cannot_be_read_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.json").write_text(text)
    assert Memory(tmp_path / "m.json").load() is None


def test_no_file_is_no_memory(tmp_path: Path) -> None:
    assert Memory(tmp_path / "m.json").load() is None
