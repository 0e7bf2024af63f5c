"""Reads the database of StarlingX's service manager: never writes it, never holds it up."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from insvc.errors import WorldError
from insvc.inspect.starlingx_sm import SmService, SmTables, enable_needs, standing_of

PLACE = "var/run/sm/sm.db"
_BUSY_S = 2.0
_MOST_ROWS = 10_000
_SERVICES = {
    "name": ("name",),
    "provisioned": ("provisioned",),
    "desired": ("desired_state",),
    "state": ("state",),
    "status": ("status",),
    "condition": ("condition",),
    "pidfile": ("pid_file", "pidfile"),
}
_NEEDS = {
    "service": ("service_name", "service"),
    "action": ("action",),
    "needed": ("dependent",),
}
_TIMES = {
    "service": ("service_name", "service"),
    "action": ("action",),
    "seconds": ("timeout_in_secs", "timeout"),
}
"""What is read, and how its column may be called."""


def read_tables(root: Path) -> SmTables:
    """What it holds now.

    Args:
        root: the folder that holds the host's files.

    Raises:
        WorldError: it is not there, cannot be read, or is not built as it should be.
    """
    path = root / PLACE
    if not path.is_file():
        raise _refused("is not there: sm does not run")
    try:
        uri = f"file:{quote(str(path))}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_S)) as connection:
            connection.execute("BEGIN")
            services = _rows(connection, "services", _SERVICES)
            needs = _rows(connection, "service_dependency", _NEEDS)
            times = _rows(connection, "service_actions", _TIMES)
    except sqlite3.Error as fault:
        raise _refused(f"cannot be read: {fault}") from fault
    seconds = {
        (service, action): float(one)
        for service, action, one in times
        if isinstance(one, int | float)
    }
    return SmTables(
        services={one.name: one for one in _services(services, seconds)},
        needs=enable_needs(needs),
    )


def _services(
    rows: Iterable[tuple[Any, ...]], seconds: dict[tuple[Any, Any], float]
) -> Iterable[SmService]:
    """Those that are provisioned; sm leaves all others alone."""
    for name, provisioned, desired, state, status, condition, pidfile in rows:
        if provisioned != "yes" or not isinstance(name, str):
            continue
        yield SmService(
            name=name,
            desired=desired if isinstance(desired, str) else "",
            standing=standing_of(state, status, condition),
            pidfile=pidfile if isinstance(pidfile, str) else "",
            enable_s=seconds.get((name, "enable")),
            disable_s=seconds.get((name, "disable")),
        )


def _rows(
    connection: sqlite3.Connection, table: str, wanted: dict[str, tuple[str, ...]]
) -> list[tuple[Any, ...]]:
    """The rows of a table, by the columns that are wanted.

    Raises:
        WorldError: it has no such table, or lacks a column.
    """
    there = {row[1].lower() for row in connection.execute(f"PRAGMA table_info({table})")}
    columns = []
    for names in wanted.values():
        column = next((one for one in names if one in there), None)
        if column is None:
            raise _refused(f"has no column {names[0]} in its table {table}")
        columns.append(column)
    listed = ", ".join(f'"{one}"' for one in columns)
    query = f"SELECT {listed} FROM {table} LIMIT {_MOST_ROWS}"  # noqa: S608 - names are ours
    return connection.execute(query).fetchall()


def _refused(found: str) -> WorldError:
    return WorldError(f"/{PLACE}", found, next_act="look with `sm-dump`")
