"""Command cells in every form."""

import pytest

from insvc.catalog.entry import Command
from insvc.catalog.page_commands import read_commands, write_commands

CHAIN = Command(run="sm-restart-safe service web", runs=("web stop", "web start"))


@pytest.mark.parametrize(
    ("lines", "commands"),
    [
        ((), ()),
        (("N/A",), ()),
        (("None.",), ()),
        (("--",), ()),
        (("restart web",), (Command(run="restart web"),)),
        (("a", "or", "b"), (Command(run="a"), Command(run="b"))),
        (("a or b",), (Command(run="a"), Command(run="b"))),
        (("a or", "b"), (Command(run="a"), Command(run="b"))),
        (("a", "b"), (Command(run="a"), Command(run="b"))),
        (
            (CHAIN.run, "which runs the following:", "web stop", "web start"),
            (CHAIN,),
        ),
        ((f"{CHAIN.run} which runs: web stop", "web start"), (CHAIN,)),
        ((CHAIN.run, "which runs:", *CHAIN.runs, "or", "b"), (CHAIN, Command(run="b"))),
        (
            ("N/A", "To run the job manually: /usr/bin/job"),
            (Command(run="/usr/bin/job", manual=True),),
        ),
        (
            ("N/A", "To run it by hand:", "/usr/bin/job"),
            (Command(run="/usr/bin/job", manual=True),),
        ),
        (("which runs the following:", "web stop"), (Command(run="web stop"),)),
    ],
)
def test_a_cell_is_read(lines: tuple[str, ...], commands: tuple[Command, ...]) -> None:
    assert read_commands(lines) == commands


@pytest.mark.parametrize(
    "commands",
    [
        (),
        (CHAIN, Command(run="b", runs=("c",))),
        (Command(run="job", manual=True),),
        (Command(run="job", manual=True), Command(run="job -v", manual=True)),
        (Command(run="a"), Command(run="job", manual=True, runs=("x",))),
    ],
)
def test_what_is_written_reads_the_same(commands: tuple[Command, ...]) -> None:
    assert read_commands(write_commands(commands)) == commands
