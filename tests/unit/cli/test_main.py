import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from insvc import __version__
from insvc.cli.main import COMMANDS, insvc, main
from insvc.errors import FaultyDocument, InsvcError, describe


def test_every_command_explains_itself() -> None:
    for name in COMMANDS:
        shown = CliRunner().invoke(insvc, [name, "--help"])
        assert shown.exit_code == 0, shown.output
        assert "Usage:" in shown.output


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(insvc, ["--help"])
    assert all(name in shown.output for name in COMMANDS)


def test_the_version_is_printed() -> None:
    assert __version__ in CliRunner().invoke(insvc, ["--version"]).output


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["restrat"])
    assert ended.value.code == 2
    assert "restrat" in capsys.readouterr().err


def test_an_error_ends_with_its_own_exit_code_and_says_what_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["schema", "novel"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("error[input.unknown-name] novel: ")
    assert "next: use one of: catalog," in said


def test_an_output_that_the_machine_refuses_is_told_in_words() -> None:
    command = [sys.executable, "-m", "insvc.cli.main", "schema", "plan"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 6
    assert done.stderr == (
        "error[world.refused] the output: the machine refuses: No space left on device\n"
        "  next: make room, or look at what is wrong there\n"
    )


def test_every_fault_of_a_document_is_listed() -> None:
    fault = FaultyDocument("plan.json", ("plan.json:1: a", "plan.json:2: b"), next_act="correct it")
    assert describe(fault).splitlines() == [
        "error[input.faulty-document] plan.json: 2 faults found, none expected",
        "  plan.json:1: a",
        "  plan.json:2: b",
        "  next: correct it",
    ]


def test_the_option_to_insist_is_named_where_there_is_one() -> None:
    class Refused(InsvcError):
        """A refusal that an operator may override."""

        override = "--force"

    assert describe(Refused("x", "no", next_act="wait")).endswith("insist: --force")


def test_a_command_that_succeeds_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["schema", "plan"])
    assert ended.value.code == 0
    assert "insvc-plan/1" in capsys.readouterr().out
