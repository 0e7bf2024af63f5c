"""Exactly one owner restarts a process: accounts of several managers → one of the host."""

from collections.abc import Iterable

from insvc.catalog.account import Account


def merge(accounts: Iterable[Account]) -> Account:
    """One account of the host. What an earlier manager claims is taken from the later ones.

    A later row falls away where an earlier one has its name or its control group: a systemd unit
    that Pacemaker starts and stops is Pacemaker's.

    Args:
        accounts: those that own what others start for them come first.
    """
    told = tuple(accounts)
    names: set[str] = set()
    groups: set[str] = set()
    rows = []
    for account in told:
        own = [row for row in account.rows if row.name not in names and row.cgroup not in groups]
        names.update(row.name for row in own)
        groups.update(row.cgroup for row in own if row.cgroup is not None)
        rows += own
    entries = {entry.name: entry for account in reversed(told) for entry in account.entries}
    of_rows = {row.name for row in rows}
    return Account(
        rows=tuple(rows),
        entries=tuple(
            entry
            for entry in reversed(entries.values())
            if any(service.name in of_rows for service in entry.services)
        ),
        unseen=tuple(line for account in told for line in account.unseen),
    )
