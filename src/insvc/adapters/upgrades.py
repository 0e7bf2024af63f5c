"""Which packages came after processes had started, and which of them own a file.

Only packages that changed since the oldest of those starts are looked into.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from insvc.errors import WorldError
from insvc.inspect.signs import Upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from insvc.ports import Packages

_Answer = TypeVar("_Answer")


class Upgrades:
    """The package database as far as it is newer than what runs.

    Args:
        packages: the database; nothing is known where absent.
        since: start of the oldest process, seconds since the epoch.
    """

    def __init__(self, packages: Packages | None, since: float) -> None:
        self._packages = packages
        self._since = since
        self.faults: list[str] = []

    @property
    def is_known(self) -> bool:
        """Whether there is a database, so that its records tell of all changes."""
        return self._packages is not None

    @cached_property
    def changed(self) -> Mapping[str, float]:
        """Packages put in place since then, with when; none where the database cannot be read."""
        return self._told(lambda packages: packages.changed_since(self._since), {})

    @cached_property
    def installed(self) -> Mapping[str, str]:
        """Version by name of every package; none where the database cannot be read."""
        return self._told(lambda packages: packages.installed(), {})

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """The package of each path that changed packages list."""
        changed = self.changed
        return self._told(
            lambda packages: {path: name for name in changed for path in packages.paths(name)}, {}
        )

    def owner(self, path: str) -> str | None:
        """The package that brought the file at that path since then; nothing where none did."""
        return next((self.owners[one] for one in names_of(path) if one in self.owners), None)

    def of(self, paths: Iterable[str], started_at: float) -> Mapping[str, Upgrade]:
        """The upgrade that replaced each of these files after a process had started."""
        found = {}
        for path in paths:
            package = self.owner(path)
            if package is not None and self.changed[package] > started_at:
                found[path] = self._upgrade(package, started_at)
        return found

    def _upgrade(self, package: str, started_at: float) -> Upgrade:
        return Upgrade(
            package=package,
            from_version=self._told(lambda known: known.version_at(package, started_at), None),
            to_version=self.installed.get(package, "unknown version"),
        )

    def _told(self, question: Callable[[Packages], _Answer], otherwise: _Answer) -> _Answer:
        """What the database answers; where it cannot, that it did not is kept."""
        if self._packages is None:
            return otherwise
        try:
            return question(self._packages)
        except WorldError as fault:
            if str(fault) not in self.faults:
                self.faults.append(str(fault))
            return otherwise


def names_of(path: str) -> Iterator[str]:
    """The path, and what the package may call it where `/lib` and `/bin` lead into `/usr`."""
    yield path
    if path.startswith("/usr/"):
        yield path.removeprefix("/usr")
    else:
        yield f"/usr{path}"
