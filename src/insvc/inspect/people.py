"""Whose a login or a user's own service manager is, and what that person can do."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from insvc.catalog.entry import Entry, Note
from insvc.inspect.cgroup import OwnerKind, owner_of, user_unit_of
from insvc.inspect.signs import Trace

SESSION = re.compile(r"session-([A-Za-z]?\d+)\.scope")
"""A login, with its number."""
USER = re.compile(r"user@(\d+)\.service")
"""A user's own service manager, with the user's number."""
_NAME = re.compile(r"[A-Za-z_][\w.@-]*\$?", re.ASCII)
_UNIT = re.compile(r"[\w.@:\\-]+", re.ASCII)
_MANAGER = "init.scope"


def user_units(traces: Iterable[Trace]) -> Mapping[str, tuple[str, ...]]:
    """The units of users' own managers in which something was found, by that manager's service."""
    found: dict[str, dict[str, None]] = {}
    for trace in traces:
        unit = user_unit_of(trace.group) if trace.findings else None
        owner = owner_of(trace.group)
        if unit and owner.kind is OwnerKind.SESSION and _UNIT.fullmatch(unit):
            found.setdefault(owner.name, {})[unit] = None
    return {service: tuple(sorted(units)) for service, units in found.items()}


def told_user(text: str) -> str:
    """The user's name in a file of the login manager's; empty where it holds no plain one."""
    pairs = (line.partition("=") for line in text.splitlines())
    told = next((value.strip('"') for key, _, value in pairs if key in {"USER", "NAME"}), "")
    return told if _NAME.fullmatch(told) else ""


def way(service: str, user: str, units: Iterable[str]) -> str | None:
    """Who is to act, and how; nothing where the service is nobody's login or manager.

    Args:
        service: its name.
        user: whose it is; empty where nobody knows.
        units: the units of that user's own manager that run replaced code.
    """
    if SESSION.fullmatch(service):
        return f"It is a login of {user}, who logs out and in again." if user else None
    manager = USER.fullmatch(service)
    if manager is None or not user:
        return None
    named = [one for one in units if one != _MANAGER]
    acts = [f"`systemctl --user restart {' '.join(named)}`"] if named else []
    acts += ["`systemctl --user daemon-reexec`"] if _MANAGER in units else []
    how = " and ".join(acts) or "logging out of every session and in again"
    become = f"runuser -u {user} -- env XDG_RUNTIME_DIR=/run/user/{manager[1]}"
    by_root = f" (root begins it with `{become}`)" if acts else ""
    return f"It is {user}'s, who renews it by {how}{by_root}."


def with_way(entry: Entry, words: str | None) -> Entry:
    """The entry, in which that is said before everything else."""
    if words is None:
        return entry
    return replace(entry, special_handling=(Note(text=words), *entry.special_handling))
