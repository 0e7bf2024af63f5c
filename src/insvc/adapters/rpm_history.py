"""Which versions were installed when, from the records of dnf, dnf5 and zypper.

rpm itself keeps no history: where it was called directly, nothing says what was there before.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from insvc.inspect.rpm import Change, chained, evr, zypp_history

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ZYPP = "var/log/zypp/history"
_TAIL_BYTES = 8 << 20
_BUSY_S = 1.0
_DNF = """
    SELECT trans.id, COALESCE(NULLIF(trans.dt_end, 0), trans.dt_begin),
           trans_item.action IN (1, 2, 4, 6, 9), rpm.epoch, rpm.version, rpm.release
    FROM rpm JOIN trans_item ON trans_item.item_id = rpm.item_id
    JOIN trans ON trans.id = trans_item.trans_id
    WHERE rpm.name = ? AND trans_item.action <= 10 AND trans_item.state = 1
    ORDER BY trans.id, trans_item.id
"""
_DNF5 = """
    SELECT trans.id, COALESCE(NULLIF(trans.dt_end, 0), trans.dt_begin),
           trans_item.action_id <= 4, rpm.epoch, rpm.version, rpm.release
    FROM rpm JOIN pkg_name ON pkg_name.id = rpm.name_id
    JOIN trans_item ON trans_item.item_id = rpm.item_id
    JOIN trans ON trans.id = trans_item.trans_id
    WHERE pkg_name.name = ? AND trans_item.action_id <= 6 AND trans_item.state_id = 2
    ORDER BY trans.id, trans_item.id
"""
_RECORDS = (
    ("var/lib/dnf/history.sqlite", _DNF),
    ("usr/lib/sysimage/libdnf5/transaction_history.sqlite", _DNF5),
)


class RpmHistory:
    """What the front ends of rpm wrote down on a host.

    Args:
        root: the host's root.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._log: tuple[object, dict[str, list[Change]]] = (None, {})

    def changes(self, package: str) -> tuple[Change, ...]:
        """Of one package, oldest first; a record that cannot be read tells nothing."""
        found = [one for name, query in _RECORDS for one in self._recorded(name, query, package)]
        return chained((*found, *self._logged().get(package, ())))

    def _recorded(self, name: str, query: str, package: str) -> Iterator[Change]:
        """What a database of dnf or dnf5 says: one change a transaction."""
        path = self._root / name
        if not path.is_file():
            return
        try:
            rows = _rows(path, query, package)
        except sqlite3.Error:
            return
        versions: dict[int, dict[bool, str]] = {}
        ends: dict[int, float] = {}
        for transaction, at, is_new, *parts in rows:
            ends[transaction] = float(at)
            versions.setdefault(transaction, {})[bool(is_new)] = evr(*parts)
        for transaction, told in versions.items():
            yield Change(ends[transaction], told.get(False), told.get(True))

    def _logged(self) -> dict[str, list[Change]]:
        """What zypper's log says, by package."""
        path = self._root / _ZYPP
        try:
            seen = path.stat()
            stamp = (seen.st_mtime_ns, seen.st_size)
            if self._log[0] != stamp:
                self._log = (stamp, _by_package(_tail(path)))
        except OSError:
            return {}
        return self._log[1]


def _rows(path: Path, query: str, package: str) -> list[tuple[Any, ...]]:
    """The answer of a database.

    Who may not write beside one that is kept with a log can read it only where the log was taken
    into it: then it is whole by itself.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    try:
        return _asked(path, "mode=ro", query, package)
    except sqlite3.OperationalError:
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise
        return _asked(path, "immutable=1", query, package)


def _asked(path: Path, how: str, query: str, package: str) -> list[tuple[Any, ...]]:
    where = f"file:{quote(str(path))}?{how}"
    with closing(sqlite3.connect(where, uri=True, timeout=_BUSY_S)) as connection:
        return connection.execute(query, (package,)).fetchall()


def _tail(path: Path) -> str:
    """The end of a log that may be long."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
        return file.read(_TAIL_BYTES).decode("utf-8", "replace")


def _by_package(text: str) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for local, name, version in zypp_history(text):
        try:
            at = time.mktime(time.strptime(local, "%Y-%m-%d %H:%M:%S"))
        except (ValueError, OverflowError):
            continue
        found.setdefault(name, []).append(Change(at, None, version))
    return found
