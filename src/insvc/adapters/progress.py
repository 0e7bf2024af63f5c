"""The Progress port on a console: a live table on a terminal, one line an event elsewhere."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from insvc.model.words import Outcome
from insvc.plan.plan import Plan
from insvc.ports import Progress
from insvc.report.wording import count, offset, printable, seconds

_REFRESHES_A_SECOND = 8
_LINES_KEPT = 4
_LINES_AROUND_ROWS = 9
_FEWEST_ROWS = 5
_WAITING, _UNDER_WAY = "waiting", "under way"
_STYLES = {_WAITING: "dim", _UNDER_WAY: "cyan", "unknown": "yellow", "unverified": "yellow"}

# A console that went away shows itself as one of these; the run goes on without it. Rich answers a
# broken pipe with SystemExit: plain lines are therefore written past it, the live table catches it.
_GONE = (OSError, ValueError)
_GONE_IN_RICH = (*_GONE, SystemExit)


def make_progress(
    plan: Plan, console: Console, *, clock: Callable[[], float] = time.monotonic
) -> AbstractContextManager[Progress]:
    """Show a run of this plan on this console while the context is open.

    Nothing that is shown decides anything, and a console that cannot be written to is given up
    without a word: the run matters more. Steps that are not in the plan are shown all the same.

    Args:
        plan: what is going to be done.
        console: where to show it.
        clock: seconds, for the times shown.
    """
    return _live(plan, console, clock) if console.is_terminal else _plain(plan, console, clock)


@contextmanager
def _plain(plan: Plan, console: Console, clock: Callable[[], float]) -> Iterator[Progress]:
    yield _Lines(file=console.file, total=len(plan.steps), clock=clock, began=clock())


@contextmanager
def _live(plan: Plan, console: Console, clock: Callable[[], float]) -> Iterator[Progress]:
    board = _Board(plan, height=console.size.height, clock=clock)
    live = Live(board, console=console, refresh_per_second=_REFRESHES_A_SECOND)
    with suppress(*_GONE_IN_RICH):
        live.start()
    try:
        yield board
    finally:
        with suppress(*_GONE_IN_RICH):
            live.stop()


@dataclass(kw_only=True, slots=True)
class _Lines:
    """One line an event: for files, pipes and build logs."""

    file: IO[str]
    total: int
    clock: Callable[[], float]
    began: float
    ended: int = 0

    def step_started(self, step_id: str, attempt: int) -> None:
        again = f" (attempt {attempt})" if attempt > 1 else ""
        self.said(f"{step_id}: begun{again}")

    def step_ended(self, step_id: str, outcome: str, why: str, outage_s: float | None) -> None:
        self.ended += 1
        out = "" if outage_s is None else f", out {seconds(outage_s)}"
        because = "" if _is_success(outcome) or not why else f": {why}"
        # A rollback carries on with the same progress: its steps are beyond the plan's number.
        done = f"  [{self.ended}/{self.total}]" if self.ended <= self.total else ""
        self.said(f"{step_id}: {outcome}{out}{because}{done}")

    def said(self, line: str) -> None:
        passed = offset(self.clock() - self.began).rjust(9)
        with suppress(*_GONE):
            self.file.write(f"{passed}  {printable(line)}\n")
            self.file.flush()


@dataclass(kw_only=True, slots=True)
class _Row:
    """What is known of one step; times on the progress's own clock."""

    host: str
    name: str
    state: str = _WAITING
    attempt: int = 0
    began: float | None = None
    ended: float | None = None
    outage_s: float | None = None
    why: str = ""


class _Board:
    """The live table: what is under way, what ended last, what comes next."""

    def __init__(self, plan: Plan, *, height: int, clock: Callable[[], float]) -> None:
        self._rows = {
            step.id: _Row(host=step.host, name=step.service or step.action.value)
            for step in plan.steps
        }
        self._planned_s = plan.makespan_s
        self._fit = max(_FEWEST_ROWS, height - _LINES_AROUND_ROWS)
        self._clock = clock
        self._began = clock()
        self._said: deque[str] = deque(maxlen=_LINES_KEPT)

    def step_started(self, step_id: str, attempt: int) -> None:
        row = self._row(step_id)
        row.state, row.attempt, row.ended = _UNDER_WAY, attempt, None
        if row.began is None or attempt == 1:
            row.began = self._clock()

    def step_ended(self, step_id: str, outcome: str, why: str, outage_s: float | None) -> None:
        row = self._row(step_id)
        row.state, row.why, row.outage_s = outcome, printable(why), outage_s
        row.ended = self._clock()

    def said(self, line: str) -> None:
        self._said.append(printable(line))

    def _row(self, step_id: str) -> _Row:
        if step_id not in self._rows:
            name, _, host = step_id.rpartition("@")
            self._rows[step_id] = _Row(host=host, name=name)
        return self._rows[step_id]

    def __rich__(self) -> RenderableType:
        rows = list(self._rows.values())
        return Group(self._headline(rows), self._table(rows), *map(Text, self._said))

    def _headline(self, rows: list[_Row]) -> Text:
        ended = sum(row.ended is not None for row in rows)
        passed = self._clock() - self._began
        line = f"{ended} of {count(len(rows), 'step')}, {seconds(passed)}"
        if self._planned_s:
            line += f" of {seconds(self._planned_s)} planned"
        bad = sum(row.ended is not None and not _is_success(row.state) for row in rows)
        headline = Text(line, style="bold")
        return headline.append(f", {bad} not well", style="red") if bad else headline

    def _table(self, rows: list[_Row]) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("host", no_wrap=True)
        table.add_column("service", no_wrap=True)
        table.add_column("state", no_wrap=True)
        table.add_column("took", justify="right", no_wrap=True)
        table.add_column("outage", justify="right", no_wrap=True)
        table.add_column("", ratio=1, no_wrap=True, overflow="ellipsis")
        shown = _chosen(rows, self._fit)
        for row in shown:
            table.add_row(*self._cells(row))
        if len(shown) < len(rows):
            table.add_row(Text(f"… {len(rows) - len(shown)} more", style="dim"))
        return table

    def _cells(self, row: _Row) -> tuple[Text, ...]:
        style = _STYLES.get(row.state, "green" if _is_success(row.state) else "red")
        again = f" ({row.attempt})" if row.attempt > 1 else ""
        took = "" if row.began is None else seconds((row.ended or self._clock()) - row.began)
        out = "" if row.outage_s is None else seconds(row.outage_s)
        why = "" if row.ended is None or _is_success(row.state) else row.why
        return (
            Text(row.host, style="dim" if row.state == _WAITING else ""),
            Text(row.name, style="dim" if row.state == _WAITING else ""),
            Text(row.state + again, style=style),
            Text(took),
            Text(out),
            Text(why, style=style),
        )


def _chosen(rows: list[_Row], fit: int) -> list[_Row]:
    """As many rows as fit: running and troubled ones, then what comes next, then the latest."""
    by_urgency = sorted(range(len(rows)), key=lambda at: _urgency(rows[at], at))
    return [rows[at] for at in sorted(by_urgency[:fit])]


def _urgency(row: _Row, at: int) -> tuple[int, float]:
    if row.state == _UNDER_WAY or (row.ended is not None and not _is_success(row.state)):
        return 0, float(at)
    if row.ended is None:
        return 1, float(at)
    return 2, -row.ended


def _is_success(outcome: str) -> bool:
    return outcome in set(Outcome) and Outcome(outcome).is_success
