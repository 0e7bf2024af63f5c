"""The package database of one host: read as files, changed by dpkg alone."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from insvc.adapters.dpkg_log import DpkgLog
from insvc.errors import WorldError

_DATABASE = Path("var/lib/dpkg")
_LOG = Path("var/log/dpkg.log")
_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LAST_WORDS = 20
_FILES_IN_PLACE = frozenset(
    {"installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending"}
)


class DpkgPackages:
    """The port `Packages` on a dpkg database below any folder, without root's rights.

    Args:
        root: the folder that holds the host's files, `/` for a whole machine.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._database = root / _DATABASE
        self._known: tuple[object, dict[str, str]] = (None, {})
        self._owners: tuple[object, dict[str, str | None]] = (None, {})
        self._log = DpkgLog(str(root / _LOG))

    @staticmethod
    def initialise(root: Path) -> None:
        """Create an empty database below that folder; one that exists is left as it is."""
        database = root / _DATABASE
        for folder in (database / "info", database / "updates", database / "triggers"):
            folder.mkdir(parents=True, exist_ok=True)
        (root / _LOG).parent.mkdir(parents=True, exist_ok=True)
        for name in ("status", "available"):
            (database / name).touch()

    def installed(self) -> Mapping[str, str]:
        """Version by name of every package whose files are in place, configured or not.

        Raises:
            WorldError: the folder holds no readable database.
        """
        sources = (self._database / "status", *sorted((self._database / "updates").glob("[0-9]*")))
        try:
            stamp = [(one.name, one.stat().st_mtime_ns, one.stat().st_size) for one in sources]
            if self._known[0] != stamp:
                self._known = (stamp, installed_of(one.read_text("utf-8") for one in sources))
        except OSError as fault:
            raise WorldError(
                str(self._root),
                f"its dpkg database cannot be read: {fault.strerror}",
                next_act="check the host's root folder",
            ) from fault
        return dict(self._known[1])

    def files(self, package: str) -> tuple[str, ...]:
        """Paths of the files the package owns, as seen from the host's root."""
        listing = self._listing(package)
        if listing is None:
            return ()
        try:
            lines = listing.read_text("utf-8", "surrogateescape").splitlines()
        except OSError:
            return ()
        return tuple(line for line in lines if not self._is_folder(line))

    def owner(self, path: str) -> str | None:
        """The package that owns the file at that path; nothing where none does."""
        try:
            stamp = (self._database / "info").stat().st_mtime_ns
        except OSError:
            return None
        if self._owners[0] != stamp:
            self._owners = (stamp, {})
        known = self._owners[1]
        if path not in known:
            known[path] = self._find_owner(path)
        return known[path]

    def _find_owner(self, path: str) -> str | None:
        line = path.encode("utf-8", "surrogateescape")
        for listing in sorted((self._database / "info").glob("*.list")):
            try:
                lines = listing.read_bytes().splitlines()
            except OSError:
                continue
            if line in lines:
                return listing.name.removesuffix(".list").partition(":")[0]
        return None

    def installed_at(self, package: str) -> float | None:
        """When its files were last put in place, seconds since the epoch; nothing if never."""
        listing = self._listing(package)
        try:
            return None if listing is None else listing.stat().st_mtime
        except OSError:
            return None

    def version_at(self, package: str, moment: float) -> str | None:
        """The version that was installed at that moment, by dpkg's own log (whole seconds)."""
        return self._log.version_at(package, moment)

    def changed_since(self, moment: float) -> Mapping[str, float]:
        """Packages whose files were put in place after that moment, with when."""
        found: dict[str, float] = {}
        try:
            if (self._database / "status").stat().st_mtime <= moment:
                return found
            with os.scandir(self._database / "info") as listings:
                for listing in listings:
                    if listing.name.endswith(".list"):
                        at = listing.stat().st_mtime
                        if at > moment:
                            name = listing.name.removesuffix(".list").partition(":")[0]
                            found[name] = max(at, found.get(name, at))
        except OSError:
            return found
        return found

    def paths(self, package: str) -> frozenset[str]:
        """Every path the package lists, folders too; nothing of them is looked at."""
        listing = self._listing(package)
        try:
            text = b"" if listing is None else listing.read_bytes()
        except OSError:
            return frozenset()
        return frozenset(os.fsdecode(text).split("\n")) - {""}

    def changed_at(self, path: str) -> float | None:
        """When the file at that path of the host was last put there or changed (its ctime)."""
        try:
            return Path(f"{self._root}/{path.lstrip('/')}").stat().st_ctime
        except OSError:
            return None

    def install(self, paths: Sequence[str]) -> str:
        """Install these package files in one call of dpkg; an older version replaces a newer one.

        Raises:
            WorldError: refused; the error holds dpkg's words. Some of the packages may have been
                unpacked: the same call again, or one with the former files, completes them.
        """
        import subprocess

        if not paths:
            return ""
        command = ["dpkg", *self._elsewhere(), "--force-confdef", "--force-confold"]
        command += ["--install", *paths]
        environment = {
            "PATH": _SYSTEM_FOLDERS,
            "LC_ALL": "C.UTF-8",
            "HOME": os.environ.get("HOME", "/"),
            "DEBIAN_FRONTEND": "noninteractive",
        }
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program; paths are arguments, not shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                check=False,
            )
        except OSError as fault:
            raise WorldError(
                "dpkg", f"cannot be run: {fault.strerror}", next_act="install the package dpkg"
            ) from fault
        said = done.stdout.decode("utf-8", "replace").strip()
        if done.returncode != 0:
            raise WorldError(
                str(self._root),
                f"dpkg ended with {done.returncode}, expected 0: {_last(said)}",
                next_act="mend what dpkg names, then install the same packages again",
            )
        return said

    def _elsewhere(self) -> list[str]:
        """What dpkg is told where the host is a folder of an ordinary user; nothing on `/`."""
        if self._root == Path("/"):
            return []
        return [
            f"--root={self._root}",
            f"--log={self._root / _LOG}",
            "--force-not-root",
            "--force-script-chrootless",
        ]

    def _listing(self, package: str) -> Path | None:
        lists = self._database / "info"
        plain = lists / f"{package}.list"
        if plain.exists():
            return plain
        return next(iter(sorted(lists.glob(f"{package}:*.list"))), None)

    def _is_folder(self, line: str) -> bool:
        return Path(f"{self._root}/{line.lstrip('/')}").is_dir()


def installed_of(texts: Iterable[str]) -> dict[str, str]:
    """Versions by name; a later text corrects an earlier one (dpkg's own journal)."""
    versions: dict[str, str] = {}
    for text in texts:
        for paragraph in text.split("\n\n"):
            lines = "\n" + paragraph
            name = _field(lines, "Package")
            if not name:
                continue
            if _field(lines, "Status").rpartition(" ")[2] in _FILES_IN_PLACE:
                versions[name] = _field(lines, "Version")
            else:
                versions.pop(name, None)
    return versions


def _field(lines: str, name: str) -> str:
    """The value of a field of a paragraph, each of whose lines begins with a newline here."""
    at = lines.find(f"\n{name}:")
    return "" if at < 0 else lines[at + len(name) + 2 :].partition("\n")[0].strip()


def _last(said: str) -> str:
    return "\n".join(said.splitlines()[-_LAST_WORDS:]) or "it said nothing"
