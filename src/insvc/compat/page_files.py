"""Which files the operators' page names, and what stands behind each of them.

The page prints some commands by their paths: `/etc/init.d/sm restart`, `/bin/sh
/usr/lib/ocf/resource.d/openstack/heat-api stop`. The files are derived from the catalog's commands:
no list of them is kept that could be forgotten.
"""

import shlex
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from insvc.catalog.entry import Catalog, Entry

INIT_SCRIPT = "insvc-init-script"
OCF_AGENT = "insvc-ocf-agent"
FUNCTIONS = "etc/patching/patch-functions"
FOLDERS = ("usr/local/sbin", "usr/bin", "bin")
"""Where commands are looked for that the page prints without a path, below the host's root."""
_SHELLS = frozenset({"sh", "/bin/sh"})
_INIT_D = PurePosixPath("/etc/init.d")
_OCF = PurePosixPath("/usr/lib/ocf/resource.d")
_DISTRIBUTION = "openstack-"


@dataclass(frozen=True, kw_only=True, slots=True)
class PageFile:
    """One file that a command of the page needs.

    Attributes:
        path: below the host's root.
        command: which of our commands it runs.
        service: what that command is told first; absent where the file has a command of its own.
    """

    path: str
    command: str
    service: str | None = None


def lines_of(entry: Entry) -> tuple[str, ...]:
    """Every command line that the page prints for an entry, in its order, each once."""
    commands = (*entry.restart, *entry.patch_restart)
    return tuple(dict.fromkeys(line for one in commands for line in (one.run, *one.runs)))


def page_files(catalog: Catalog, commands: Collection[str]) -> tuple[PageFile, ...]:
    """The files behind every command line of the catalog that is ours, and our other commands.

    Args:
        catalog: what is printed.
        commands: names of our commands.
    """
    found = {
        one.path: one
        for entry in catalog.entries
        for line in lines_of(entry)
        if (one := file_of(line, entry, commands)) is not None
    }
    placed = {PurePosixPath(path).name for path in found}
    for name in sorted(set(commands) - placed):
        path = f"{_folder(name)}/{name}"
        found[path] = PageFile(path=path, command=name)
    return tuple(found.values())


def file_of(line: str, entry: Entry, commands: Collection[str]) -> PageFile | None:
    """The file that this command line of the entry runs; nothing where it is none of ours."""
    words = list(_program(line))
    if not words:
        return None
    path = PurePosixPath(words[0])
    if path.name in commands:
        below = str(path).lstrip("/") if path.is_absolute() else f"{_folder(path.name)}/{path}"
        return PageFile(path=below, command=path.name)
    command = _kind(path)
    service = _service(path.name, entry)
    if command is None or service is None:
        return None
    return PageFile(path=str(path).lstrip("/"), command=command, service=service)


def _program(line: str) -> Iterator[str]:
    """The words from the program on: a shell that reads it is left out."""
    words = shlex.split(line)
    yield from words[1:] if words and words[0] in _SHELLS else words


def _kind(path: PurePosixPath) -> str | None:
    if path.parent == _INIT_D:
        return INIT_SCRIPT
    return OCF_AGENT if path.is_relative_to(_OCF) else None


def _service(name: str, entry: Entry) -> str | None:
    """Which of the entry's services a script of that name is for."""
    known = {one.name for one in entry.services}
    return next((one for one in (name, name.removeprefix(_DISTRIBUTION)) if one in known), None)


def _folder(name: str) -> str:
    return FOLDERS[0] if name.startswith(("pmon-", "patch-")) else FOLDERS[1]
