"""What sm says of its services, in the words and columns that operators and scripts know."""

from collections.abc import Iterable

from insvc.model.observation import Instance
from insvc.model.words import InstanceState

_STATES = {
    InstanceState.RUNNING: ("enabled-active", ""),
    InstanceState.STARTING: ("enabling", ""),
    InstanceState.STOPPING: ("disabling", ""),
    InstanceState.STOPPED: ("disabled", ""),
    InstanceState.DISABLED: ("disabled", ""),
    InstanceState.FAILED: ("disabled", "failed"),
    InstanceState.SCHEDULED: ("disabled", ""),
    InstanceState.UNKNOWN: ("unknown", ""),
}
_WIDTHS = (32, 20, 20, 10)


def sentence(one: Instance) -> str:
    """`NAME is STATE`, or `NAME is STATE-STATUS`."""
    state, status = _STATES[one.state]
    return f"{one.service} is {state}" + (f"-{status}" if status else "")


def table(instances: Iterable[Instance], *, pid: bool = False) -> str:
    """Name, desired state, state and status of each, as `sm-dump` prints them.

    Args:
        instances: what sm manages.
        pid: the main process of each, too.
    """
    lines = [_rule("Services", pid=pid)]
    lines += [_line(one, pid=pid) for one in sorted(instances, key=lambda one: one.service)]
    return "\n".join([*lines, "-" * _width(pid=pid)]) + "\n"


def _line(one: Instance, *, pid: bool) -> str:
    state, status = _STATES[one.state]
    desired = "disabled" if one.state is InstanceState.STOPPED else "enabled-active"
    columns = [one.service, desired, state, status]
    padded = "".join(text.ljust(width) for text, width in zip(columns, _WIDTHS, strict=True))
    return padded + (f"{one.processes[0].pid:<8}" if pid and one.processes else " " * 8 * pid)


def _rule(title: str, *, pid: bool) -> str:
    return f"-{title}".ljust(_width(pid=pid), "-")


def _width(*, pid: bool) -> int:
    return sum(_WIDTHS) + (8 if pid else 0)
