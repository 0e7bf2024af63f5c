"""The status of the embedded cloud as an operator reads it."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from insvc.cloud.status import CloudStatus, main_pid
from insvc.model.observation import HostObservation, Instance
from insvc.model.words import InstanceState, Verdict

STYLES = {
    InstanceState.RUNNING: "green",
    InstanceState.SCHEDULED: "green",
    InstanceState.STOPPED: "dim",
    InstanceState.FAILED: "bold red",
    InstanceState.UNKNOWN: "bold yellow",
}
COLUMNS = ("service", "manager", "state", "pid", "version", "restarts", "endpoint")


def status_table(status: CloudStatus) -> RenderableType:
    """One table a host, and one line on the whole."""
    parts: list[RenderableType] = [_host(one) for one in status.observation.hosts]
    return Group(*parts, Text(_conclusion(status), style="bold"))


def _host(seen: HostObservation) -> RenderableType:
    if not seen.reachable:
        reason = "; ".join(seen.unseen) or "no reason is known"
        return Text(f"{seen.host}: its agent does not answer ({reason})", style="bold red")
    words = [seen.host, *([seen.role.value] if seen.role else [])]
    title = ", ".join([*words, *(["locked"] if seen.locked else [])])
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in COLUMNS:
        table.add_column(name, justify="right" if name in {"pid", "restarts"} else "left")
    for one in seen.instances:
        table.add_row(*_row(one))
    return table


def _row(one: Instance) -> tuple[RenderableType, ...]:
    state = one.state.value + (" (stale)" if one.verdict is Verdict.STALE else "")
    style = "yellow" if one.verdict is Verdict.STALE else STYLES.get(one.state, "")
    pid = main_pid(one)
    return (
        one.service,
        one.manager.value if one.manager else "",
        Text(state, style=style),
        "" if pid is None else str(pid),
        one.version or "",
        str(one.restarts) if one.restarts else "",
        one.endpoint or "",
    )


def _conclusion(status: CloudStatus) -> str:
    if status.keeper_pid is None:
        return f"No cloud runs in {status.directory}. Start it with `insvc cloud start`."
    instances = [one for seen in status.observation.hosts for one in seen.instances]
    running = sum(one.state is InstanceState.RUNNING for one in instances)
    failed = sum(one.state is InstanceState.FAILED for one in instances)
    return (
        f"{running} of {len(instances)} services run, {failed} failed; keeper pid "
        f"{status.keeper_pid}, {status.directory}"
    )
