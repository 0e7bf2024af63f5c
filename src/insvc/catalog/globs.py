"""Which name of a service fits which pattern; the pattern that says most wins."""

from fnmatch import fnmatchcase

from insvc.catalog.entry import Catalog, Entry
from insvc.model.words import Manager

_WILD = frozenset("*?[")
_HEAD = 3
UNIT = ".service"
"""How the name of a unit ends that runs a service."""


def is_glob(name: str) -> bool:
    """Whether the name stands for many."""
    return not _WILD.isdisjoint(name)


def says(pattern: str) -> tuple[bool, int]:
    """How much a pattern says, to be compared: a plain name most, then the longer ones."""
    return not is_glob(pattern), sum(one not in _WILD for one in pattern)


def fits(pattern: str, name: str) -> bool:
    """Whether the service of that name is one that the pattern means.

    The pattern of a unit may leave out `.service`, as people do.
    """
    if fnmatchcase(name, pattern):
        return True
    return "." not in pattern and fnmatchcase(name, pattern + UNIT)


class Finder:
    """Finds the entry of a catalog with globs that fits a service best.

    Args:
        catalog: its entries' services may be globs.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._plain: dict[str, Entry] = {}
        globs: list[tuple[str, Entry]] = []
        for entry in catalog.entries:
            for service in entry.services:
                if is_glob(service.name):
                    globs.append((service.name, entry))
                else:
                    self._plain.setdefault(service.name, entry)
        globs.sort(key=lambda one: says(one[0]), reverse=True)
        self._globs: dict[str, list[tuple[int, str, Entry]]] = {}
        for rank, (pattern, entry) in enumerate(globs):
            self._globs.setdefault(_head(pattern), []).append((rank, pattern, entry))

    def find(self, name: str, manager: Manager | None = None) -> Entry | None:
        """The entry whose service or glob fits best, or nothing where none fits.

        Args:
            name: the service's name.
            manager: who manages it; a script of an init system is looked up as a unit, too.
        """
        names = (name, name + UNIT) if manager is Manager.LSB else (name,)
        for one in names:
            found = self._plain.get(one) or self._by_glob(one)
            if found is not None:
                return found
        return None

    def _by_glob(self, name: str) -> Entry | None:
        """Only globs that begin as the name does are tried, and those that begin with a sign."""
        tried = (*self._globs.get(name[:_HEAD], ()), *self._globs.get("", ()))
        fitting = (one for one in tried if fnmatchcase(name, one[1]))
        best = min(fitting, key=lambda one: one[0], default=None)
        return None if best is None else best[2]


def _head(pattern: str) -> str:
    """The first letters of every name that fits; empty where they are not the same for all."""
    head = pattern[:_HEAD]
    return "" if len(head) < _HEAD or is_glob(head) else head
