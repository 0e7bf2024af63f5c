"""Put the commands in a folder, each as a small script that knows its host."""

import os
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from insvc.cloud.files import write_whole
from insvc.compat.page_files import FUNCTIONS as FUNCTIONS_PATH
from insvc.compat.page_files import PageFile
from insvc.compat.patch_functions import MARK, patch_functions
from insvc.compat.place import CLOUD, HOST, Place
from insvc.errors import InputError, WorldError
from insvc.model.topology import Host

FUNCTIONS = "patch-functions"
_EXECUTABLE = 0o755
_HEAD_BYTES = 512


def install(folder: Path, names: Iterable[str], place: Place, host: Host) -> tuple[Path, ...]:
    """Write the commands and the file of functions; answers with what was written.

    Nothing is written where a file of somebody else has one of the names.

    Raises:
        InputError: such a file is there.
        WorldError: the folder cannot be written.
    """
    texts = {folder / name: _script((name,), place) for name in names}
    texts[folder / FUNCTIONS] = _functions(place, host)
    return _put(folder, texts, place)


def install_tree(
    root: Path, files: Iterable[PageFile], place: Place, host: Host
) -> tuple[Path, ...]:
    """Write every file that the page names at its own path below `root`; as `install` otherwise.

    Raises:
        InputError: a file of somebody else is there.
        WorldError: the folder cannot be written.
    """
    texts = {
        root / one.path: _script(
            (one.command, one.service) if one.service else (one.command,), place
        )
        for one in files
    }
    texts[root / FUNCTIONS_PATH] = _functions(place, host)
    return _put(root, texts, place)


def _put(folder: Path, texts: Mapping[Path, str], place: Place) -> tuple[Path, ...]:
    taken = [path for path in texts if not _is_free(path)]
    if taken:
        raise InputError(
            ", ".join(map(str, taken)),
            "is there already and not of insvc; nothing was written",
            next_act="move it away, or name another folder",
        )
    try:
        for path, text in texts.items():
            write_whole(path, text)
            path.chmod(_EXECUTABLE)
        place.flags.mkdir(parents=True, exist_ok=True)
        place.scripts.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise WorldError(
            str(folder), f"cannot be written: {fault.strerror}", next_act="name another folder"
        ) from fault
    return tuple(texts)


def _functions(place: Place, host: Host) -> str:
    return patch_functions(host, flags=place.flags, scripts=place.scripts, log=place.log)


def _script(words: Iterable[str], place: Place) -> str:
    return "\n".join(
        [
            "#!/bin/sh",
            MARK,
            f"{CLOUD}={shlex.quote(str(place.cloud))}",
            f"{HOST}={shlex.quote(place.host)}",
            f"export {CLOUD} {HOST}",
            f'exec {shlex.quote(sys.executable)} -I -m insvc.compat {shlex.join(words)} "$@"',
            "",
        ]
    )


def _is_free(path: Path) -> bool:
    """Whether nothing is there, or something that this very command wrote."""
    try:
        if path.is_symlink() or not path.is_file():
            return not os.path.lexists(path)
        with path.open("rb") as file:
            return MARK.encode() in file.read(_HEAD_BYTES)
    except OSError:
        return False
