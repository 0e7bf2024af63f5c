"""The configuration of needrestart as a layer of the site: which services it leaves alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from insvc.catalog.layers import Amendment, Layer
from insvc.catalog.perl_settings import Assignment, Listed, Regex, Unread, Value
from insvc.catalog.regex_globs import NoGlob, globs_of
from insvc.model.words import RestartClass

VARIABLE: Final = "nrconf"
_IGNORED = "blacklist_rc"
_CHOSEN = "override_rc"
_SNIPPETS = "needrestart/conf.d"
_MODES = {
    "l": "lists only: that is what `insvc scan` does",
    "i": "asks: that is what `insvc restart --stale` does",
    "a": "restarts by itself: that is what `insvc restart --stale --yes` does",
}
_ELSEWHERE = {
    "blacklist": "binaries are not left out of a scan; name `process:NAME` or a service in a layer",
    "override_cont": "containers are told as `container:NAME`; a layer may name them",
    "blacklist_mappings": "mappings that are no installed code are known to the scan itself",
    "blacklist_interp": "scripts are looked at only where they are installed code",
    "interpscan": "interpreters are always looked at, and nothing of theirs is executed",
    "kernelhints": "the kernel is a row of the scan like any other; nobody has to acknowledge it",
    "ucodehints": "the microcode is a row of the scan like any other",
    "sendnotify": "users are not written to; their sessions are rows of the scan",
    "defno": "without an answer nothing is restarted",
    "systemctl_combine": "a plan orders the restarts, so there is no one command for all",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Something that did not become a part of the layer, or not exactly.

    Attributes:
        where: file and line.
        what: the setting or the statement.
        why: what became of it.
    """

    where: str
    what: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """What a configuration became.

    Attributes:
        layer: a class for each glob of service names.
        told: everything else, in the order of the files.
    """

    layer: Layer
    told: tuple[Told, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wish:
    """Whether services of these names are restarted or even hidden, and who says so."""

    key: Regex | str
    restarts: bool
    where: str
    hides: bool = False


def move(files: Iterable[tuple[str, Iterable[Assignment | Unread]]]) -> Moved:
    """The layer for a configuration, whose later files override earlier ones.

    Args:
        files: each file's name with its statements, in the order in which they are read.
    """
    mover = _Mover()
    names = []
    for name, statements in files:
        names.append(name)
        for one in statements:
            where = f"{name}:{one.line}"
            if isinstance(one, Unread):
                mover.tell_unread(where, one.text)
            else:
                mover.take(name, where, one)
    layer = Layer(name="needrestart", level="site", entries=tuple(mover.amendments()))
    told = sorted(mover.told, key=lambda one: _place(one.where, names))
    return Moved(layer=layer, told=tuple(told))


def _place(where: str, names: Sequence[str]) -> tuple[int, int]:
    name, _, line = where.rpartition(":")
    return names.index(name), int(line)


class _Mover:
    def __init__(self) -> None:
        self.told: list[Told] = []
        self._wishes: dict[Regex | str, _Wish] = {}
        self._ignored: list[_Wish] = []

    def take(self, file: str, where: str, one: Assignment) -> None:
        key = one.keys[0]
        if key == _CHOSEN:
            self._choose(file, where, one)
        elif key == _IGNORED:
            self._ignore(file, where, one)
        elif key == "restart" and isinstance(one.value, str) and one.value in _MODES:
            self._tell(where, f"restart = {one.value!r}", _MODES[one.value])
        else:
            why = _ELSEWHERE.get(str(key), "insvc has nothing that corresponds to it")
            self._tell(where, str(key.pattern if isinstance(key, Regex) else key), why)

    def tell_unread(self, where: str, text: str) -> None:
        if text.rstrip(";") == "1":
            return
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        if _SNIPPETS in text:
            self._tell(where, shown, "is not executed; the files of conf.d are read by themselves")
        else:
            self._tell(where, shown, "is not understood and not executed")

    def amendments(self) -> Iterator[Amendment]:
        """One for each glob; of several for the same one the last counts."""
        found: dict[str, Amendment] = {}
        for wish in (*self._wishes.values(), *self._ignored):
            for glob in self._globs(wish):
                found.pop(glob, None)
                found[glob] = Amendment(
                    name=glob,
                    restart_class=RestartClass.AUTO if wish.restarts else RestartClass.DEFERRED,
                    provenance={"restart_class": f"needrestart: {wish.where}"},
                )
        yield from found.values()

    def _choose(self, file: str, where: str, one: Assignment) -> None:
        if len(one.keys) > 1:
            self._wish(one.keys[1], one.value, where)
            return
        if not isinstance(one.value, tuple) or one.adds:
            self._tell(where, _CHOSEN, "is no hash of names")
            return
        self._wishes.clear()
        for item in one.value:
            self._wish(item.key, item.value, f"{file}:{item.line}")

    def _wish(self, key: Regex | str | None, value: Value, where: str) -> None:
        if key is None or not isinstance(value, (float, str)):
            self._tell(where, _CHOSEN, "has something that says neither yes nor no to a name")
            return
        self._wishes.pop(key, None)
        restarts = value not in {0.0, "0", ""}
        self._wishes[key] = _Wish(key=key, restarts=restarts, where=where)

    def _ignore(self, file: str, where: str, one: Assignment) -> None:
        if not isinstance(one.value, tuple) or len(one.keys) > 1:
            self._tell(where, _IGNORED, "is no list of names")
            return
        if not one.adds:
            self._ignored.clear()
        for item in one.value:
            self._ignore_one(item, f"{file}:{item.line}")

    def _ignore_one(self, item: Listed, where: str) -> None:
        if not isinstance(item.value, (Regex, str)) or item.key is not None:
            self._tell(where, _IGNORED, "has something that is no name")
            return
        self._ignored.append(_Wish(key=item.value, restarts=False, where=where, hides=True))

    def _globs(self, wish: _Wish) -> tuple[str, ...]:
        written = _written(wish.key)
        if isinstance(wish.key, Regex) and wish.key.flags.strip("ms"):
            self._tell(
                wish.where, written, f"has the flags {wish.key.flags}: write a layer by hand"
            )
            return ()
        try:
            found = globs_of(wish.key.pattern if isinstance(wish.key, Regex) else wish.key)
        except NoGlob as fault:
            self._tell(wish.where, written, f"{fault}: write a layer for it by hand")
            return ()
        if wish.hides:
            why = "is left alone; a scan still tells of it, since what is stale is never hidden"
            self._tell(wish.where, f"{_IGNORED} {written}", why)
        if found.is_wider:
            shown = " ".join(found.globs)
            self._tell(wish.where, written, f"became {shown}, which fits some more names")
        return found.globs

    def _tell(self, where: str, what: str, why: str) -> None:
        self.told.append(Told(where=where, what=what, why=why))


_SHOWN = 60


def _written(key: Regex | str) -> str:
    return f"qr({key.pattern}){key.flags}" if isinstance(key, Regex) else repr(key)
