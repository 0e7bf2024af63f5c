"""Package files and what is installed → the changes of a patch on each host, and their reverse."""

from collections.abc import Iterable, Mapping, Sequence

from insvc.errors import UnknownName
from insvc.model.act import PackageChange
from insvc.patch.version import is_newer

Archive = Mapping[tuple[str, str], str]
"""Package files that are at hand: path by (package, version)."""


def plan_changes(
    installed: Mapping[str, Mapping[str, str]],
    available: Mapping[str, tuple[str, str]],
    *,
    allow_older: bool = False,
) -> dict[str, tuple[PackageChange, ...]]:
    """The changes of a patch by host, in the order of the hosts and of the packages' names.

    A patch replaces what is installed; it adds nothing to a host that does not have the package.

    Args:
        installed: for each host, version by package name.
        available: for each package of the patch, its version and its file.
        allow_older: also replace a newer version by the one of the patch.
    """
    changes: dict[str, tuple[PackageChange, ...]] = {}
    for host, versions in installed.items():
        of_host = tuple(
            PackageChange(package=package, from_version=found, to_version=version, path=path)
            for package, (version, path) in sorted(available.items())
            if (found := versions.get(package)) is not None
            and (is_newer(version, found) or (allow_older and version != found))
        )
        if of_host:
            changes[host] = of_host
    return changes


def reverse(
    changes: Mapping[str, Sequence[PackageChange]], archive: Archive
) -> dict[str, tuple[PackageChange, ...]]:
    """The changes that bring every host back to what it had.

    Args:
        changes: what was installed.
        archive: the package files that are at hand.

    Raises:
        UnknownName: a former version is not at hand, or the package was not there before.
    """
    return {
        host: tuple(_reversed(host, change, archive) for change in of_host)
        for host, of_host in changes.items()
    }


def archive_of(paths: Iterable[str]) -> dict[tuple[str, str], str]:
    """Package files by (package, version), read from names such as `cinder_1%3a2.0-1_all.deb`.

    Other files are left out.
    """
    archive = {}
    for path in paths:
        parts = path.rpartition("/")[2].removesuffix(".deb").split("_")
        if path.endswith(".deb") and len(parts) == len(("name", "version", "architecture")):
            archive[parts[0], parts[1].replace("%3a", ":")] = path
    return archive


def _reversed(host: str, change: PackageChange, archive: Archive) -> PackageChange:
    if change.from_version is None:
        raise UnknownName(
            f"{change.package} on {host}",
            f"was not installed before {change.to_version}, so there is nothing to go back to",
            next_act="keep it, or remove the package by hand",
        )
    path = archive.get((change.package, change.from_version))
    if path is None:
        raise UnknownName(
            f"{change.package} {change.from_version}",
            f"its package file is not at hand, and {host} had that version",
            next_act="put the file back among the cloud's packages",
        )
    return PackageChange(
        package=change.package,
        from_version=change.to_version,
        to_version=change.from_version,
        path=path,
    )
