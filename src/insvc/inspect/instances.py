"""Processes and the words of a host's managers → its instances, each process in exactly one."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from insvc.inspect.cgroup import OwnerKind, owner_of
from insvc.inspect.evidence import Finding
from insvc.inspect.signs import Trace
from insvc.inspect.verdict import checked_state, judge
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import Instance
from insvc.model.words import EvidenceKind, InstanceState, Manager, Verdict

_OWNED_BY_UNIT = frozenset({OwnerKind.UNIT, OwnerKind.INIT})
_ENCLOSED = frozenset({OwnerKind.CONTAINER, OwnerKind.GUEST})
"""Whose control group names what runs there better than a command line does."""


def name_of(trace: Trace) -> str:
    """What the process is told of under where no manager claims it."""
    owner = owner_of(trace.group)
    if trace.guest and owner.kind not in _ENCLOSED:
        return f"guest:{trace.guest}"
    return owner.name if owner.kind is not OwnerKind.NOBODY else f"process:{trace.name}"


def instances(traces: Sequence[Trace], rows: Sequence[ManagerRow]) -> tuple[Instance, ...]:
    """Every row as an instance, and what is stale and belongs to no row.

    Args:
        traces: every process that was looked at.
        rows: what the managers say; at most one a name.
    """
    rows = [row for row in rows if _is_service(row)]
    claimed, rest = _claims(traces, rows)
    found = [_of_row(row, claimed.get(row.name, ())) for row in rows]
    return (*found, *_leftovers(rest))


def is_notable(instance: Instance) -> bool:
    """Whether an operator is told of it without asking for everything."""
    is_down = instance.state in {InstanceState.FAILED, InstanceState.UNKNOWN}
    return instance.verdict is not Verdict.CURRENT or is_down or bool(instance.evidence)


def packages_of(instance: Instance) -> Iterator[str]:
    """The packages it is told of with."""
    if instance.package is not None:
        yield instance.package
    for sign in instance.evidence:
        if sign.kind is EvidenceKind.PACKAGE_NEWER:
            yield sign.subject


def with_version(instance: Instance, installed: Mapping[str, str]) -> Instance:
    """The instance with the package that delivers it, as far as known, and its version."""
    package = next(packages_of(instance), None)
    return replace(instance, package=package, version=installed.get(package or ""))


def _is_service(row: ManagerRow) -> bool:
    """Whether a row is a service; sessions, containers and guests only look like units."""
    return row.cgroup is None or owner_of(row.cgroup).kind in _OWNED_BY_UNIT


def _claims(
    traces: Sequence[Trace], rows: Sequence[ManagerRow]
) -> tuple[dict[str, list[Trace]], list[Trace]]:
    """Processes by the row that owns them, and those that no row does.

    A guest lives on when the service is restarted that started it, unless it is its main process.
    A manager may have become another user to start a service, which opens a session: the session
    is the service's where its own root lies in it. A unit that was down when its manager was asked
    has no group, and may be up by the time its processes are read: its name says whose they are.
    """
    parents = {trace.process.pid: trace.parent for trace in traces}
    roots = {pid: row.name for row in rows if row.cgroup is None for pid in _roots(row)}
    roots |= _chaperones(rows, parents)
    groups = {row.cgroup: row.name for row in rows if row.cgroup is not None}
    names = {row.name for row in rows}
    mains = {row.pid for row in rows}
    lies_in = {trace.process.pid: trace.group for trace in traces}
    claimed: dict[str, list[Trace]] = {}
    rest: list[Trace] = []
    for trace in traces:
        owner = owner_of(trace.group)
        kind = owner.kind
        root = nearest(trace.process.pid, roots, parents)
        name = None
        if trace.guest and trace.process.pid not in mains:
            rest.append(trace)
            continue
        if kind in _OWNED_BY_UNIT or kind is OwnerKind.NOBODY:
            by_name = owner.name if owner.name in names else None
            name = _by_group(trace.group, groups) or by_name if root is None else roots[root]
        elif kind is OwnerKind.SESSION and root is not None and lies_in[root] == trace.group:
            name = roots[root]
        if name is None:
            rest.append(trace)
        else:
            claimed.setdefault(name, []).append(trace)
    return claimed, rest


def _chaperones(rows: Sequence[ManagerRow], parents: Mapping[int, int]) -> dict[int, str]:
    """What a job scheduler leaves running above each job, and which ends with it.

    The daemon itself, which is the main process of a service or a child of the first process, is
    no part of any job.
    """
    mains = {row.pid for row in rows if row.manager is not Manager.CRON}
    found: dict[int, str] = {}
    for row in rows:
        if row.manager is not Manager.CRON:
            continue
        for pid in _roots(row):
            above = parents.get(pid, 1)
            while above not in mains and parents.get(above, 1) not in {0, 1}:
                found[above] = row.name
                above = parents[above]
    return found


def _roots(row: ManagerRow) -> tuple[int, ...]:
    return row.pids if row.pid is None else (row.pid, *row.pids)


def nearest(pid: int, roots: Container[int], parents: Mapping[int, int]) -> int | None:
    """Which of these processes it is, or was started by, the nearest first; nothing where none.

    Args:
        pid: the process.
        roots: those that are asked for.
        parents: pid of the parent by pid, of every process that is known.
    """
    seen: set[int] = set()
    while pid not in seen:
        if pid in roots:
            return pid
        seen.add(pid)
        pid = parents.get(pid, pid)
    return None


def _by_group(group: str, groups: Mapping[str, str]) -> str | None:
    while group:
        if group in groups:
            return groups[group]
        group = group.rpartition("/")[0]
    return None


def _of_row(row: ManagerRow, traces: Sequence[Trace]) -> Instance:
    ordered = sorted(traces, key=lambda trace: (trace.process.pid != row.pid, trace.process))
    findings = [finding for trace in ordered for finding in trace.findings]
    is_main_there = any(trace.process.pid == row.pid for trace in ordered)
    state = row.state
    if row.pid is not None:
        state = checked_state(row, is_main_there=is_main_there)
    if ordered:
        findings += [Finding(hint, is_proof=False) for hint in row.hints]
    findings = told_once(findings)
    return Instance(
        service=row.name,
        manager=row.manager,
        state=state,
        verdict=judge(findings, state),
        evidence=tuple(one.evidence for one in findings),
        processes=tuple(trace.process for trace in ordered),
        package=row.package,
        restarts=row.restarts,
        started_in_s=row.started_in_s,
        endpoint=row.endpoint,
        next_run_at=row.next_run_at,
    )


def _leftovers(traces: Iterable[Trace]) -> Iterator[Instance]:
    """What runs replaced code and belongs to no row, one instance a name."""
    by_name: dict[str, list[Trace]] = {}
    for trace in traces:
        by_name.setdefault(name_of(trace), []).append(trace)
    for name, group in sorted(by_name.items()):
        findings = told_once([finding for trace in group for finding in trace.findings])
        if not findings:
            continue
        is_unit = owner_of(group[0].group).kind is OwnerKind.UNIT and not group[0].guest
        yield Instance(
            service=name,
            manager=Manager.SYSTEMD if is_unit else Manager.NONE,
            state=InstanceState.RUNNING,
            verdict=judge(findings, InstanceState.RUNNING),
            evidence=tuple(one.evidence for one in findings),
            processes=tuple(sorted(trace.process for trace in group)),
        )


def told_once(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without those that say the same of a further process."""
    found: dict[tuple[str, str, str, str], Finding] = {}
    for finding in findings:
        sign = finding.evidence
        key = (sign.kind, sign.subject, sign.found, sign.expected)
        known = found.get(key)
        if known is None or (finding.is_proof and not known.is_proof):
            found[key] = finding
    return list(found.values())
