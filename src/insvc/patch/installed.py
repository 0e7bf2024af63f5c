"""What patches replaced, so that a run that follows can undo it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from insvc.model.act import PackageChange

Changes = Mapping[str, tuple[PackageChange, ...]]
"""The package changes of one patch, by host name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InstalledPatch:
    """One installation of packages, written down before it was begun.

    Attributes:
        at: seconds since the epoch.
        changes: what was to be installed, and what was there before, by host.
    """

    at: float
    changes: dict[str, tuple[PackageChange, ...]]


def combine(patches: Iterable[InstalledPatch]) -> dict[str, tuple[PackageChange, ...]]:
    """Several installations as one: from what was there at first to what was put there last.

    Args:
        patches: oldest first.
    """
    joined: dict[str, dict[str, PackageChange]] = {}
    for patch in patches:
        for host, changes in patch.changes.items():
            so_far = joined.setdefault(host, {})
            for one in changes:
                first = so_far.get(one.package, one)
                so_far[one.package] = replace(one, from_version=first.from_version)
    return {host: tuple(found.values()) for host, found in joined.items()}


def still_there(
    changes: Changes, installed: Mapping[str, Mapping[str, str]]
) -> dict[str, tuple[PackageChange, ...]]:
    """The changes whose new version is what is installed now.

    Args:
        changes: by host.
        installed: version by package name, by host.
    """
    kept = {
        host: tuple(
            one for one in found if installed.get(host, {}).get(one.package) == one.to_version
        )
        for host, found in changes.items()
    }
    return {host: found for host, found in kept.items() if found}


def covers(changes: Mapping[str, Iterable[PackageChange]], patch: InstalledPatch) -> bool:
    """Whether all that the patch put in place is among these changes."""
    put = {(host, one.package, one.to_version) for host, of in changes.items() for one in of}
    return put.issuperset(
        (host, one.package, one.to_version) for host, of in patch.changes.items() for one in of
    )
