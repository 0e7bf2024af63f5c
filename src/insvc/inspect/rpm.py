"""What rpm and its front ends tell of packages, as records."""

import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

EVERYTHING: Final = r"%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{INSTALLTIME}\n"
"""The form in which rpm is asked for its packages, one line each."""
FILES: Final = r"[%{=NAME}\t%{FILEMODES:octal}\t%{FILESTATES}\t%{FILENAMES}\n]"
"""The form in which it is asked for their files, one line each."""
DIGESTS: Final = r"[%{FILEDIGESTS}\t%{FILENAMES}\n]"
"""The form in which it is asked for what its files hold, one line each."""

_KEY = "gpg-pubkey"
_IN_PLACE = frozenset({"0", "(none)"})
_ZYPP = re.compile(
    r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\|(install|remove ?)\|([^|\n]+)\|([^|\n]+)\|", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Installed:
    """One package of the database.

    Attributes:
        version: as rpm's front ends write it: `EPOCH:VERSION-RELEASE`, without an epoch of 0.
        at: when its files were in place, seconds since the epoch, cut to whole ones.
    """

    version: str
    at: float


@dataclass(frozen=True, slots=True)
class Change:
    """One package in one transaction.

    Attributes:
        at: when it ended, seconds since the epoch, cut to whole ones.
        before: the version that was replaced or removed; nothing where none was, or none is told.
        after: the version that was put in place; nothing where it was only removed.
    """

    at: float
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file of a package.

    Attributes:
        path: as seen from the host's root.
        is_folder: whether the package has a folder there.
        is_in_place: whether it was installed, and not left out or replaced by another package's.
    """

    path: str
    is_folder: bool
    is_in_place: bool


def packages_of(text: str) -> dict[str, Installed]:
    """Packages by name; of several with one name (kernels, architectures) the latest.

    Args:
        text: what rpm answers in the form `EVERYTHING`. Keys that rpm keeps as packages are none.
    """
    found: dict[str, Installed] = {}
    for line in text.splitlines():
        name, _, rest = line.partition("\t")
        version, _, at = rest.partition("\t")
        if name == _KEY or not at.isdecimal():
            continue
        one = Installed(_without_zero(version), float(at))
        if name not in found or found[name].at <= one.at:
            found[name] = one
    return found


def files_of(text: str) -> dict[str, tuple[PackageFile, ...]]:
    """Files by package.

    Args:
        text: what rpm answers in the form `FILES`; other lines, such as that one of the packages
            is not installed, are passed over.
    """
    found: dict[str, list[PackageFile]] = {}
    for line in text.split("\n"):
        name, mode, state, path = (*line.split("\t", 3), "", "", "")[:4]
        if path.startswith("/") and re.fullmatch("[0-7]+", mode):
            is_folder = stat.S_ISDIR(int(mode, 8))
            one = PackageFile(path, is_folder, is_in_place=state in _IN_PLACE)
            found.setdefault(name, []).append(one)
    return {name: tuple(files) for name, files in found.items()}


def digests_of(text: str) -> dict[str, str]:
    """Digests of contents by path.

    Args:
        text: what rpm answers in the form `DIGESTS`; what has no content has no digest.
    """
    pairs = (line.split("\t", 1) for line in text.split("\n") if "\t/" in line)
    return {path: digest for digest, path in pairs if digest}


def evr(epoch: object, version: object, release: object) -> str:
    """The version as rpm's front ends write it."""
    return _without_zero(f"{epoch or 0}:{version}-{release}")


def zypp_history(text: str) -> list[tuple[str, str, str | None]]:
    """Changes in zypper's log: its local time, the package, and the version that came, if any.

    Args:
        text: the log, or the end of it; comments and other events are passed over.
    """
    return [
        (at, name, _without_zero(version) if act == "install" else None)
        for at, act, name, version in _ZYPP.findall(text)
    ]


def chained(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes of one package in their order; what one put there is what the next one replaced.

    Args:
        changes: those that do not tell what was before take it from the one before them.
    """
    found: list[Change] = []
    for one in sorted(changes, key=lambda change: change.at):
        before = one.before or (found[-1].after if found else None)
        found.append(Change(one.at, before, one.after))
    return tuple(found)


def version_at(changes: Sequence[Change], installed: Installed | None, moment: float) -> str | None:
    """The version that was installed at a moment; nothing where the records have a gap there.

    In the very second of a change it is the former one, where there was one.

    Args:
        changes: of the package, oldest first.
        installed: what the database says of it now.
        moment: seconds since the epoch.
    """
    last: Change | None = None
    for one in changes:
        if moment < one.at:
            return one.before if last is None or last.after == one.before else None
        if moment < one.at + 1:
            return one.before or one.after
        last = one
    if installed is None:
        return None
    if installed.at <= moment:
        return installed.version
    return installed.version if last is not None and last.after == installed.version else None


def changed_since(packages: Mapping[str, Installed], moment: float) -> dict[str, float]:
    """Packages whose files were in place after that moment, with when."""
    return {name: one.at for name, one in packages.items() if one.at > moment}


def _without_zero(version: str) -> str:
    return version.removeprefix("0:")
