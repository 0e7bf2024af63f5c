"""Put the hooks of package managers in place, take them away, and tell which are there."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from insvc.errors import InputError, WorldError
from insvc.inspect.hook import HOOKS, Hook, HookState, path_fault, state_of

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One hook on one host.

    Attributes:
        hook: which.
        path: its file.
        state: what is there.
    """

    hook: Hook
    path: Path
    state: HookState


def find_program() -> Path:
    """The `insvc` that runs now, by its absolute path; else the one that is found by its name.

    Raises:
        InputError: there is none.
    """
    own = Path(sys.argv[0])
    beside = Path(sys.executable).parent / "insvc"
    for one in (own, beside):
        if one.name == "insvc" and one.is_absolute() and os.access(one, os.X_OK):
            return one
    found = shutil.which("insvc")
    if found is None:
        raise InputError(
            "insvc", "is not installed as a program", next_act="name it with --program PATH"
        )
    return Path(found).absolute()


def places(root: Path, program: Path) -> tuple[Place, ...]:
    """The hooks of those package managers that the host has, as they are now.

    Raises:
        InputError: the program's path cannot stand in such a file.
        WorldError: a file cannot be read.
    """
    fault = path_fault(str(program))
    if fault is not None:
        raise InputError(str(program), fault, next_act="name another with --program PATH")
    return tuple(_look(root, program))


def install(root: Path, program: Path) -> tuple[Place, ...]:
    """Put in place what is missing or of another version; answer with what was there before.

    Nothing is written where one place is taken by somebody else.

    Raises:
        InputError: the program cannot be named or must not be trusted, or a place is taken.
        WorldError: the host has no such package manager, or a file cannot be written.
    """
    found = places(root, program)
    if not found:
        raise WorldError(
            str(root),
            "has no package manager that insvc has a hook for (apt, dnf, dnf5, zypper)",
            next_act="run `insvc scan` by a timer instead",
        )
    _require_free(found)
    _require_trusted(program)
    from insvc.adapters.report_files import write_text

    for place in found:
        if place.state is not HookState.CURRENT:
            write_text(place.path, place.hook.text(str(program)))
        _permit(place)
    return found


def remove(root: Path, program: Path) -> tuple[Place, ...]:
    """Take away what is ours; answer with what was there before.

    Raises:
        InputError: a place is taken by somebody else; nothing was removed.
        WorldError: a file cannot be removed.
    """
    found = places(root, program)
    _require_free(found)
    for place in found:
        try:
            place.path.unlink(missing_ok=True)
        except OSError as fault:
            raise _refused(place.path, "removed", fault) from fault
    return found


def _look(root: Path, program: Path) -> Iterator[Place]:
    for hook in HOOKS:
        if (root / hook.marker).is_dir():
            path = root / hook.path
            yield Place(hook=hook, path=path, state=_state(hook, path, program))


def _permit(place: Place) -> None:
    try:
        place.path.chmod(place.hook.mode)
    except OSError as fault:
        raise _refused(place.path, "given its permissions", fault) from fault


def _state(hook: Hook, path: Path, program: Path) -> HookState:
    """A link, a folder or what is no text is never ours."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return HookState.FOREIGN
    try:
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else None
    except OSError as fault:
        raise _refused(path, "read", fault) from fault
    return state_of(hook, text, str(program))


def _require_free(found: tuple[Place, ...]) -> None:
    for place in found:
        if place.state is HookState.FOREIGN:
            raise InputError(
                str(place.path),
                "is not a file that insvc has written, and it is left as it is",
                next_act="move it away if nobody needs it, then try again",
            )


def _require_trusted(program: Path) -> None:
    """A package manager runs it as root: nobody else may be able to replace it.

    Raises:
        InputError: it is not there, or others may write to it or to a folder above it.
    """
    for one in (program, *program.parents, *program.resolve().parents, program.resolve()):
        try:
            seen = one.stat()
        except OSError as fault:
            raise InputError(
                str(program), f"cannot be run: {fault.strerror}", next_act="check --program"
            ) from fault
        is_kept = stat.S_ISDIR(seen.st_mode) and seen.st_mode & stat.S_ISVTX
        by_others = seen.st_mode & _WRITABLE_BY_OTHERS and not is_kept
        if by_others or seen.st_uid not in {0, os.geteuid()}:
            raise InputError(
                str(program),
                f"must not be run for root by a package manager: others may change {one}",
                next_act="install insvc where only root may write, or name that one by --program",
            )


def _refused(path: Path, act: str, fault: OSError) -> WorldError:
    return WorldError(
        str(path),
        f"cannot be {act}: {fault.strerror or fault}",
        next_act="run this as root",
    )
