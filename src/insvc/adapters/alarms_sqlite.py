"""The alarms of one manager in one file: which stand, and how that came."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from insvc.adapters.sqlite_file import create, open_checked, unreadable
from insvc.adapters.wire import from_json, to_json
from insvc.model.alarm import Alarm, AlarmChange, StandingAlarm

APPLICATION_ID = 0x496E7641
VERSION = 1
KEPT = 10_000
"""How many changes are kept; older ones are forgotten."""
_SCHEMA = """
CREATE TABLE standing (
    alarm TEXT NOT NULL, entity TEXT NOT NULL, severity TEXT NOT NULL, text TEXT NOT NULL,
    next_act TEXT NOT NULL, since REAL NOT NULL, PRIMARY KEY (alarm, entity)
) WITHOUT ROWID;
CREATE TABLE changes (number INTEGER PRIMARY KEY AUTOINCREMENT, change TEXT NOT NULL);
"""


class SqliteAlarms:
    """The table of one manager. It belongs to one thread.

    Args:
        path: the file; made where it is missing.

    Raises:
        CorruptStore: it is something else, or damaged.
        WorldError: it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        create(path, APPLICATION_ID, VERSION, _SCHEMA)
        self._connection = open_checked(path, APPLICATION_ID, VERSION, "table of alarms")
        # What is lost in a power cut is found again: facts raise it anew at the next start.
        self._connection.execute("PRAGMA synchronous = NORMAL")

    def standing(self) -> tuple[StandingAlarm, ...]:
        """The alarms that stand, by number and entity."""
        rows = self._connection.execute(
            "SELECT alarm, entity, severity, text, next_act, since FROM standing"
        )
        return tuple(
            StandingAlarm(
                alarm=Alarm(
                    alarm=alarm, entity=entity, severity=severity, text=text, next_act=next_act
                ),
                since=since,
            )
            for alarm, entity, severity, text, next_act, since in rows
        )

    def change(self, changes: Sequence[AlarmChange]) -> None:
        """Make all of them, or none.

        Raises:
            WorldError: the disk refused; nothing has changed.
            CorruptStore: the file is damaged.
        """
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                for one in changes:
                    self._apply(one)
                self._connection.execute(
                    "DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - ?",
                    (KEPT,),
                )
        except sqlite3.DatabaseError as fault:
            raise unreadable(self._path, fault) from fault

    def changes(self, newest: int = KEPT) -> tuple[AlarmChange, ...]:
        """The newest changes, oldest first."""
        rows = self._connection.execute(
            "SELECT change FROM changes ORDER BY number DESC LIMIT ?", (newest,)
        ).fetchall()
        return tuple(_read(text) for (text,) in reversed(rows))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _apply(self, change: AlarmChange) -> None:
        one = change.alarm
        if change.what == "cleared":
            self._connection.execute(
                "DELETE FROM standing WHERE alarm = ? AND entity = ?", tuple(one.key)
            )
        else:
            self._connection.execute(
                "INSERT INTO standing VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (alarm, entity) "
                "DO UPDATE SET severity = excluded.severity, text = excluded.text, "
                "next_act = excluded.next_act",
                (one.alarm, one.entity, one.severity, one.text, one.next_act, change.at),
            )
        self._connection.execute("INSERT INTO changes (change) VALUES (?)", (_write(change),))


def _write(change: AlarmChange) -> str:
    return json.dumps(to_json(change))


def _read(text: str) -> AlarmChange:
    return from_json(AlarmChange, json.loads(text))
