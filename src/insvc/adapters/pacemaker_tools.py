"""Asks Pacemaker by its own command line tools, bounded in time and size."""

import re
import subprocess
from pathlib import Path

from insvc.errors import WorldError
from insvc.inspect.pacemaker import LIMIT_CHARACTERS, NAME

_FOLDERS = ("usr/sbin", "usr/bin", "sbin", "bin")
_NEEDED = ("crm_mon", "cibadmin")
_STATE = re.compile(r"\bS_[A-Z_]+")
_MESSAGE = re.compile(r'<status [^>]*message="([^"]*)"')
_ENVIRONMENT = {
    "LC_ALL": "C",
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "TZ": "UTC",
}
_ANSWER_S = 10.0


def has_tools(root: Path) -> bool:
    """Whether this host has what a cluster's host has."""
    return all(_path(root, name) is not None for name in _NEEDED)


class CommandTools:
    """The tools of one host.

    Args:
        root: the folder that holds the host's files.
        answer_s: how long one of them may take.
    """

    def __init__(self, root: Path = Path("/"), *, answer_s: float = _ANSWER_S) -> None:
        self._root = root
        self._answer_s = answer_s

    def status(self) -> str:
        """The cluster as this node sees it.

        Raises:
            WorldError: it does not answer.
        """
        return self._ask("crm_mon", "--output-as=xml", "--inactive")

    def configuration(self, scope: str = "") -> str:
        """The configuration with the memory of operations, or one part of it; of this node alone.

        Raises:
            WorldError: it does not answer.
        """
        return self._ask("cibadmin", "--query", "--local", *(["--scope", scope] if scope else []))

    def node(self) -> str:
        """What the cluster calls this node.

        Raises:
            WorldError: it does not answer.
        """
        name = self._ask("crm_node", "--name").strip()
        if not NAME.fullmatch(name):
            raise _silent("crm_node", f"found {name[:80]!r} as name of this node")
        return name

    def state(self, controller: str) -> str:
        """The state of the controller on a node: `S_IDLE` where nothing is left to do.

        Raises:
            WorldError: it does not answer.
        """
        found = _STATE.search(self._ask("crmadmin", "--status", controller))
        return found[0] if found else ""

    def modify(self, text: str) -> None:
        """Put a part into the configuration, in one change.

        Raises:
            WorldError: it was refused, or there is no answer.
        """
        self._ask(
            "cibadmin", "--modify", "--allow-create", "--scope", "configuration", "--xml-text", text
        )

    def delete(self, query: str) -> None:
        """Take away what a query finds; nothing where it finds nothing.

        Raises:
            WorldError: it was refused, or there is no answer.
        """
        self._ask("cibadmin", "--delete-all", "--force", "--xpath", query)

    def _ask(self, name: str, *words: str) -> str:
        program = _path(self._root, name)
        if program is None:
            raise _silent(name, "is not installed")
        try:
            told = subprocess.run(  # noqa: S603 - a fixed program, its arguments no shell's
                [program, *words],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=_ENVIRONMENT,
                timeout=self._answer_s,
                check=False,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired as fault:
            raise _silent(name, f"does not answer within {self._answer_s:g} s") from fault
        except OSError as fault:
            raise _silent(name, f"cannot be run: {fault.strerror}") from fault
        if told.returncode != 0:
            said = _words(told.stderr) or _words(told.stdout)
            raise _silent(name, f"failed with status {told.returncode}: {said}")
        if len(told.stdout) > LIMIT_CHARACTERS:
            raise _silent(name, f"answers with {len(told.stdout)} bytes")
        return told.stdout.decode("utf-8", "replace")


def _words(output: bytes) -> str:
    """Why a tool failed: what its document says of that, or all it wrote."""
    text = output.decode("utf-8", "replace").strip()
    found = _MESSAGE.search(text)
    return (found[1] if found else text)[:300]


def _path(root: Path, name: str) -> Path | None:
    return next((root / one / name for one in _FOLDERS if (root / one / name).is_file()), None)


def _silent(name: str, found: str) -> WorldError:
    return WorldError(f"pacemaker: {name}", found, next_act="look with `crm_mon -1` as root")
