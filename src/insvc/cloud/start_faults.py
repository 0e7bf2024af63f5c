"""Says why a cloud did not come up."""

from pathlib import Path

from insvc.errors import WorldError
from insvc.model.manager_row import ManagerRow

LOG_LINES = 12


def not_ready(folder: Path, rows: tuple[ManagerRow, ...]) -> WorldError:
    """Which service is not up, with the last lines of its log."""
    if not rows:
        log = folder / "log" / "agent.log"
        return WorldError(
            folder.name, f"its agent is not up: {last_lines(log)}", next_act=f"read {log}"
        )
    first, log = rows[0], folder / "log" / f"{rows[0].name}.log"
    others = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
    return WorldError(
        f"{first.name} on {folder.name}",
        f"is {first.state}, expected {first.desired}{others}; its log ends: {last_lines(log)}",
        next_act=f"read {log}",
    )


def last_lines(log: Path) -> str:
    """How a log ends, or that there is nothing in it."""
    try:
        lines = log.read_text("utf-8", "replace").splitlines()
    except OSError:
        return "it wrote none"
    return "\n".join(["", *lines[-LOG_LINES:]]) if lines else "it is empty"
