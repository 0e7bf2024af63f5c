"""Runs as an operator reads them: a list, and one run step by step."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from insvc.execute.run import RunSummary
from insvc.execute.state import Run
from insvc.execute.transitions import RunState

_CARRIED = {RunState.CREATED, RunState.RUNNING, RunState.PAUSED, RunState.ABORTING}
_CARRIED_WORDS = {one.value for one in _CARRIED} | {RunState.ROLLING_BACK.value}


def runs_table(runs: Sequence[tuple[RunSummary, bool]]) -> str:
    """One line a run, newest first.

    Args:
        runs: each with whether a controller carries it on now.
    """
    if not runs:
        return "No run yet: start one with `insvc run start PLAN`.\n"
    rows = [("run", "state", "created (UTC)", "steps")]
    for one, live in runs:
        created = datetime.fromtimestamp(one.created_at, UTC).strftime("%Y-%m-%d %H:%M:%S")
        rows.append((one.run, state_words(one.state, live=live), created, _ratio(one)))
    return _aligned(rows)


def run_table(run: Run, *, live: bool) -> str:
    """One run: its state, and one line a step with what decided its outcome."""
    lines = [f"run {run.run}: {state_words(run.state, live=live)}"]
    lines += [f"  {text}" for text in _facts(run)]
    rows = [("step", "state", "tries", "why")]
    for step in run.plan.steps:
        told = run.steps[step.id]
        state = told.outcome.value if told.outcome else told.state.value
        rows.append((step.id, state, str(told.attempt or ""), told.why))
    return "\n".join(lines) + "\n\n" + _aligned(rows)


def run_document(run: Run, *, live: bool) -> dict[str, Any]:
    """The same as JSON-ready values."""
    return {
        "run": run.run,
        "state": run.state.value,
        "live": live,
        "outcome": run.outcome,
        "why": run.why,
        "created_at": run.created_at,
        "rollback_of": run.rollback_of,
        "rollback_run": run.rollback_run,
        "steps": [
            {
                "id": step.id,
                "state": run.steps[step.id].state.value,
                "attempt": run.steps[step.id].attempt,
                "outcome": run.steps[step.id].outcome,
                "why": run.steps[step.id].why,
            }
            for step in run.plan.steps
        ],
    }


def state_words(state: str, *, live: bool) -> str:
    """The state, and that nobody carries the run on where somebody should."""
    return state if live or state not in _CARRIED_WORDS else f"{state}, controller gone"


def _facts(run: Run) -> list[str]:
    facts = [run.why] if run.why else []
    if run.rollback_of:
        facts.append(f"undoes run {run.rollback_of}")
    if run.rollback_run:
        facts.append(f"undone by run {run.rollback_run}")
    return [*facts, *run.warnings]


def _ratio(run: RunSummary) -> str:
    return f"{run.ended} of {run.steps} ended"


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join(lines) + "\n"
