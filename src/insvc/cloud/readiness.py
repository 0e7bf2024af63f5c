"""Judges whether the managers of a host say that all of it is up."""

from collections.abc import Sequence

from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager

REACHED = {
    InstanceState.RUNNING: frozenset({InstanceState.RUNNING}),
    InstanceState.STOPPED: frozenset({InstanceState.STOPPED, InstanceState.DISABLED}),
    InstanceState.DISABLED: frozenset({InstanceState.STOPPED, InstanceState.DISABLED}),
}
JOB_STATES = frozenset({InstanceState.RUNNING, InstanceState.SCHEDULED, InstanceState.STOPPED})


def waiting_for(rows: Sequence[ManagerRow]) -> tuple[ManagerRow, ...]:
    """The services that are not yet what their manager works towards."""
    return tuple(row for row in rows if not _is_reached(row))


def failed(rows: Sequence[ManagerRow]) -> tuple[ManagerRow, ...]:
    """The services that their manager gave up."""
    return tuple(row for row in rows if row.state is InstanceState.FAILED)


def _is_reached(row: ManagerRow) -> bool:
    if row.manager is Manager.CRON:
        return row.state in JOB_STATES
    return row.state in REACHED.get(row.desired, frozenset({row.desired}))
