"""What a patch would make stale, told before it is installed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from insvc.model.act import PackageChange
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.words import EvidenceKind, InstanceState

_RUNS_CODE = frozenset({InstanceState.RUNNING, InstanceState.STARTING, InstanceState.STOPPING})


class Effect(StrEnum):
    """What becomes of an instance when its package is replaced.

    `stale`: it runs on with the old code. `next-run`: no run is under way, the next one uses the
    new code. `next-start`: it does not run, and starts with the new code whenever it does.
    `unknown`: what it does could not be found out.
    """

    STALE = "stale"
    NEXT_RUN = "next-run"
    NEXT_START = "next-start"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class AheadOfTime:
    """What a patch would do to one instance.

    Attributes:
        host: where it is.
        service: what its manager calls it.
        package: what the patch replaces.
        from_version: what is installed now.
        to_version: what the patch brings.
        effect: what becomes of the instance.
    """

    host: str
    service: str
    package: str
    from_version: str | None
    to_version: str
    effect: Effect


def would_become_stale(
    observation: Observation, patch: Mapping[str, Sequence[PackageChange]]
) -> tuple[AheadOfTime, ...]:
    """Every instance whose package the patch replaces, in the order of the observation.

    A host that did not answer is left out: nothing is known of it (`HostObservation.reachable`).
    """
    return tuple(
        ahead
        for host in observation.hosts
        if host.reachable
        for instance in host.instances
        if (ahead := _ahead(host, instance, patch.get(host.host, ()))) is not None
    )


def would_be_left(
    host: HostObservation, changes: Sequence[PackageChange]
) -> tuple[AheadOfTime, ...]:
    """Every instance that has loaded what the patch replaces, once for each package.

    Args:
        host: its instances bear as evidence the packages that would be newer than they.
        changes: what the patch would install there.
    """
    by_package = {one.package: one for one in changes}
    return tuple(
        AheadOfTime(
            host=host.host,
            service=instance.service,
            package=change.package,
            from_version=change.from_version,
            to_version=change.to_version,
            effect=Effect.STALE,
        )
        for instance in host.instances
        for sign in instance.evidence
        if sign.kind is EvidenceKind.PACKAGE_NEWER
        and (change := by_package.get(sign.subject)) is not None
    )


def _ahead(
    host: HostObservation, instance: Instance, changes: Sequence[PackageChange]
) -> AheadOfTime | None:
    change = next((one for one in changes if one.package == instance.package), None)
    if change is None or change.to_version == instance.version:
        return None
    return AheadOfTime(
        host=host.host,
        service=instance.service,
        package=change.package,
        from_version=instance.version,
        to_version=change.to_version,
        effect=_effect(instance.state),
    )


def _effect(state: InstanceState) -> Effect:
    if state in _RUNS_CODE:
        return Effect.STALE
    if state is InstanceState.SCHEDULED:
        return Effect.NEXT_RUN
    return Effect.UNKNOWN if state is InstanceState.UNKNOWN else Effect.NEXT_START
