"""What a manager knows, written and read."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.wire import to_json
from insvc.agent.memory import Memory, Remembered
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager, Role
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.unit import Duty, Event, Unit


def make_unit(name: str, state: str = "running") -> Unit:
    return Unit(
        definition=ServiceDefinition(
            name=name, manager=Manager.PMON, package="x", command=("p",), pidfile="run/x.pid"
        ),
        state=state,
        main=ProcessIdentity(boot_id="b", pid=7, start_ticks=9),
        due=((Event.SETTLED, 4.5),),
    )


X, Y = make_unit("x"), make_unit("y")
BOTH = {"x": X, "y": Y}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "m.json"


def units_in(path: Path) -> dict[str, Unit]:
    found = Memory(path).load()
    assert found is not None
    return found.units


def test_what_is_saved_is_what_is_loaded(path: Path) -> None:
    duty = Duty(role=Role.STANDBY, locked=True, held=frozenset({"b", "a"}), stopped={"c": 2.5})
    Memory(path).save(duty, BOTH, BOTH)
    assert Memory(path).load() == Remembered(
        role="standby", locked=True, held=("a", "b"), stopped={"c": 2.5}, units=BOTH
    )


def test_an_empty_manager_can_be_saved(path: Path) -> None:
    Memory(path).save(Duty(), {}, ())
    assert Memory(path).load() == Remembered()


def test_a_change_is_appended_and_costs_no_more_than_itself(path: Path) -> None:
    memory = Memory(path)
    many = {f"s{number}": make_unit(f"s{number}") for number in range(500)}
    memory.save(Duty(), many, many)
    before = path.read_bytes()
    many["s7"] = replace(many["s7"], state="failed", restarts=3)
    memory.save(Duty(), many, {"s7"})
    after = path.read_bytes()
    assert after.startswith(before)
    assert 0 < len(after) - len(before) < len(before) / 200
    assert units_in(path) == many


def test_the_same_content_is_not_written_again(path: Path) -> None:
    memory = Memory(path)
    memory.save(Duty(), BOTH, BOTH)
    before = path.read_bytes()
    memory.save(Duty(), {"x": make_unit("x"), "y": Y}, BOTH)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["m.json"]


def test_a_changed_duty_and_a_changed_definition_are_written(path: Path) -> None:
    memory = Memory(path)
    memory.save(Duty(), BOTH, BOTH)
    changed = replace(X, definition=replace(X.definition, restarts=9))
    memory.save(Duty(locked=True), {"x": changed, "y": Y}, {"x"})
    assert Memory(path).load() == Remembered(locked=True, units={"x": changed, "y": Y})


def test_what_is_no_longer_known_is_forgotten(path: Path) -> None:
    memory = Memory(path)
    memory.save(Duty(), BOTH, BOTH)
    memory.save(Duty(), {"y": Y}, {"x", "nobody"})
    assert units_in(path) == {"y": Y}
    memory.save(Duty(), BOTH, {"x"})
    assert units_in(path) == {"y": Y, "x": X}


def test_a_life_that_is_cut_off_at_any_byte_leaves_the_former_or_the_new_content(
    path: Path,
) -> None:
    memory = Memory(path)
    memory.save(Duty(), {"x": X}, {"x"})
    former = path.stat().st_size
    new = replace(X, state="failed")
    memory.save(Duty(), {"x": new}, {"x"})
    content = path.read_bytes()
    for size in range(former, len(content) + 1):
        path.write_bytes(content[:size])
        assert units_in(path) == {"x": new if size == len(content) else X}


def test_the_file_is_written_afresh_before_it_grows_without_end(path: Path) -> None:
    memory = Memory(path)
    for number in range(8_000):
        memory.save(Duty(), {"x": replace(X, restarts=number)}, {"x"})
    assert path.stat().st_size < 2 << 20
    assert units_in(path)["x"].restarts == 7_999


def test_a_new_life_keeps_nothing_of_the_cut_line_of_the_former_one(path: Path) -> None:
    Memory(path).save(Duty(), {"x": X}, {"x"})
    with path.open("a") as file:
        file.write('{"name":"x","unit":{"sta')
    Memory(path).save(Duty(), {"y": Y}, {"y"})
    assert units_in(path) == {"y": Y}


def test_what_could_not_be_written_is_written_once_it_can_be(path: Path) -> None:
    memory = Memory(path)
    path.with_name("m.json.new").mkdir()
    memory.save(Duty(), {"x": X}, {"x"})
    assert memory.fault == f"{path}: Is a directory"
    assert Memory(path).load() is None
    path.with_name("m.json.new").rmdir()
    memory.save(Duty(), BOTH, {"y"})
    assert memory.fault == ""
    assert units_in(path) == BOTH


def test_a_file_that_cannot_be_put_in_its_place_is_tried_again(path: Path) -> None:
    memory = Memory(path)
    path.mkdir()
    memory.save(Duty(), {"x": X}, {"x"})
    assert memory.fault != ""
    path.rmdir()
    memory.save(Duty(), {"x": X}, ())
    assert units_in(path) == {"x": X}
    memory.close()
    memory.close()


def test_a_full_disk_loses_no_line_for_good(path: Path) -> None:
    memory = Memory(path)
    memory.save(Duty(), {"x": X}, {"x"})
    full = os.open("/dev/full", os.O_WRONLY)
    assert memory._fd is not None
    os.dup2(full, memory._fd)
    os.close(full)
    memory.save(Duty(), BOTH, {"y"})
    assert memory.fault == f"{path}: No space left on device"
    memory.save(Duty(), BOTH, ())
    assert units_in(path) == BOTH


def test_a_line_that_cannot_be_read_hides_only_what_it_tells(path: Path) -> None:
    Memory(path).save(Duty(locked=True), BOTH, BOTH)
    lines = path.read_text().splitlines()
    spoiled = [one.replace('"state":"running"', '"state":7') if '"x"' in one else one
               for one in lines]  # fmt: skip
    more = ["{", "[]", '{"duty":{"locked":"no"}}', '{"name":"z","unit":{}}', '{"else":1}']
    path.write_text("\n".join([*spoiled, *more, ""]))
    assert Memory(path).load() == Remembered(locked=True, units={"y": Y})


def test_the_former_format_is_read(path: Path) -> None:
    told = Remembered(format="insvc-manager/1", role="active", units=BOTH)
    path.write_text(json.dumps(to_json(told)))
    assert Memory(path).load() == replace(told, format="insvc-manager/2")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "\n",
        json.dumps({"format": "insvc-manager/1", "units": 3}),
        json.dumps({"format": "insvc-manager/9"}),
        json.dumps({"format": "insvc-manager/9"}) + "\n",
    ],
)
def test_a_file_that_cannot_be_read_is_as_none(path: Path, text: str) -> None:
    path.write_text(text)
    assert Memory(path).load() is None


def test_bytes_that_are_no_text_are_as_none(path: Path) -> None:
    path.write_bytes(b"\xff\xfe")
    assert Memory(path).load() is None


def test_no_file_is_no_memory(path: Path) -> None:
    assert Memory(path).load() is None
