"""Which package database a host has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from insvc.adapters.shipped import family

if TYPE_CHECKING:
    from insvc.ports import Packages

NO_DATABASE: Final = (
    "no package database that insvc reads (dpkg, rpm): from what version to what, and which "
    "package replaced a file, is not known"
)


def host_packages(root: Path = Path("/")) -> Packages | None:
    """The database below that root: dpkg's where it has packages, else rpm's; nothing without."""
    if family(root) == "debian":
        from insvc.adapters.dpkg import DpkgPackages

        return DpkgPackages(root)
    from insvc.adapters.rpm import RpmPackages

    return RpmPackages(root) if RpmPackages.is_on(root) else None
