"""Of which services a host's managers are asked, where only what is stale matters."""

from collections.abc import Collection, Sequence

from insvc.inspect.cgroup import NOBODY, OwnerKind, owner_of
from insvc.inspect.instances import nearest
from insvc.inspect.signs import Trace

_KEEPERS = frozenset({"crond", "cron", "supervisord"})
"""Programs whose services they started themselves, and leave in their own group at first."""
_OWNERS = frozenset({"pacemakerd", "pmond", "sm"})
"""Programs whose services may be units of systemd as well."""
_IS_ASKED_OF = frozenset({OwnerKind.UNIT, OwnerKind.INIT})


def names_to_ask(traces: Sequence[Trace]) -> Collection[str] | None:
    """The units of what has a finding; nothing where every service must be asked of.

    What a keeper started has a name that only the keeper knows, so all are asked of where it has a
    finding. So they are where a finding is in no group and neither is the first process: no systemd
    keeps units there, scripts start the services.

    Args:
        traces: every process that was looked at.
    """
    told = [trace for trace in traces if trace.findings]
    if not told:
        return frozenset()
    if any(trace.name in _OWNERS for trace in traces) or _is_kept(told, traces):
        return None
    owners = {owner_of(trace.group) for trace in told}
    if NOBODY in owners and not any(map(_keeps_units, traces)):
        return None
    return frozenset(owner.name for owner in owners if owner.kind in _IS_ASKED_OF)


def _keeps_units(trace: Trace) -> bool:
    return trace.process.pid == 1 and trace.group != "/"


def _is_kept(told: Sequence[Trace], traces: Sequence[Trace]) -> bool:
    """Whether one of them lies in a keeper's own group or was started by a keeper."""
    keepers = {trace.process.pid: trace.group for trace in traces if trace.name in _KEEPERS}
    if not keepers:
        return False
    groups = {owner_of(group).group for group in keepers.values()}
    parents = {trace.process.pid: trace.parent for trace in traces}
    for trace in told:
        is_keeper = trace.process.pid in keepers
        begin = trace.parent if is_keeper else trace.process.pid
        if nearest(begin, keepers, parents) is not None:
            return True
        if not is_keeper and owner_of(trace.group).group in groups:
            return True
    return False
