"""`insvc sm lint`."""

import json
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner

from insvc.adapters.sm_shipped import shipped_tables
from insvc.adapters.wire import to_json
from insvc.cli.sm import command
from insvc.errors import InputError
from insvc.supervise.sm_tables import Dependency, Tables


def file_of(folder: Path, tables: Tables) -> str:
    path = folder / "tables.json"
    path.write_text(json.dumps(to_json(tables)))
    return str(path)


def broken() -> Tables:
    circle = Dependency(service="rabbit-fs", needs="rabbit")
    shipped = shipped_tables()
    return replace(shipped, dependencies=(*shipped.dependencies, circle))


def test_the_shipped_tables_have_no_contradiction() -> None:
    done = CliRunner().invoke(command, ["lint"])
    assert (done.exit_code, done.output) == (0, "0 found\n")


def test_a_contradiction_is_told_with_its_meaning_and_the_exit_code(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["lint", file_of(tmp_path, broken())])
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "SM001 rabbit: rabbit needs rabbit-fs needs rabbit",
        "      services need one another in a circle: none of them could be the first",
        "1 found",
    ]


def test_machines_read_the_same(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["lint", "--json", file_of(tmp_path, broken())])
    (found,) = json.loads(done.output)
    assert (found["code"], found["subject"]) == ("SM001", "rabbit")


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["lint", str(tmp_path / "nothing.json")])
    assert isinstance(done.exception, InputError)
