"""Alarms of the cloud as a whole, and the lines in which all of them are told."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from insvc.execute.run import RunSummary
from insvc.execute.transitions import RunState
from insvc.model.alarm import (
    NO_ANSWER,
    NO_REDUNDANCY,
    PATCH_FAILED,
    PATCH_IN_PROGRESS,
    PROCESS_FAILED,
    Alarm,
    AlarmChange,
    StandingAlarm,
)
from insvc.model.observation import Observation
from insvc.model.topology import Topology
from insvc.model.words import Personality, Role
from insvc.report.wording import count

_HOST_OF = re.compile(r"host=(.+?)\.process=")
_RANK = ("critical", "major", "minor", "warning")
_BAD = frozenset({RunState.FAILED, RunState.ROLLED_BACK})
_PAIR = 2
_NOBODY: Mapping[str, str] = {}


def of_cloud(
    topology: Topology, seen: Observation, runs: Sequence[RunSummary]
) -> tuple[Alarm, ...]:
    """What concerns no single service: silence, no standby, patches half way or failed.

    Args:
        topology: the hosts.
        seen: what they look like now.
        runs: every run, newest first.
    """
    return (*_silent(seen), *_redundancy(topology, seen), *_patches(seen), *_failed(runs))


def stand_on(
    before: Iterable[Alarm], found: Sequence[Alarm], seen: Observation
) -> tuple[Alarm, ...]:
    """Those that were found, and those of before that nobody can say are over.

    While a host does not answer, nobody knows whether the last of the replaced code was its.

    Args:
        before: those that stood by the last look.
        found: those that this look has found.
        seen: what it saw.
    """
    known = {one.key for one in found}
    is_whole = all(one.reachable for one in seen.hosts)
    left = (one for one in before if one.alarm == PATCH_IN_PROGRESS and one.key not in known)
    return tuple(found) if is_whole else (*found, *left)


def _silent(seen: Observation) -> Iterator[Alarm]:
    for one in seen.hosts:
        if not one.reachable:
            yield Alarm(
                alarm=NO_ANSWER,
                entity=f"host={one.host}",
                severity="major",
                text=f"{one.host} does not answer: nothing is known of its services",
                next_act="bring its agent back",
            )


def _redundancy(topology: Topology, seen: Observation) -> Iterator[Alarm]:
    pair = [one.name for one in topology.hosts if one.serves_as(Personality.CONTROLLER)]
    if len(pair) < _PAIR:
        return
    ready = [one for one in seen.hosts if one.host in pair and one.role is Role.STANDBY]
    if not any(one.reachable and not one.locked for one in ready):
        yield Alarm(
            alarm=NO_REDUNDANCY,
            entity="service_domain=controller",
            severity="major",
            text="no controller stands by: nobody takes over from the active one",
            next_act="unlock the other controller, or bring it back",
        )


def _patches(seen: Observation) -> Iterator[Alarm]:
    stale = seen.stale()
    if stale:
        hosts = len({host for host, _ in stale})
        yield Alarm(
            alarm=PATCH_IN_PROGRESS,
            entity="host=controller",
            severity="minor",
            text=f"{count(len(stale), 'instance')} on {count(hosts, 'host')} run replaced code",
            next_act="plan what to restart with `insvc plan`",
        )


def _failed(runs: Sequence[RunSummary]) -> Iterator[Alarm]:
    over = (one for one in runs if RunState(one.state).is_over)
    newest = next(over, None)
    if newest is not None and RunState(newest.state) in _BAD:
        yield Alarm(
            alarm=PATCH_FAILED,
            entity="host=controller",
            severity="major",
            text=f"run {newest.run} {newest.state}",
            next_act=f"see `insvc report {newest.run}`",
        )


def list_lines(alarms: Iterable[StandingAlarm], unknown: Mapping[str, str] = _NOBODY) -> list[str]:
    """The standing alarms, worst first; one line that says so where none stands.

    Args:
        alarms: those that are known.
        unknown: why a host could not be asked, by its name: what stands there, nobody knows.
    """
    ordered = sorted(alarms, key=lambda one: (_RANK.index(one.alarm.severity), one.alarm.key))
    lines = []
    for one in ordered:
        alarm = one.alarm
        lines.append(
            f"{alarm.severity:8}  {alarm.alarm}  {alarm.entity}  since {_clock(one.since)}"
        )
        lines += [f"          {alarm.text}", f"          next: {alarm.next_act}"]
    ailing = sorted(health(one.alarm for one in ordered).items())
    lines += [f"host {host} is {word} by what its processes are" for host, word in ailing]
    return [*lines, *_unknown(unknown)] or ["no alarm stands"]


def health(alarms: Iterable[Alarm]) -> dict[str, str]:
    """Which hosts are degraded or failed, by the processes that pmon cannot keep alive there."""
    found: dict[str, str] = {}
    for one in alarms:
        host = _HOST_OF.match(one.entity)
        if one.alarm != PROCESS_FAILED or host is None:
            continue
        if one.severity == "critical":
            found[host[1]] = "failed"
        elif one.severity == "major":
            found.setdefault(host[1], "degraded")
    return found


def history_lines(
    changes: Iterable[AlarmChange], unknown: Mapping[str, str] = _NOBODY
) -> list[str]:
    """The changes in the order of their times; one line that says so where there was none.

    Args:
        changes: those that are known.
        unknown: why a host could not be asked, by its name.
    """
    lines = [
        f"{_clock(one.at)}  {one.what:7}  {one.alarm.severity:8}  {one.alarm.alarm}  "
        f"{one.alarm.entity}  {one.alarm.text}"
        for one in sorted(changes, key=lambda one: one.at)
    ]
    return [*lines, *_unknown(unknown)] or ["no alarm was ever raised"]


def _unknown(hosts: Mapping[str, str]) -> list[str]:
    return [f"unknown   {host}: {reason}" for host, reason in hosts.items()]


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
