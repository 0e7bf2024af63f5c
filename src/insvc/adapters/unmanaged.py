"""Which services sm is to leave alone: an empty file for each, as operators know it."""

from collections.abc import Iterator
from pathlib import Path

from insvc.errors import WorldError

FOLDER = "var/run/sm/services"
_SUFFIX = ".unmanaged"


class UnmanagedFiles:
    """The files `NAME.unmanaged` of one host; whoever makes or removes one has his will.

    Args:
        root: the folder that holds the host's files.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER

    def changed_at(self) -> int:
        """When a file was last made or removed, in nanoseconds; 0 where there never was one."""
        try:
            return self._folder.stat().st_mtime_ns
        except OSError:
            return 0

    def names(self) -> frozenset[str]:
        """The services that are to be left alone."""
        return frozenset(path.name.removesuffix(_SUFFIX) for path in self._files())

    def write(self, name: str, *, managed: bool) -> None:
        """Make or remove the file of a service.

        Raises:
            WorldError: the folder refused it.
        """
        path = self._folder / f"{name}{_SUFFIX}"
        try:
            if managed:
                path.unlink(missing_ok=True)
            else:
                self._folder.mkdir(parents=True, exist_ok=True)
                path.touch()
        except OSError as fault:
            raise WorldError(
                str(path),
                f"cannot be changed: {fault.strerror}; {name} is managed as before",
                next_act="look at its folder and its disk",
            ) from fault

    def _files(self) -> Iterator[Path]:
        yield from self._folder.glob(f"*{_SUFFIX}")
