"""Kernels that are installed and the one that runs → whether a boot would run another one.

Kernels are compared within their flavour only, since a machine may hold several on purpose. Names
are compared as versions, builds of the same name by what the build says of itself.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from insvc.inspect.boot import BootAccount, loaded
from insvc.inspect.evidence import Finding
from insvc.model.observation import Evidence
from insvc.model.words import EvidenceKind

KERNEL = "kernel"
_LONGEST = 255
_ARCHITECTURE = r"(?:x86_64|aarch64|ppc64le|ppc64|s390x|i[3-6]86|armv7hl|riscv64|loongarch64)"
_BY_RPM = re.compile(
    rf"(?P<upstream>\d+\.\d+(?:\.\d+)*)-(?P<release>\d[\w.~^]*)\.{_ARCHITECTURE}(?P<plus>\+[\w.+-]+)?"
)
_PLAIN = re.compile(
    r"(?P<upstream>\d+\.\d+(?:\.\d+)*)(?P<before>-?rc\d+)?(?P<plus>[+~][\w.+~]+)?(?P<rest>(?:-.+)?)"
)
_VARIANT = re.compile(r"uek|\brt")
_DIGITS_FIRST = re.compile(r"(?:4kc|5kc|686|586|486)(?:-.*)?")
"""Flavours whose names begin with a digit, as those of build numbers do."""
_WORDS = re.compile(r"\d+|[a-z]+")
_EARLY = frozenset({"rc", "bpo", "pre", "alpha", "beta"})
_DEBIAN = re.compile(r"\bDebian (\S+)")
_UBUNTU = re.compile(r"#(\d[\w.~+]*)-Ubuntu\b")


class _Rank(IntEnum):
    """What a part of a version is worth beside one of another kind, or beside none."""

    EARLY = 0
    END = 1
    WORD = 2
    NUMBER = 3


_Part = tuple[_Rank, str, int]


@dataclass(frozen=True, slots=True)
class Release:
    """What the name of a kernel says.

    Attributes:
        order: to be compared: the greater is the newer.
        flavour: which of several kernels for different uses it is; empty for the plain one.
        names_build: whether another build always has another name.
    """

    order: tuple[_Part, ...]
    flavour: str
    names_build: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """The kernel that runs.

    Attributes:
        release: its name (`uname -r`).
        build: what it says of its build (`uname -v`).
        patches: live patches that are loaded into it.
    """

    release: str
    build: str
    patches: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """A kernel that is installed.

    Attributes:
        path: of its file.
        release: its name.
        build: what it says of its build, from the file itself; absent where that cannot be read.
        version: of the package that delivers it; absent where unknown.
    """

    path: str
    release: str
    build: str | None = None
    version: str | None = None


def release_of(name: str) -> Release | None:
    """What a kernel's name says; nothing where it is not of a form that is known."""
    if len(name) > _LONGEST:
        return None
    by_rpm = _BY_RPM.fullmatch(name)
    if by_rpm is not None:
        flavour = "".join(_VARIANT.findall(by_rpm["release"])) + (by_rpm["plus"] or "")
        return Release(_order(f"{by_rpm['upstream']}-{by_rpm['release']}"), flavour, True)
    plain = _PLAIN.fullmatch(name)
    if plain is None:
        return None
    build, flavour = _parted(plain["rest"].removeprefix("-"))
    text = "-".join([plain["upstream"] + (plain["before"] or "") + (plain["plus"] or ""), build])
    return Release(_order(text), flavour, False)


