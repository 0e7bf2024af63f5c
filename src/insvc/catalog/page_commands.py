"""The page's command cells: alternatives, what a command runs in turn, jobs run by hand."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from insvc.catalog.entry import Command
from insvc.catalog.page import Lines

_NOTHING = re.compile(r"(n/?a|none|nothing|-+)\W*$", re.IGNORECASE)
_BY_HAND = re.compile(r"to run\b.*?\b(?:manually|by hand)\s*:?\s*(?P<run>.*)$", re.IGNORECASE)
_RUNS = re.compile(
    r"(?P<before>.*?)\W*\b(?:which|that|it) (?:then )?(?:runs|executes)\b(?: the following)?"
    r"(?: commands)?\s*:?\s*(?P<after>.*)$",
    re.IGNORECASE,
)
_OR = re.compile(r"(?:^|\s+)or(?:\s+|$)", re.IGNORECASE)


@dataclass(slots=True)
class _Reading:
    """Commands found so far and what the next line belongs to."""

    commands: list[Command] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    is_in_runs: bool = False
    is_by_hand: bool = False

    def close(self) -> None:
        """End the list of what the last command runs."""
        if self.runs and self.commands:
            last = self.commands.pop()
            self.commands.append(
                Command(run=last.run, runs=(*last.runs, *self.runs), manual=last.manual)
            )
        self.runs = []
        self.is_in_runs = False

    def add(self, run: str) -> None:
        """Take one command line, as part of the last command or as one of its own."""
        if not run or _NOTHING.match(run):
            return
        if self.is_in_runs:
            self.runs.append(run)
        else:
            self.commands.append(Command(run=run, manual=self.is_by_hand))


def read_commands(lines: Lines) -> tuple[Command, ...]:
    """The commands of a cell, alternatives in their order; none for `N/A` and empty cells."""
    reading = _Reading()
    for line in lines:
        for index, part in enumerate(_OR.split(line)):
            if index:
                reading.close()
            _read(part.strip(), reading)
    reading.close()
    return tuple(reading.commands)


def _read(part: str, reading: _Reading) -> None:
    by_hand = _BY_HAND.match(part)
    runs = _RUNS.match(part)
    if by_hand:
        reading.close()
        reading.is_by_hand = True
        reading.add(by_hand["run"])
    elif runs:
        reading.add(runs["before"])
        reading.is_in_runs = bool(reading.commands)
        reading.add(runs["after"])
    else:
        reading.add(part)


def write_commands(commands: Iterable[Command]) -> Lines:
    """The cell's lines for these commands; `read_commands` gives them back."""
    return tuple(_written(tuple(commands)))


def _written(commands: tuple[Command, ...]) -> Iterator[str]:
    plain = [one for one in commands if not one.manual]
    by_hand = [one for one in commands if one.manual]
    for index, command in enumerate(plain):
        if index:
            yield "or"
        yield command.run
        yield from _chain(command)
    if by_hand and not plain:
        yield "N/A"
    for command in by_hand:
        yield f"To run it manually: {command.run}"
        yield from _chain(command)


def _chain(command: Command) -> Iterator[str]:
    if command.runs:
        yield "which runs the following:"
        yield from command.runs
