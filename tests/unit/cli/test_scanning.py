"""A scan whose arguments are plain flags means what the full command line means."""

import itertools
import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from insvc.adapters.places import host_directory
from insvc.cli import scan as cli
from insvc.cli.main import insvc
from insvc.cli.scanning import FLAGS, Wanted, plainly_wanted, scan
from insvc.errors import UnknownName
from insvc.model.observation import HostObservation, Instance


def test_every_flag_of_the_command_is_known_and_no_other_word() -> None:
    flags = {
        word: one.name
        for one in cli.command.params
        if isinstance(one, click.Option) and one.is_flag
        for word in one.opts
    }
    assert flags == {**FLAGS, "--local": "local"}


@pytest.mark.parametrize(
    "words",
    [two for count in (0, 1, 2) for two in itertools.combinations([*FLAGS, "--local"], count)],
)
def test_plain_flags_ask_for_what_the_full_command_asks_for(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Wanted] = []

    def note(wanted: Wanted) -> tuple[str, int]:
        asked.append(wanted)
        return "said\n", 0

    monkeypatch.setattr(cli, "scan", note)
    assert CliRunner().invoke(insvc, ["scan", *words]).output == "said\n"
    assert asked == [plainly_wanted(["scan", *words])]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["plan"],
        ["--help"],
        ["scan", "--help"],
        ["scan", "--hos"],
        ["scan", "--host", "x"],
        ["scan", "-o", "x"],
        ["scan", "--json=1"],
        ["scan", "name"],
    ],
)
def test_all_else_is_left_to_the_full_command_line(words: list[str]) -> None:
    assert plainly_wanted(words) is None


@pytest.mark.parametrize(
    ("given", "is_whole"),
    [
        ({}, False),
        ({"brief": True, "explains": True, "exit_code": True}, False),
        ({"everything": True}, True),
        ({"as_json": True}, True),
        ({"output": Path("x")}, True),
        ({"files": (Path("x"),)}, True),
    ],
)
def test_a_document_is_whole_and_a_list_holds_what_matters(
    given: dict[str, Any], *, is_whole: bool
) -> None:
    assert Wanted(**given).is_whole is is_whole


class Here:
    """A machine on which one service is known.

    Attributes:
        asked: whether everything was looked at, and how often its catalog was asked for.
    """

    asked: tuple[bool, int] = (False, 0)
    instances: tuple[Instance, ...] = ()
    name = "here"

    def __init__(self, *, is_alone: bool) -> None:
        assert not is_alone

    def observe(self, taken_at: float, *, everything: bool) -> HostObservation:
        """What it looks like."""
        type(self).asked = (everything, 0)
        return HostObservation(host=self.name, taken_at=taken_at, instances=self.instances)

    def catalog(self, seen: HostObservation) -> Any:
        """What is known."""
        from insvc.catalog.entry import Catalog

        type(self).asked = (self.asked[0], self.asked[1] + 1)
        assert seen.host == self.name
        return Catalog(name="known", entries=())


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> type[Here]:
    """This machine."""
    one = type("One", (Here,), {})
    monkeypatch.setattr("insvc.here.Here", one)
    return one


def wanted(**given: Any) -> Wanted:
    """A scan of this machine."""
    return Wanted(cloud=host_directory(), **given)


def running(name: str) -> Instance:
    """A service that runs."""
    from insvc.model.words import Manager

    return Instance(service=name, manager=Manager.SYSTEMD)


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, (False, 1)),
        ({"brief": True}, (False, 0)),
        ({"brief": True, "as_json": True}, (True, 1)),
        ({"everything": True}, (True, 1)),
    ],
)
def test_the_catalog_is_read_where_somebody_is_told_of_it(
    here: type[Here], given: dict[str, Any], asked: tuple[bool, int]
) -> None:
    here.instances = (running("a.service"),)
    assert scan(wanted(**given))[1] == 0
    assert here.asked == asked


def test_the_catalog_is_not_read_where_nothing_was_found(here: type[Here]) -> None:
    said, _ = scan(wanted())
    assert here.asked == (False, 0)
    assert "Nothing that was seen runs replaced code" in said


def test_the_document_is_said_and_written(here: type[Here], tmp_path: Path) -> None:
    here.instances = (running("a.service"),)
    said, _ = scan(wanted(as_json=True, output=tmp_path / "seen.json"))
    assert json.loads(said)["hosts"][0]["instances"][0]["service"] == "a.service"
    assert (tmp_path / "seen.json").read_text() == said


def test_another_host_than_this_one_is_refused(here: type[Here]) -> None:
    with pytest.raises(UnknownName, match="this machine is here"):
        scan(wanted(hosts=("other",)))
    assert scan(wanted(hosts=("here",)))[1] == 0
    assert here.asked == (False, 0)
