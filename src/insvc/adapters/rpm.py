"""The package database of a host with rpm: asked of rpm itself, and changed by it alone."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from insvc.errors import WorldError
from insvc.inspect.rpm import (
    EVERYTHING,
    FILES,
    Installed,
    PackageFile,
    changed_since,
    files_of,
    packages_of,
    version_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from insvc.adapters.rpm_history import RpmHistory

_FOLDERS = ("usr/lib/sysimage/rpm", "var/lib/rpm", "usr/share/rpm")
_FILES = ("rpmdb.sqlite", "rpmdb.sqlite-wal", "Packages.db", "Packages")
_PROGRAM = ("/usr/bin/rpm",)
_ENVIRONMENT: Final = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    # There rpm looks for macros of its user, which may run programs.
    "HOME": "/nonexistent",
}
_ANSWER_S = 10.0
_AT_ONCE = 500
_LAST_WORDS = 20


class RpmPackages:
    """The port `Packages` on an rpm database.

    Args:
        root: the host's root.
        program: the words that run rpm for that root; its own rpm, told of the root, where absent.
    """

    def __init__(self, root: Path = Path("/"), program: Sequence[str] = ()) -> None:
        self._root = root
        elsewhere = () if root == Path("/") else (f"--root={root}",)
        self._program = tuple(program) or (*_PROGRAM, *elsewhere)
        self._stamp: object = None
        self._known: dict[str, Installed] = {}
        self._listed: dict[str, tuple[PackageFile, ...]] = {}
        self._owners: dict[str, str | None] = {}
        self._changed: tuple[str, ...] = ()
        self._records: RpmHistory | None = None

    @staticmethod
    def is_on(root: Path) -> bool:
        """Whether the host below that root has an rpm database where rpm keeps it."""
        return any(True for _ in _databases(root))

    def installed(self) -> Mapping[str, str]:
        """Version by name of every package; `EPOCH:VERSION-RELEASE`, without an epoch of 0.

        Raises:
            WorldError: there is no database, or rpm cannot read it in time.
        """
        return {name: one.version for name, one in self._packages().items()}

    def files(self, package: str) -> tuple[str, ...]:
        """Paths of the files the package put in place; raises as `installed`."""
        listed = self._files(package)
        return tuple(one.path for one in listed if one.is_in_place and not one.is_folder)

    def owner(self, path: str) -> str | None:
        """The package that owns the file at that path, or nothing; raises as `installed`."""
        self._packages()
        if path not in self._owners:
            words = ("-qf", "--qf", r"\t%{NAME}\n", path)
            found = [line[1:] for line in self._ask(words)[1].splitlines() if line.startswith("\t")]
            self._owners[path] = found[0] if found and path.startswith("/") else None
        return self._owners[path]

    def installed_at(self, package: str) -> float | None:
        """When its files were in place, or nothing; raises as `installed`."""
        known = self._packages().get(package)
        return None if known is None else known.at

    def version_at(self, package: str, moment: float) -> str | None:
        """The version it had at that moment, by the records of dnf and zypper.

        Raises:
            WorldError: as `installed`.
        """
        if self._records is None:
            from insvc.adapters.rpm_history import RpmHistory

            self._records = RpmHistory(self._root)
        changes = self._records.changes(package)
        return version_at(changes, self._packages().get(package), moment)

    def changed_since(self, moment: float) -> Mapping[str, float]:
        """Packages whose files were in place after that moment; raises as `installed`.

        Where the database was not written to since then rpm need not be asked.
        """
        databases = [path.stat().st_mtime for path in _databases(self._root)]
        if databases and max(databases) <= moment:
            return {}
        found = changed_since(self._packages(), moment)
        self._changed = tuple(found)
        return found

    def paths(self, package: str) -> frozenset[str]:
        """Every path the package lists, folders too; raises as `installed`."""
        return frozenset(one.path for one in self._files(package))

    def changed_at(self, path: str) -> float | None:
        """When the file at that path of the host was last put there or changed (its ctime)."""
        try:
            return Path(f"{self._root}/{path.lstrip('/')}").stat().st_ctime
        except OSError:
            return None

    def install(self, paths: Sequence[str]) -> str:
        """Install these package files in one transaction; an older version replaces a newer one.

        Raises:
            WorldError: refused; the error holds rpm's words.
        """
        if not paths:
            return ""
        words = ("-Uv", "--oldpackage", "--replacepkgs", "--", *paths)
        status, said = _run((*self._program, *words), str(self._root))
        if status != 0:
            raise WorldError(
                str(self._root),
                f"rpm ended with {status}, expected 0: {_last(said)}",
                next_act="mend what rpm names, then install the same packages again",
            )
        return said.strip()

    def _files(self, package: str) -> tuple[PackageFile, ...]:
        """Those of one package; of all that changed, which are asked for one after the other."""
        known = self._packages()
        if package in known and package not in self._listed:
            wanted = self._changed if package in self._changed else (package,)
            self._list(name for name in wanted if name in known)
        return self._listed.get(package, ())

    def _list(self, names: Iterable[str]) -> None:
        """Ask for the files of these packages, of many in one call."""
        left = list(names)
        while left:
            words = ("-q", "--nodigest", "--nosignature", "--qf", FILES, "--", *left[:_AT_ONCE])
            self._listed |= dict.fromkeys(left[:_AT_ONCE], ())
            self._listed |= files_of(self._ask(words)[1])
            del left[:_AT_ONCE]

    def _packages(self) -> dict[str, Installed]:
        """What is installed, asked again only when the database was written to."""
        seen = [(path, path.stat()) for path in _databases(self._root)]
        if not seen:
            raise self._refused(f"no rpm database is there, expected one in {_FOLDERS[0]}")
        stamp = [(path, one.st_ino, one.st_mtime_ns, one.st_size) for path, one in seen]
        if self._stamp != stamp:
            words = ("-qa", "--nodigest", "--nosignature", "--qf", EVERYTHING)
            status, said = self._ask(words)
            if status != 0:
                raise self._refused(f"its rpm database cannot be read: rpm ended with {status}")
            self._known, self._stamp = packages_of(said), stamp
            self._listed, self._owners = {}, {}
        return self._known

    def _ask(self, words: Sequence[str]) -> tuple[int, str]:
        return ask_rpm(words, self._program, str(self._root))

    def _refused(self, reason: str) -> WorldError:
        return _refused(str(self._root), reason)


def ask_rpm(
    words: Sequence[str], program: Sequence[str] = (), subject: str = "rpm"
) -> tuple[int, str]:
    """Ask rpm: its exit status, and its answer.

    Args:
        words: the question.
        program: what runs rpm; the machine's own where absent.
        subject: what an error is about.

    Raises:
        WorldError: it cannot be run, or does not answer in time.
    """
    try:
        return _run((*(program or _PROGRAM), *words), subject, _ANSWER_S)
    except subprocess.TimeoutExpired as fault:
        raise _refused(subject, f"rpm gave no answer within {_ANSWER_S:g} s") from fault


def _run(command: Sequence[str], subject: str, limit_s: float | None = None) -> tuple[int, str]:
    """Its exit status and output; also what it complains of, where no time limits it."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; arguments are no shell's
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if limit_s else subprocess.STDOUT,
            env=_ENVIRONMENT,
            cwd="/",
            timeout=limit_s,
            check=False,
        )
    except OSError as fault:
        raise _refused(subject, f"rpm cannot be run: {fault.strerror}") from fault
    return done.returncode, done.stdout.decode("utf-8", "surrogateescape")


def _refused(subject: str, reason: str) -> WorldError:
    return WorldError(subject, reason, next_act="see what `rpm -qa` says there as root")


def _databases(root: Path) -> Iterable[Path]:
    """The files of the database, in whichever form rpm keeps it there."""
    for folder in _FOLDERS:
        for name in _FILES:
            path = root / folder / name
            if path.is_file():
                yield path


def _last(said: str) -> str:
    return "\n".join(said.splitlines()[-_LAST_WORDS:]) or "it said nothing"
