"""An observation in words: what runs replaced code, what may, and what could not be seen."""

from collections.abc import Callable, Iterator, Sequence

from insvc.inspect.evidence import EARLIER_VERSION_UNKNOWN
from insvc.inspect.verdict import reason_of
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.words import (
    Action,
    EvidenceKind,
    InstanceState,
    Manager,
    RestartClass,
    Verdict,
)

_INDENT = " " * 12
_SIGNS = 3


def summary(
    observation: Observation, *, everything: bool = False, explains: bool = False
) -> tuple[str, ...]:
    """The lines an operator reads.

    Args:
        observation: what was seen.
        everything: also list what is current.
        explains: every sign of each instance, and what a person has to know of its cure.
    """
    lines: list[str] = []
    for host in observation.hosts:
        lines += [*_host_lines(host, everything=everything, explains=explains), ""]
    return (*lines, *conclusion(observation))


def conclusion(observation: Observation) -> tuple[str, ...]:
    """One sentence on what runs replaced code, what is not known, and the next command."""
    stale = _count(observation, lambda one: one.verdict is Verdict.STALE)
    suspect = _count(observation, lambda one: one.verdict is Verdict.SUSPECT)
    waiting = _count(observation, is_next_run)
    silent = [host.host for host in observation.hosts if not host.reachable]
    if len(silent) == len(observation.hosts):
        return ("Nothing is known: no host answers.", "next: `insvc cloud start`, or see why")
    parts = [_stale_words(stale, len({host for host, _ in observation.stale()}))]
    if suspect:
        parts.append(f"{_some(suspect, 'instance is', 'instances are')} suspect")
    if waiting:
        parts.append(f"{_some(waiting, 'job takes', 'jobs take')} the new code at the next run")
    if silent:
        parts.append(f"NOTHING IS KNOWN of {', '.join(silent)}")
    is_partial = any(host.unseen for host in observation.hosts)
    return (
        "; ".join(parts) + ".",
        f"next: {_next_act(stale, waiting, silent, is_partial=is_partial)}",
    )


def running_version(instance: Instance) -> str | None:
    """The version whose code runs; nothing where it is not known to differ or no record says."""
    for evidence in instance.evidence:
        is_known = evidence.found != EARLIER_VERSION_UNKNOWN
        if evidence.kind is EvidenceKind.PACKAGE_NEWER and is_known:
            return evidence.found
    return None


def is_complete(observation: Observation) -> bool:
    """Whether every host answered, and every process and manager of it could be looked at."""
    return all(
        host.reachable
        and not host.unseen
        and not any(
            evidence.kind is EvidenceKind.UNSEEN
            for instance in host.instances
            for evidence in instance.evidence
        )
        for host in observation.hosts
    )


def is_next_run(instance: Instance) -> bool:
    """Whether it is a job between two runs whose next run uses other code than its last."""
    return instance.state is InstanceState.SCHEDULED and bool(instance.evidence)


def _host_lines(host: HostObservation, *, everything: bool, explains: bool) -> Iterator[str]:
    if not host.reachable:
        yield f"{host.host}  DOES NOT ANSWER: nothing is known of it"
        yield from (f"  {line}" for line in host.unseen)
        return
    traits = [host.role.value] if host.role else []
    traits += ["locked"] if host.locked else []
    yield "  ".join([host.host, *traits, _counts(host)])
    shown = [one for one in host.instances if everything or _is_notable(one)]
    width = max((len(one.service) for one in shown), default=0)
    for instance in sorted(shown, key=_rank):
        yield from _instance_lines(instance, width, explains=explains)
    yield from (f"  {'NOT SEEN':9} {line}" for line in host.unseen)


def _counts(host: HostObservation) -> str:
    """How many services run, where all were looked at, and how many instances are stale."""
    if all(map(_is_notable, host.instances)):
        stale = sum(one.verdict is Verdict.STALE for one in host.instances)
        return f"{stale} stale"
    services = [one for one in host.instances if one.processes or one.manager is not Manager.NONE]
    running = sum(one.state is InstanceState.RUNNING or bool(one.processes) for one in services)
    stale = sum(one.verdict is Verdict.STALE for one in host.instances)
    return f"{running} of {len(services)} services run, {stale} stale"


def _is_notable(instance: Instance) -> bool:
    is_down = instance.state in {InstanceState.FAILED, InstanceState.UNKNOWN}
    return instance.verdict is not Verdict.CURRENT or is_down or is_next_run(instance)


def _rank(instance: Instance) -> tuple[int, str]:
    order = (Verdict.STALE, Verdict.SUSPECT, Verdict.CURRENT)
    return order.index(instance.verdict), instance.service


def _label(instance: Instance) -> str:
    if instance.verdict is Verdict.STALE:
        return "STALE"
    if instance.verdict is Verdict.SUSPECT:
        return "suspect"
    return "next run" if is_next_run(instance) else str(instance.verdict)


def _instance_lines(instance: Instance, width: int, *, explains: bool) -> Iterator[str]:
    manager = str(instance.manager) if instance.manager else "-"
    pids = ",".join(str(one.pid) for one in instance.processes) or "-"
    head = f"  {_label(instance):9} {instance.service:{width}}  {manager:5} {instance.state:9}"
    yield f"{head}  {_versions(instance)}  pid {pids}"
    if not _is_notable(instance):
        return
    yield f"{_INDENT}{reason_of(instance)}"
    yield from (f"{_INDENT}{line}" for line in _cure_lines(instance, explains=explains))
    shown = instance.evidence if explains else instance.evidence[:_SIGNS]
    yield from (f"{_INDENT}{evidence}" for evidence in shown)
    if len(instance.evidence) > len(shown):
        yield f"{_INDENT}and {len(instance.evidence) - len(shown)} more (--explain)"


def _cure_lines(instance: Instance, *, explains: bool) -> Iterator[str]:
    """What would cure it, how freely, and at which price."""
    cure = instance.cure
    if cure is None:
        return
    price = f", out about {cure.outage_s:.1f} s" if cure.outage_s else ""
    if cure.restart_class is RestartClass.REBOOT_ONLY:
        yield "cured by a reboot alone"
    elif cure.action is Action.NONE:
        who = "" if explains else "; --explain says who does"
        yield f"nothing here restarts it rightly ({cure.restart_class}){who}"
    else:
        yield f"cured by {cure.action} ({cure.restart_class}){price}"
    if explains and cure.note:
        yield cure.note


def _versions(instance: Instance) -> str:
    if instance.package is None:
        return "no package"
    running = running_version(instance)
    installed = instance.version or "version unknown"
    change = f"{running} → {installed}" if running else installed
    return f"{instance.package} {change}"


def _count(observation: Observation, is_meant: Callable[[Instance], bool]) -> int:
    return sum(is_meant(one) for host in observation.hosts for one in host.instances)


def _stale_words(stale: int, hosts: int) -> str:
    if not stale:
        return "Nothing that was seen runs replaced code"
    where = _some(hosts, "host", "hosts")
    return (
        f"{_some(stale, 'instance', 'instances')} on {where} run{'s' * (stale == 1)} replaced code"
    )


def _some(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _next_act(stale: int, waiting: int, silent: Sequence[str], *, is_partial: bool) -> str:
    if silent:
        return f"bring back the agent of {silent[0]}, then `insvc scan` again"
    if stale or waiting:
        return "`insvc plan` decides what to restart, in which order"
    return "nothing to restart of what was seen" if is_partial else "nothing to restart"
