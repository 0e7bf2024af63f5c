"""What all the commands share."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from insvc.compat import registry
from insvc.compat.code import Code, Result
from insvc.compat.registry import command, tell


def test_a_command_tells_logs_and_ends_with_the_code_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "COMMANDS", {})
    monkeypatch.setenv("INSVC_CLOUD", str(tmp_path))
    monkeypatch.setenv("INSVC_HOST", "h")

    @command("try-it")
    def try_it() -> Code:
        """Try it."""
        good = Result(name="a", code=Code.DONE, said="restarted")
        return tell([good, Result(name="b", code=Code.DEAD, said="is meant to run")])

    shown = CliRunner().invoke(try_it, standalone_mode=False)
    assert (shown.return_value, shown.stdout, shown.stderr) == (
        Code.DEAD,
        "a restarted\n",
        "b is meant to run\n",
    )
    assert {"try-it": try_it} == registry.COMMANDS
    assert (tmp_path / "hosts/h/log/patching.log").read_text().count("try-it: ") == 2


def test_help_explains_the_exit_codes() -> None:
    made: click.Command = registry.COMMANDS["nova-restart"]
    shown = CliRunner().invoke(made, ["--help"])
    assert "it did not end within its time" in " ".join(shown.output.split())


def test_a_log_that_cannot_be_written_changes_nothing_of_what_became_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSVC_CLOUD", str(tmp_path))
    monkeypatch.setenv("INSVC_HOST", "h")
    (tmp_path / "hosts/h/log/patching.log").mkdir(parents=True)

    @click.command()
    def try_it() -> Code:
        return tell([Result(name="a", code=Code.DONE, said="restarted")])

    shown = CliRunner().invoke(try_it, standalone_mode=False)
    assert (shown.return_value, shown.stdout) == (Code.DONE, "a restarted\n")
    assert "patching.log cannot be written (Is a directory)" in shown.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("insvc-init-script", "157 a rule forbids it now"),
        ("insvc-ocf-agent", "7 it is meant to run and does not"),
    ],
)
def test_help_of_a_script_explains_the_codes_of_its_kind(name: str, said: str) -> None:
    shown = CliRunner().invoke(registry.COMMANDS[name], ["--help"])
    assert said in " ".join(shown.output.split())
