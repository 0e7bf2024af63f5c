"""The files by which package managers run insvc: it remembers before, and scans after a change."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LIMIT_S: Final = 20
"""For so long a package manager waits for the scan at most."""

REMEMBER_LIMIT_S: Final = 10
"""For so long it waits at most, before it changes anything, for sources to be remembered."""

_MARK = "Written by `insvc hook install`; `insvc hook remove` takes it away."
_PLUGIN_EARLIER = """\
while IFS= read -r line; do
    case "$line" in
        COMMITBEGIN | *'}COMMITBEGIN')
            """
_PLUGIN = """\
        COMMITEND | *'}COMMITEND')
            told=$({ """
"""The middle of zypper's hook, which is a program: it reads messages, and confirms each.

A message ends in a zero byte, which a shell leaves out: it stands before the next one's first word.
"""
_PLUGIN_END = """; } 2>&1)
            shown=/proc/$PPID/fd/1
            [ -c "$shown" ] || [ -p "$shown" ] || shown=/proc/self/fd/2
            [ -z "$told" ] || printf '%s\\n' "$told" >>"$shown" ;;
        *BEGIN | *END | *_DISCONNECT) ;;
        *) continue ;;
    esac
    printf 'ACK\\n\\n\\0'
done"""
"""Its end: what the scan says goes to zypper's terminal or pipe, or else into zypper's log."""
_SAFE = re.compile(r"(?:/[A-Za-z0-9._+@-]+)+")


class HookState(StrEnum):
    """What is at a hook's place: nothing, ours, ours of another version, or somebody else's."""

    ABSENT = "absent"
    CURRENT = "current"
    OUTDATED = "outdated"
    FOREIGN = "foreign"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hook:
    """A file that makes one package manager run insvc around a transaction.

    Attributes:
        manager: whose hook it is.
        folder: where it belongs, below the host's root; `marker`: what tells that the host has
            this package manager, and may be the same.
        name: the file's name; `comment`: how a line of it becomes a comment.
        before, after: what the command stands between that runs the scan afterwards; `earlier`:
            what comes before the one that remembers sources beforehand. Either may be empty, where
            the file is for the other one. `between`: what ends the earlier one, if not `after`.
        needs: what else has to be installed for the file to be read; empty where nothing.
        first: lines above all others.
        mode: permissions of the file.
    """

    manager: str
    marker: str
    folder: str
    name: str
    comment: str
    before: str = ""
    earlier: str = ""
    between: str = ""
    after: str = ""
    needs: str = ""
    first: str = ""
    mode: int = 0o644

    @property
    def path(self) -> str:
        """The file, below the host's root."""
        return f"{self.folder}/{self.name}"

    def text(self, program: str) -> str:
        """What the file says.

        Args:
            program: the absolute path of insvc, of plain characters (see `path_fault`).
        """
        lines = []
        for start, command, end in (
            (self.earlier, remember_command(program), self.between or self.after),
            (self.before, command_of(program), self.after),
        ):
            if start:
                said = command.replace(" ", "\\ ") if self.manager == "dnf5" else command
                lines.append(f"{start}{said}{end}\n")
        return self.opening + "".join(lines)

    @property
    def opening(self) -> str:
        """How the file begins, by which it is known as ours."""
        return f"{self.first}{self.comment} {_MARK}\n"


HOOKS: Final = (
    Hook(
        manager="apt",
        marker="etc/apt",
        folder="etc/apt/apt.conf.d",
        name="99insvc",
        comment="//",
        before='DPkg::Post-Invoke { "',
        earlier='DPkg::Pre-Invoke { "',
        after='"; };',
    ),
    Hook(
        manager="dnf",
        marker="etc/dnf/plugins",
        folder="etc/dnf/plugins/post-transaction-actions.d",
        name="insvc.action",
        comment="#",
        before="*:any:",
        needs="python3-dnf-plugin-post-transaction-actions",
    ),
    Hook(
        manager="dnf",
        marker="etc/dnf/plugins",
        folder="etc/dnf/plugins/pre-transaction-actions.d",
        name="insvc.action",
        comment="#",
        earlier="*:any:",
        needs="python3-dnf-plugin-pre-transaction-actions",
    ),
    Hook(
        manager="dnf5",
        marker="etc/dnf/libdnf5-plugins",
        folder="etc/dnf/libdnf5-plugins/actions.d",
        name="insvc.actions",
        comment="#",
        before="post_transaction::::/bin/sh -c ",
        earlier="pre_transaction::::/bin/sh -c ",
        needs="libdnf5-plugin-actions",
    ),
    Hook(
        manager="zypper",
        marker="etc/zypp",
        folder="usr/lib/zypp/plugins/commit",
        name="insvc",
        comment="#",
        earlier=_PLUGIN_EARLIER,
        between=" ;;",
        before=_PLUGIN,
        after=_PLUGIN_END,
        first="#!/bin/sh\n",
        mode=0o755,
    ),
)
"""What each package manager that can run something around a transaction has to be told."""


def command_of(program: str) -> str:
    """The shell command: it asks nothing, ends in time, never fails, and does without insvc."""
    scan = f"/usr/bin/timeout -k 2 {LIMIT_S} {program} scan --local --brief"
    return f"[ ! -x {program} ] || {scan} </dev/null >&2 || true"


def remember_command(program: str) -> str:
    """The shell command that remembers; it says nothing, ends in time, and never fails."""
    remember = f"/usr/bin/timeout -k 1 {REMEMBER_LIMIT_S} {program} hook remember"
    return f"[ ! -x {program} ] || {remember} </dev/null >/dev/null 2>&1 || true"


def path_fault(program: str) -> str | None:
    """Why a package manager cannot be told to run a program of that path, in words."""
    if _SAFE.fullmatch(program) is None or "/../" in f"{program}/":
        return "is not an absolute path of letters, digits and ._+@- alone"
    return None


def state_of(hook: Hook, found: str | None, program: str) -> HookState:
    """What is at the hook's place.

    Args:
        hook: which.
        found: the file's text; absent where there is no file.
        program: the absolute path of insvc.
    """
    if found is None:
        return HookState.ABSENT
    if not found.startswith(hook.opening):
        return HookState.FOREIGN
    return HookState.CURRENT if found == hook.text(program) else HookState.OUTDATED
