"""When a unit was started lately, as systemd's journal tells."""

import json
import subprocess
from collections.abc import Iterable

_JOURNAL = "/usr/bin/journalctl"
_LIMIT_S = 5.0
_LINES = "400"


def recent_starts(unit: str, within_s: float) -> tuple[float, ...] | None:
    """When the unit was started within the last seconds, on the monotonic clock.

    systemd counts starts for its start limit and tells nobody; but it gives every start a new
    invocation and writes of it in the journal.

    Args:
        unit: its name.
        within_s: how far to look back.

    Returns:
        One time a start, or nothing where there is no journal to read.
    """
    command = [
        _JOURNAL,
        "--boot",
        "--quiet",
        "--output=json",
        "--output-fields=INVOCATION_ID,UNIT",
        f"--lines={_LINES}",
        f"--since=-{int(within_s) + 1}s",
        "_PID=1",
        f"UNIT={unit}",
    ]
    try:
        told = subprocess.run(  # noqa: S603 - an absolute program, no shell
            command, capture_output=True, timeout=_LIMIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return starts_in(told.stdout.decode("utf-8", "replace").splitlines())


def starts_in(lines: Iterable[str]) -> tuple[float, ...] | None:
    """When each invocation was first written of; nothing where a line cannot be read."""
    first: dict[str, float] = {}
    for line in lines:
        try:
            entry = json.loads(line)
            invocation = str(entry.get("INVOCATION_ID", ""))
            stamp_s = int(entry["__MONOTONIC_TIMESTAMP"]) / 1e6
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        if invocation:
            first.setdefault(invocation, stamp_s)
    return tuple(sorted(first.values()))
