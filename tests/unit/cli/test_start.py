"""Where the command begins: a plain scan, or everything else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from insvc.cli import start
from insvc.cli.scanning import Wanted
from insvc.errors import WorldError


def begin(
    monkeypatch: pytest.MonkeyPatch, *words: str, fault: BaseException | None = None
) -> object:
    """Begin with that command line; answers with the exit code."""

    def scan(_: Wanted, *, is_alone: bool) -> tuple[str, int]:
        assert is_alone
        if fault is not None:
            raise fault
        return "seen\n", 3

    monkeypatch.setattr("insvc.cli.scanning.scan", scan)
    monkeypatch.setattr(sys, "argv", ["insvc", *words])
    monkeypatch.setattr("gc.disable", lambda: None)
    monkeypatch.setattr("gc.freeze", lambda: None)
    with pytest.raises(SystemExit) as ended:
        start.main()
    return ended.value.code


def test_a_plain_scan_says_what_was_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert begin(monkeypatch, "scan", "--exit-code") == 3
    assert capsys.readouterr().out == "seen\n"


def test_everything_else_is_the_full_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert begin(monkeypatch, "--help") == 0
    assert "Usage: insvc" in capsys.readouterr().out
    assert begin(monkeypatch, "scan", "--nothing") == 2
    assert "--nothing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (WorldError("proc", "is not mounted", next_act="mount it"), 6, "  next: mount it\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (PermissionError(13, "Permission denied", "/x"), 6, "look at what is wrong there\n"),
    ],
)
def test_a_scan_that_cannot_go_on_says_why(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    fault: BaseException,
    status: int,
    words: str,
) -> None:
    assert begin(monkeypatch, "scan", fault=fault) == status
    said = capsys.readouterr()
    assert (said.out, said.err.endswith(words)) == ("", True)


def test_where_nobody_reads_it_ends_in_peace(tmp_path: Path) -> None:
    program = "from insvc.cli.start import main\nmain()"
    state = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    begun = subprocess.Popen(
        [sys.executable, "-c", program, "scan", "--local", "--all"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=state,
    )
    assert begun.stdout is not None
    assert begun.stderr is not None
    begun.stdout.close()
    said = begun.stderr.read()
    assert (begun.wait(), said) == (1, b"")
    begun.stderr.close()


@pytest.mark.parametrize("words", [("scan", "--local"), ("schema", "plan")])
def test_an_output_without_room_is_told_in_words(words: tuple[str, ...]) -> None:
    program = "from insvc.cli.start import main\nmain()"
    command = [sys.executable, "-c", program, *words]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 6
    assert done.stderr.startswith("error[world.refused] the output: the machine refuses: No space")


def test_a_plain_scan_loads_no_parser_of_command_lines() -> None:
    program = (
        "import sys\n"
        "sys.argv = ['insvc', 'scan', '--local', '--brief']\n"
        "from insvc.cli.start import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "loaded = {'click', 'rich', 'pydantic', 'asyncio'}\n"
        "print(sorted(loaded & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("\n[]\n"), done.stdout
