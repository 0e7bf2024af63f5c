"""The port `HostManager` on the scripts in /etc/init.d, where no systemd runs them as units."""

from collections.abc import Collection, Iterator
from pathlib import Path

from insvc.adapters.bounded import why_untrusted
from insvc.adapters.init_script_act import ScriptAct
from insvc.adapters.running_programs import RunningPrograms
from insvc.adapters.small_file import read_small
from insvc.adapters.wait_end import wait_for_ends
from insvc.catalog.account import Account
from insvc.catalog.circles import without_circles
from insvc.errors import UnknownName, WorldError
from insvc.inspect.init_script import (
    Found,
    InitScript,
    entry_of,
    is_meant_to_run,
    read_script,
    row_of,
)
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action, InstanceState, Manager

_SCRIPTS = "etc/init.d"
_BOOTED_BY_SYSTEMD = "run/systemd/system"
_LARGEST_BYTES = 1 << 18
_MOST_FILES = 1000
_PIDFILE_BYTES = 64
_LEVELS = "2345"
_ASIDE = ("~", ".bak", ".old", ".orig", ".rpmnew", ".rpmsave", ".rpmorig")


def find(root: Path = Path("/")) -> "InitScripts | None":
    """Those of this host; nothing where it has none, or systemd makes units of them."""
    if (root / _BOOTED_BY_SYSTEMD).exists() or not (root / _SCRIPTS).is_dir():
        return None
    return InitScripts(root)


class InitScripts:
    """The services that scripts start. They are read, and run only where a restart is ordered.

    Args:
        root: the folder that holds the host's files.
    """

    kind = Manager.LSB

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    def look(self, names: Collection[str] | None = None) -> Account:
        """Its account of these services, or of all, by pid files and the process table.

        Raises:
            WorldError: the scripts cannot be listed.
        """
        running = RunningPrograms()
        unseen: list[str] = []
        scripts = [one for one in self._scripts(unseen) if names is None or one.name in names]
        found = {one.name: self._found(one, running, unseen) for one in scripts}
        up = [one for one in scripts if found[one.name].pid is not None]
        entries, circles = without_circles(entry_of(one, up) for one in scripts)
        unseen += [f"/etc/init.d: headers need one another in a circle: {one}" for one in circles]
        return Account(
            rows=tuple(row_of(one, found[one.name]) for one in scripts),
            entries=entries,
            unseen=tuple(unseen),
        )

    def running(self) -> frozenset[str]:
        """Names of the services that are up now.

        Raises:
            WorldError: the scripts cannot be listed.
        """
        rows = self.look().rows
        return frozenset(row.name for row in rows if row.state is InstanceState.RUNNING)

    def restart(self, order: Order) -> Restarted:
        """Run its script, and wait until other processes run in place of the old ones.

        Raises:
            UnknownName: there is no such script.
            WorldError: something else than a restart was ordered, or the script may not be run.
        """
        unseen: list[str] = []
        script = self._require(order.service, unseen)
        if order.action is not Action.RESTART:
            raise WorldError(
                order.service,
                f"its script can only restart it; found {order.action} as order",
                next_act="restart it",
            )
        path = self._root / _SCRIPTS / script.name
        untrusted = why_untrusted(path, self._root.stat().st_uid)
        if untrusted:
            raise WorldError(
                order.service,
                f"its script is not run: {untrusted}",
                next_act="let root own it, and nobody else write there",
            )
        found = self._found(script, RunningPrograms(), unseen)
        if found.is_unclear:
            raise WorldError(order.service, unseen[-1], next_act="restart it by hand")
        if not is_meant_to_run(found) and not order.was_begun:
            return Restarted(done=False, said="is not meant to run: it does not, in good order")

        def look() -> Found:
            return self._found(script, RunningPrograms(), [])

        return ScriptAct(script, path, order, look).carry_out(found)

    def wait_for_end(self, service: str, timeout_s: float) -> bool:
        """Wait until its processes of now have ended, which those of a service seldom do.

        Raises:
            UnknownName: there is no such script.
        """
        script = self._require(service, [])
        running = RunningPrograms()
        pid = self._found(script, running, []).pid
        return pid is None or wait_for_ends(running.tree(pid), timeout_s)

    def _require(self, name: str, unseen: list[str]) -> InitScript:
        for script in self._scripts(unseen):
            if script.name == name:
                return script
        raise UnknownName(
            name,
            "no script in /etc/init.d starts a service of that name",
            next_act="list what is there with `insvc scan --local --all`",
        )

    def _scripts(self, unseen: list[str]) -> Iterator[InitScript]:
        """Those that start a program; what only sets something up at boot is no service."""
        folder = self._root / _SCRIPTS
        try:
            paths = sorted(folder.iterdir())[:_MOST_FILES]
        except OSError as fault:
            raise WorldError(
                str(folder), f"cannot be read: {fault.strerror}", next_act="look as root"
            ) from fault
        for path in paths:
            if path.name.endswith(_ASIDE) or ".dpkg-" in path.name or not path.is_file():
                continue
            try:
                script = read_script(path.name, read_small(path, _LARGEST_BYTES))
            except OSError as fault:
                unseen.append(f"/etc/init.d/{path.name}: cannot be read: {fault.strerror}")
                continue
            if script is not None and (script.program or script.pidfiles):
                yield script

    def _found(self, script: InitScript, running: RunningPrograms, unseen: list[str]) -> Found:
        """What there is of one service."""
        program = self._below(script.program) if script.program else None
        left = self._lock(script.name)
        for one in script.pidfiles:
            pid, is_there = self._pid_in(one)
            is_up = pid is not None and running.is_there(pid)
            if pid and is_up and (program is None or running.runs(pid, program)):
                return Found(pid=pid, is_enabled=self._is_enabled(script.name))
            left = left or (one if is_there else "")
        roots = running.roots(program) if program else ()
        if len(roots) > 1:
            unseen.append(
                f"{script.name}: {len(roots)} processes of {script.program} run,"
                " and no pid file tells which is the service's"
            )
            return Found(is_unclear=True, is_enabled=self._is_enabled(script.name))
        if roots:
            left = ""
        pid = roots[0] if roots else None
        return Found(pid=pid, left=left, is_enabled=self._is_enabled(script.name))

    def _pid_in(self, path: str) -> tuple[int | None, bool]:
        """The first pid in the file, and whether the file is there."""
        try:
            words = read_small(Path(self._below(path)), _PIDFILE_BYTES).split()
        except FileNotFoundError:
            return None, False
        except OSError:
            return None, True
        is_number = bool(words) and words[0].isascii() and words[0].isdigit()
        return (int(words[0]) if is_number else None), True

    def _lock(self, name: str) -> str:
        path = f"/var/lock/subsys/{name}"
        return path if Path(self._below(path)).exists() else ""

    def _is_enabled(self, name: str) -> bool:
        """Whether a link starts it in one of the levels in which the system runs."""
        etc = self._root / "etc"
        folders = (etc / f"{above}rc{level}.d" for above in ("", "rc.d/") for level in _LEVELS)
        return any(
            one.name[3:] == name for folder in folders for one in folder.glob("S[0-9][0-9]*")
        )

    def _below(self, path: str) -> str:
        return str(self._root / path.lstrip("/"))
