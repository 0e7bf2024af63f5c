"""A package database in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from insvc.errors import WorldError


@dataclass(frozen=True, kw_only=True)
class FakePackage:
    """One package file.

    Attributes:
        name: of the package; `version`: of it.
        files: what it puts in place, as seen from the host's root.
        is_broken: whether it refuses to be installed.
    """

    name: str
    version: str
    files: tuple[str, ...] = ()
    is_broken: bool = False


class FakePackages:
    """The port `Packages` without dpkg.

    Args:
        now: the clock that stamps installations.

    Attributes:
        archive: package files by path.
        is_readable: whether the database can be read at all.
    """

    def __init__(self, now: Callable[[], float] = lambda: 0.0) -> None:
        self.archive: dict[str, FakePackage] = {}
        self.is_readable = True
        self._now = now
        self._installed: dict[str, FakePackage] = {}
        self._history: list[tuple[float, str, str]] = []
        self._changed: dict[str, float] = {}

    def installed(self) -> Mapping[str, str]:
        """Version by name."""
        self._require_readable()
        return {name: package.version for name, package in self._installed.items()}

    def files(self, package: str) -> tuple[str, ...]:
        """Paths the package owns."""
        found = self._installed.get(package)
        return () if found is None else found.files

    def owner(self, path: str) -> str | None:
        """The package that owns a path."""
        return next((name for name in self._installed if path in self.files(name)), None)

    def installed_at(self, package: str) -> float | None:
        """When it was last installed."""
        return next((at for at, name, _ in reversed(self._history) if name == package), None)

    def version_at(self, package: str, moment: float) -> str | None:
        """The version it had then."""
        past = [version for at, name, version in self._history if name == package and at <= moment]
        return past[-1] if past else None

    def changed_since(self, moment: float) -> Mapping[str, float]:
        """Packages installed after that moment."""
        self._require_readable()
        return {name: at for at, name, _ in self._history if at > moment}

    def paths(self, package: str) -> frozenset[str]:
        """Paths the package lists."""
        return frozenset(self.files(package))

    def changed_at(self, path: str) -> float | None:
        """When the file was last put in place."""
        return self._changed.get(path)

    def touch(self, path: str) -> None:
        """Change a file by hand."""
        self._changed[path] = self._now()

    def install(self, paths: Sequence[str]) -> str:
        """Install package files."""
        for path in paths:
            package = self.archive.get(path)
            if package is None or package.is_broken:
                raise WorldError(path, "refused, expected a package", next_act="mend it")
        for path in paths:
            self._put(self.archive[path])
        return "\n".join(f"Setting up {self.archive[path].name}" for path in paths)

    def _require_readable(self) -> None:
        if not self.is_readable:
            raise WorldError("/", "its database cannot be read", next_act="check the disk")

    def _put(self, package: FakePackage) -> None:
        self._installed[package.name] = package
        self._history.append((self._now(), package.name, package.version))
        for path in package.files:
            self._changed[path] = self._now()
