"""Builds a patch: new packages for what the embedded cloud has installed."""

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from insvc.adapters.dpkg import DpkgPackages
from insvc.cloud.archive import archived, archived_versions, next_version
from insvc.cloud.layout import PLACES, host_folder
from insvc.cloud.services import TABLE
from insvc.errors import InputError, UnknownName
from insvc.flow import Patch
from insvc.model.act import PackageChange

FAMILIES = ("aodh", "ceilometer", "heat", "neutron", "nova")


def build_patch(directory: Path, names: Sequence[str], *, faulty: str | None = None) -> Patch:
    """Build a newer version of these packages, for every host that has them.

    Args:
        directory: the cloud's directory.
        names: entries, services, packages or families of them (`nova`).
        faulty: a service whose new code fails at its start; its package joins the patch.

    Returns:
        The changes by host. The files of older versions stay where they are, for a rollback.

    Raises:
        UnknownName: nothing of this cloud is called so.
        InputError: no name was given.
        WorldError: a host's package database cannot be read.
    """
    if not names and faulty is None:
        raise InputError("the patch", "names nothing", next_act="name at least one service")
    wanted = [one for name in names for one in packages_of(name)]
    if faulty is not None:
        wanted.append(_package_of_service(faulty))
    installed = {
        place.name: DpkgPackages(host_folder(directory, place.name) / "root").installed()
        for place in PLACES
    }
    changes = [_changes(directory, package, installed, faulty) for package in dict.fromkeys(wanted)]
    by_host = {
        place.name: tuple(one[place.name] for one in changes if place.name in one)
        for place in PLACES
    }
    return {host: found for host, found in by_host.items() if found}


def packages_of(name: str) -> tuple[str, ...]:
    """The packages that an entry, a service, a package or a family stands for.

    Raises:
        UnknownName: nothing is called so; the error lists near names.
    """
    key = name.strip().casefold()
    exact = [row.package for row in TABLE if key in {row.package, row.name, row.entry}]
    family = [row.package for row in TABLE if key in FAMILIES and _is_of(row.package, key)]
    found = tuple(dict.fromkeys(exact + family))
    if not found:
        raise _unknown(name)
    return found


def _is_of(package: str, family: str) -> bool:
    return package == family or package.startswith(f"{family}-")


def _package_of_service(service: str) -> str:
    for row in TABLE:
        if row.name == service:
            return row.package
    raise _unknown(service)


def _unknown(name: str) -> UnknownName:
    known = sorted(
        {*FAMILIES, *(one for row in TABLE for one in (row.name, row.package, row.entry))}
    )
    near = difflib.get_close_matches(name.casefold(), known, n=3, cutoff=0.5)
    advice = f"did you mean {', '.join(near)}?" if near else f"use one of: {', '.join(known)}"
    return UnknownName(name, "nothing of the embedded cloud is called so", next_act=advice)


def _changes(
    directory: Path,
    package: str,
    installed: Mapping[str, Mapping[str, str]],
    faulty: str | None,
) -> dict[str, PackageChange]:
    """The change of one package on every host that has it, all to the same version."""
    present = {host: there[package] for host, there in installed.items() if package in there}
    version = next_version(*present.values(), *archived_versions(directory, package))
    path = archived(directory, package, version, faulty=faulty)
    return {
        host: PackageChange(
            package=package, from_version=before, to_version=version, path=str(path.absolute())
        )
        for host, before in present.items()
    }