def kernel_account(running: Running, images: Sequence[Image]) -> BootAccount:
    """What is to be told of the kernel.

    Args:
        running: the one that runs.
        images: those that are installed; none where whoever boots the machine keeps them.
    """
    if not images:
        told = f"kernel: {running.release} runs, and none is installed here: what would be booted"
        return BootAccount(beyond=(f"{told} is known elsewhere",))
    mine = release_of(running.release)
    if mine is None:
        return _unseen(f"{running.release} runs, whose name does not tell its version")
    known = [(release, image) for image in images if (release := release_of(image.release))]
    alike = [(one.order, image) for one, image in known if one.flavour == mine.flavour]
    if not alike:
        return _unseen(f"{running.release} runs, and none of its flavour is installed")
    newest = max(order for order, _ in alike)
    candidates = [image for order, image in alike if order == newest]
    if newest > mine.order:
        return _other(running, candidates[0])
    if newest < mine.order:
        told = f"{running.release} runs and is not installed any more; a reboot would run"
        return _unseen(f"{told} {candidates[0].release}, which is older")
    return _same_name(running, candidates, names_build=mine.names_build)


def unnamed(images: Iterable[Image]) -> tuple[str, ...]:
    """A line on kernels whose names do not tell their version; none where all do."""
    odd = sorted({image.release for image in images if release_of(image.release) is None})
    if not odd:
        return ()
    named = ", ".join(odd[:3]) + (" …" if odd[3:] else "")
    return (f"kernel: no version is told by the name of {named}: not compared",)


def _same_name(running: Running, images: Sequence[Image], *, names_build: bool) -> BootAccount:
    """Two kernels of one name are the same unless their builds differ."""
    for image in images:
        is_same = _is_same(running, image)
        if is_same is not None:
            return BootAccount(instances=(loaded(KERNEL),)) if is_same else _other(running, image)
    if names_build:
        return BootAccount(instances=(loaded(KERNEL),))
    return _unseen(
        f"{running.release} runs and is installed, but of which build is not known: "
        f"{images[0].path} cannot be read, and no package is known to deliver it"
    )


def _is_same(running: Running, image: Image) -> bool | None:
    """Whether the installed kernel is the very build that runs; nothing where neither tells."""
    mine = _package_version(running.release, running.build)
    theirs = image.version
    if image.build is not None:
        theirs = _package_version(image.release, image.build)
        if mine is None or theirs is None:
            return running.build == image.build
    if mine is None or theirs is None:
        return None
    return mine == theirs


def _package_version(release: str, build: str) -> str | None:
    """The version of the package that the distribution built it for."""
    debian = _DEBIAN.search(build)
    if debian is not None:
        return debian[1]
    ubuntu = _UBUNTU.match(build)
    plain = _PLAIN.fullmatch(release)
    if ubuntu is None or plain is None:
        return None
    return f"{plain['upstream']}-{_parted(plain['rest'].removeprefix('-'))[0]}.{ubuntu[1]}"


def _other(running: Running, image: Image) -> BootAccount:
    found = _told(running.release, _package_version(running.release, running.build))
    if running.patches:
        found += f", patched in memory by {', '.join(running.patches)}"
    built = None if image.build is None else _package_version(image.release, image.build)
    evidence = Evidence(
        kind=EvidenceKind.KERNEL_NEWER,
        subject=image.path,
        found=found,
        expected=_told(image.release, built or image.version),
    )
    return BootAccount(instances=(loaded(KERNEL, Finding(evidence, not running.patches)),))


def _told(release: str, version: str | None) -> str:
    return f"{release} ({version})" if version else release


def _unseen(words: str) -> BootAccount:
    return BootAccount(unseen=(f"kernel: {words}",))


def _parted(rest: str) -> tuple[str, str]:
    """The number of a build and the flavour that follows it; either may be empty."""
    first, _, further = rest.partition("-")
    if first[:1].isdigit() and not _DIGITS_FIRST.fullmatch(rest):
        return first, further
    return "", rest


def _order(text: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    for word in _WORDS.findall(text.lower()):
        if word.isdigit():
            parts.append((_Rank.NUMBER, "", int(word)))
        else:
            parts.append((_Rank.EARLY if word in _EARLY else _Rank.WORD, word, 0))
    return (*parts, (_Rank.END, "", 0))
