"""Whose the logins and users' managers of this machine are, by the login manager's own files."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from insvc.adapters.small_file import read_small
from insvc.catalog.entry import Entry
from insvc.inspect.people import SESSION, USER, told_user, way, with_way

_LONGEST = 1 << 16


def with_people(
    entries: Iterable[Entry], units: Mapping[str, tuple[str, ...]], root: Path = Path("/")
) -> tuple[Entry, ...]:
    """The entries, of which those for logins and users' managers say whose they are.

    Args:
        entries: what is known of services, one service each where it is such a one.
        units: units of users' own managers that run replaced code, by that manager's service.
        root: the machine's root.
    """
    return tuple(_with_person(entry, units, root) for entry in entries)


def _with_person(entry: Entry, units: Mapping[str, tuple[str, ...]], root: Path) -> Entry:
    name = entry.services[0].name if entry.services else ""
    user = _user(root, name)
    return with_way(entry, way(name, user, units.get(name, ()))) if user else entry


def _user(root: Path, service: str) -> str:
    """The user's name; empty where nobody tells."""
    session, user = SESSION.fullmatch(service), USER.fullmatch(service)
    if session is not None:
        path = root / "run/systemd/sessions" / session[1]
    elif user is not None:
        path = root / "run/systemd/users" / user[1]
    else:
        return ""
    try:
        return told_user(read_small(path, _LONGEST))
    except OSError:
        return ""
