"""Package files and what is installed → the changes of a patch on each host, and their reverse."""

from collections.abc import Iterable, Mapping, Sequence

from insvc.errors import UnknownName
from insvc.model.act import PackageChange
from insvc.patch.rpm_version import is_newer_rpm
from insvc.patch.version import is_newer

_RPM = "rpm"
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
            and (_is_newer(version, found, path) or (allow_older and version != found))
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
        stem, _, suffix = path.rpartition("/")[2].rpartition(".")
        parts = stem.split("_")
        if suffix in {"deb", _RPM} and len(parts) == len(("name", "version", "architecture")):
            archive[_plain(parts[0]), _plain(parts[1])] = path
    return archive


def file_name(package: str, version: str, architecture: str, suffix: str) -> str:
    """A name for a package file that `archive_of` reads.

    Args:
        package: its name.
        version: what it holds.
        architecture: what it was built for.
        suffix: `deb` or `rpm`.
    """
    return f"{_coded(package)}_{_coded(version)}_{architecture}.{suffix}"


def _coded(word: str) -> str:
    return word.replace(":", "%3a").replace("_", "%5f")


def _plain(word: str) -> str:
    return word.replace("%3a", ":").replace("%5f", "_")


def _is_newer(version: str, found: str, path: str) -> bool:
    """In the order of the package manager whose file it is."""
    return (is_newer_rpm if path.endswith(f".{_RPM}") else is_newer)(version, found)


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
            next_act="put the file back where packages are kept: `packages` in the cloud's "
            "directory, or in /var/lib/insvc for this machine",
        )
    return PackageChange(
        package=change.package,
        from_version=change.to_version,
        to_version=change.from_version,
        path=path,
    )
