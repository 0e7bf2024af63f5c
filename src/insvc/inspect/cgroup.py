"""The control group of a process → whose it is: a unit, a user session, a container, a guest.

Source: `/proc/PID/cgroup`, cgroups(7), of both versions, and the names that systemd and container
engines give. The words are data of the process's surroundings: nothing is opened by them.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class OwnerKind(StrEnum):
    """What a process belongs to.

    `unit`: a service or scope of the system's manager. `session`: a login session or a user's own
    manager and what it runs. `container`, `guest`: what an engine or hypervisor runs. `init`:
    the host's first process. `nobody`: it lies in no such group.
    """

    UNIT = "unit"
    SESSION = "session"
    CONTAINER = "container"
    GUEST = "guest"
    INIT = "init"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a process is.

    Attributes:
        kind: what it belongs to.
        name: of that: `ssh.service`, `session-3.scope`, `container:web`; empty for nobody.
        group: the control group that is wholly the owner's, `/` for nobody.
    """

    kind: OwnerKind
    name: str
    group: str


NOBODY = Owner(OwnerKind.NOBODY, "", "/")
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
_ID = r"[0-9a-f]{64}"
_CONTAINERS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:docker|libpod|libpod-conmon|crio|crio-conmon|cri-containerd|nerdctl)-({_ID})\.scope",
        rf"(?:libpod-|crio-)?({_ID})",
        r"lxc\.payload\.(.+)",
        r"machine-(.+)\.scope",
        r"systemd-nspawn@(.+)\.service",
    )
)
_POD = re.compile(rf"(?:cri-containerd-|crio-|docker-)?({_ID})(?:\.scope)?")
_GUEST = re.compile(r"machine-(?:qemu|lxc)\\x2d\d+\\x2d(.+)\.scope")
_LXC_FOLDERS = frozenset({"lxc", "lxc.payload"})
_SHORT = 12


def group_of(text: bytes) -> str:
    """The control group in the text of `/proc/PID/cgroup`; `/` where it names none.

    systemd's own hierarchy of version 1 is preferred, then the one of version 2, then any other
    that puts the process into a group; last one that lies outside the reader's namespace.
    """
    groups: dict[str, str] = {}
    for line in text.decode("utf-8", "surrogateescape").split("\n"):
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if path.startswith("/"):
            groups.setdefault(controllers if number != "0" else "", path)
    preferred = (groups.pop("name=systemd", "/"), groups.pop("", "/"), *groups.values())
    within = (path for path in preferred if not path.startswith("/.."))
    outside = (path for path in preferred if path.strip("/.") != "")
    return next((path for path in (*within, *outside) if path != "/"), "/")


@lru_cache(maxsize=1024)
def owner_of(group: str) -> Owner:
    """Whose the processes in that control group are.

    The outermost container or guest decides, since what runs inside it is started by it alone;
    a group below a unit belongs to the unit.
    """
    parts = [part for part in group.split("/") if part not in {"", ".", ".."}]
    for depth, part in enumerate(parts):
        found = _inner(parts, depth, part)
        if found is not None:
            kind, name = found
            return Owner(kind, name, "/" + "/".join(parts[: depth + 1]))
    for depth, part in enumerate(parts):
        if part.endswith((".service", ".scope")):
            kind = _kind_of_unit(part, depth)
            return Owner(kind, part, "/" + "/".join(parts[: depth + 1]))
    return NOBODY


def is_within(group: str, other: str) -> bool:
    """Whether one control group is the other or lies below it."""
    return group == other or group.startswith(other.rstrip("/") + "/")


def user_unit_of(group: str) -> str | None:
    """The unit of a user's own manager in which that group lies; nothing where there is none."""
    _, found, below = group.partition("/user@")
    if not found:
        return None
    units = [part for part in below.split("/")[1:] if part.endswith((".service", ".scope"))]
    return units[0] if units else None


def _inner(parts: list[str], depth: int, part: str) -> tuple[OwnerKind, str] | None:
    guest = _GUEST.fullmatch(part)
    if guest is not None:
        is_lxc = part.startswith("machine-lxc")
        name = _unescaped(guest[1])
        return (OwnerKind.CONTAINER, f"container:{name}") if is_lxc else _guest(name)
    for pattern in _CONTAINERS:
        container = pattern.fullmatch(part)
        if container is not None:
            return OwnerKind.CONTAINER, f"container:{_named(container[1])}"
    if depth and parts[depth - 1] in _LXC_FOLDERS:
        return OwnerKind.CONTAINER, f"container:{part}"
    if depth and parts[0].startswith("kubepods"):
        pod = _POD.fullmatch(part)
        return None if pod is None else (OwnerKind.CONTAINER, f"container:{pod[1][:_SHORT]}")
    return None


def _guest(name: str) -> tuple[OwnerKind, str]:
    return OwnerKind.GUEST, f"guest:{name}"


def _kind_of_unit(unit: str, depth: int) -> OwnerKind:
    if unit == "init.scope" and depth == 0:
        return OwnerKind.INIT
    is_users = unit.startswith(("user@", "session-"))
    return OwnerKind.SESSION if is_users else OwnerKind.UNIT


def _named(name: str) -> str:
    """A long identity as engines shorten it; another name without systemd's escapes."""
    if re.fullmatch(_ID, name):
        return name[:_SHORT]
    return _unescaped(name)


def _unescaped(name: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), name)
