"""A manager's memory of a service as the row that an inspection starts from."""

from collections.abc import Callable, Mapping

from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager
from insvc.supervise import cron, pmon, sm, status_check
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.unit import Event, Unit

_STATES: Mapping[Manager, Mapping[str, InstanceState]] = {
    Manager.PMON: {
        pmon.State.STOPPED: InstanceState.STOPPED,
        pmon.State.STARTING: InstanceState.STARTING,
        pmon.State.RUNNING: InstanceState.RUNNING,
        pmon.State.STOPPING: InstanceState.STOPPING,
        pmon.State.ENDING: InstanceState.STOPPING,
        pmon.State.WAITING: InstanceState.STARTING,
        pmon.State.FAILED: InstanceState.FAILED,
        status_check.State.ASKED: InstanceState.STARTING,
        status_check.State.WELL: InstanceState.RUNNING,
        status_check.State.DOWN: InstanceState.STARTING,
        status_check.State.UNJUDGED: InstanceState.UNKNOWN,
        pmon.State.HANDING_OVER: InstanceState.RUNNING,
        pmon.State.RELIEVING: InstanceState.RUNNING,
    },
    Manager.SM: {
        sm.State.DISABLED: InstanceState.STOPPED,
        sm.State.THROTTLED: InstanceState.STARTING,
        sm.State.ENABLING: InstanceState.STARTING,
        sm.State.ENABLED_ACTIVE: InstanceState.RUNNING,
        sm.State.DISABLING: InstanceState.STOPPING,
        sm.State.ENDING: InstanceState.STOPPING,
        sm.State.FAILED: InstanceState.FAILED,
        sm.State.HANDING_OVER: InstanceState.RUNNING,
        sm.State.RELIEVING: InstanceState.RUNNING,
    },
    Manager.CRON: {
        cron.State.IDLE: InstanceState.STOPPED,
        cron.State.SCHEDULED: InstanceState.SCHEDULED,
        cron.State.RUNNING: InstanceState.RUNNING,
        cron.State.LAST_RUN: InstanceState.RUNNING,
    },
}


def state_of(unit: Unit) -> InstanceState:
    """What the service does, in the words every manager shares.

    One that has failed as often as it may is failed until it is seen ready again, even while its
    manager tries once more.
    """
    state = _STATES[unit.definition.manager][unit.state]
    is_trying = state in {InstanceState.STARTING, InstanceState.STOPPING} and unit.registered
    return InstanceState.FAILED if is_trying and unit.is_called_failed else state


def row_of(
    unit: Unit, *, is_wanted: bool, endpoint: str | None, epoch_of: Callable[[float], float]
) -> ManagerRow:
    """The manager's account of one service.

    Args:
        unit: what the manager knows of it.
        is_wanted: whether it is to be up.
        endpoint: where it can be asked whether it serves.
        epoch_of: seconds since the epoch of a moment of the manager's clock.
    """
    definition = unit.definition
    is_job = definition.manager is Manager.CRON
    desired = InstanceState.SCHEDULED if is_job else InstanceState.RUNNING
    runs = unit.started_at is not None and unit.ready_at is not None
    next_run = next((at for event, at in unit.due if event is Event.RUN_DUE), None)
    return ManagerRow(
        name=definition.name,
        manager=definition.manager,
        state=state_of(unit),
        desired=desired if is_wanted else InstanceState.STOPPED,
        package=definition.package or None,
        pid=None if unit.main is None else unit.main.pid,
        restarts=0 if is_job else unit.restarts,
        started_in_s=(unit.ready_at or 0.0) - (unit.started_at or 0.0) if runs else None,
        endpoint=endpoint,
        helpers=definition.helpers,
        last_run_at=None if unit.started_at is None or not is_job else epoch_of(unit.started_at),
        next_run_at=next_run if is_job else None,
        has_process=definition.script is None or definition.script.has_process,
    )


def unknown_row(definition: ServiceDefinition, endpoint: str | None) -> ManagerRow:
    """The row of a service whose manager does not answer."""
    return ManagerRow(
        name=definition.name,
        manager=definition.manager,
        state=InstanceState.UNKNOWN,
        package=definition.package or None,
        endpoint=endpoint,
        helpers=definition.helpers,
    )


def holds_without_process(unit: Unit) -> bool:
    """Whether it may hold an address or a mount: only its stop script gives that back."""
    script = unit.definition.script
    has_process = script is None or script.has_process
    return not has_process and state_of(unit) not in {InstanceState.STOPPED, InstanceState.FAILED}
