"""What the demo says while it goes on: headings, the time each part took, what was found."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from insvc.model.observation import Observation
from insvc.plan.plan import Plan
from insvc.report.plan_text import forecast_table, gantt, plan_table
from insvc.report.report import Phase
from insvc.report.table import lay_out
from insvc.report.wording import count


class Narrator:
    """Prints the story and keeps the wall time of its parts.

    Args:
        console: where to print.

    Attributes:
        phases: every part that ended, in order.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.phases: list[Phase] = []

    @contextmanager
    def phase(self, name: str, title: str) -> Iterator[None]:
        """A part of the story under its own heading; its wall time is kept."""
        self.console.print()
        self.console.rule(Text(title, style="bold"), align="left", style="dim")
        began = time.monotonic()
        yield
        took_s = time.monotonic() - began
        self.phases.append(Phase(name=name, took_s=round(took_s, 3)))
        self.said(f"({took_s:.1f} s)", style="dim")

    def said(self, line: str, *, style: str = "") -> None:
        """One line."""
        self.console.print(Text(line, style=style), soft_wrap=True)

    def step_started(self, step_id: str, attempt: int) -> None:
        """Steps are shown by the run's own progress."""

    def step_ended(self, step_id: str, outcome: str, why: str, outage_s: float | None) -> None:
        """Steps are shown by the run's own progress."""

    def show_stale(self, observation: Observation) -> None:
        """Every instance that runs replaced code, with the first evidence of it."""
        stale = observation.stale()
        rows = [
            (
                host,
                one.service,
                " ".join(str(process.pid) for process in one.processes),
                one.evidence[0].subject,
            )
            for host, one in stale
        ]
        header, *lines = lay_out(("host", "service", "pid", "what it still runs"), rows)
        self.said(header, style="bold")
        for line in lines:
            self.said(line)
        self.said(f"{count(len(stale), 'instance')} with replaced code in memory.")

    def show_plan(self, plan: Plan) -> None:
        """The plan as a table and as a chart, and what users will notice."""
        width = min(self.console.width, 110)
        for part in (plan_table(plan), gantt(plan, width), forecast_table(plan)):
            self.console.print(Text(part), soft_wrap=True)
            self.console.print()
