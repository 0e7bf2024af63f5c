"""What sm says of its groups and services, in the words and columns that scripts know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from insvc.model.sm_table import GroupRow, ServiceRow, SmTable

_NAME, _STATE, _STATUS, _CONDITION, _IMPACT, _PID, _PROCESS, _PIDFILE = (
    32,
    20,
    10,
    20,
    10,
    8,
    20,
    25,
)
_NOTHING = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Which columns are asked for beside name, states and status."""

    condition: bool = False
    impact: bool = False
    pid: bool = False
    process: bool = False
    pidfile: bool = False


def sentence(one: ServiceRow) -> str:
    """`NAME is STATE`, or `NAME is STATE-STATUS`."""
    return f"{one.name} is {one.state}{_suffix(one.status)}"


def group_sentence(one: GroupRow, *, desired: bool = False) -> str:
    """`GROUP STATE`, or `GROUP DESIRED STATE`; a status follows its state after a dash."""
    before = f"{one.desired} " if desired else ""
    return f"{one.name} {before}{one.state}{_suffix(one.status)}"


def unprovisioned_sentence(names: Sequence[str]) -> str:
    """That those groups are not in use here."""
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} not provisioned"


def tables(seen: SmTable, columns: Columns) -> str:
    """The groups and the services, each in its table, as `sm-dump` prints them."""
    groups = [_group_cells(one, columns) for one in seen.groups]
    services = [_service_cells(one, columns) for one in seen.services]
    return _table("Service_Groups", groups, _group_widths(columns)) + _table(
        "Services", services, _service_widths(columns)
    )


def _suffix(status: str) -> str:
    return "" if status in {"", _NOTHING} else f"-{status}"


def _group_widths(columns: Columns) -> list[int]:
    return [_NAME, _STATE, _STATE, _STATUS, *([_CONDITION] if columns.condition else [])]


def _service_widths(columns: Columns) -> list[int]:
    asked = (
        (columns.impact, _IMPACT),
        (columns.pid, _PID),
        (columns.process, _PROCESS),
        (columns.pidfile, _PIDFILE),
    )
    return [*_group_widths(columns), *(width for is_asked, width in asked if is_asked)]


def _group_cells(one: GroupRow | ServiceRow, columns: Columns) -> list[str]:
    cells = [one.name, one.desired, one.state, _told(one.status)]
    return [*cells, _told(one.condition)] if columns.condition else cells


def _service_cells(one: ServiceRow, columns: Columns) -> list[str]:
    asked = (
        (columns.impact, one.impact),
        (columns.pid, "" if one.pid is None else str(one.pid)),
        (columns.process, one.process),
        (columns.pidfile, one.pidfile),
    )
    return [*_group_cells(one, columns), *(text for is_asked, text in asked if is_asked)]


def _told(word: str) -> str:
    return "" if word == _NOTHING else word


def _table(title: str, rows: Iterable[list[str]], widths: list[int]) -> str:
    """A heading, the rows in columns padded with blanks, and a line of dashes."""
    lines = [f"-{title}".ljust(sum(widths), "-")]
    lines += [_line(cells, widths) for cells in rows]
    return "\n".join([*lines, "-" * sum(widths)]) + "\n"


def _line(cells: list[str], widths: list[int]) -> str:
    """A text that is too long for its column keeps one blank before the next."""
    return "".join(
        text.ljust(width) if len(text) < width else f"{text} "
        for text, width in zip(cells, widths, strict=True)
    )
