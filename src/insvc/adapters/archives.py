"""Archives (jars) that a process holds open and that are not the files at their paths any more."""

import os

from insvc.inspect.evidence import Finding
from insvc.inspect.maps import DELETED, is_temporary
from insvc.model.observation import Evidence
from insvc.model.words import EvidenceKind

_ARCHIVES = (".jar", ".war", ".ear", ".jmod", ".zip", "/modules")


def archive_findings(folder: str, pid: int) -> tuple[Finding, ...]:
    """The signs in the files that a process holds open.

    A virtual machine keeps its archives open and reads classes from them as it needs them: code of
    a replaced one may be loaded still. Identity decides, never a time.

    Args:
        folder: of the process in /proc.
        pid: the process.
    """
    try:
        names = os.listdir(f"{folder}/fd")  # noqa: PTH208 - some have thousands
    except OSError:
        return ()
    found: dict[str, Finding] = {}
    for name in names:
        path = _archive(f"{folder}/fd/{name}")
        if path is not None and path not in found and not is_temporary(path):
            finding = _finding(folder, name, path, pid)
            if finding is not None:
                found[path] = finding
    return tuple(found[path] for path in sorted(found))


def open_archives(folder: str) -> frozenset[str]:
    """The archives that a process holds open.

    Args:
        folder: of the process in /proc.
    """
    try:
        names = os.listdir(f"{folder}/fd")  # noqa: PTH208 - as above
    except OSError:
        return frozenset()
    return frozenset(path for name in names if (path := _archive(f"{folder}/fd/{name}")))


def _archive(link: str) -> str | None:
    try:
        path = os.readlink(link)  # noqa: PTH115 - as above
    except OSError:
        return None
    bare = path.removesuffix(DELETED)
    return bare if bare.endswith(_ARCHIVES) and bare.startswith("/") else None


def _finding(folder: str, name: str, path: str, pid: int) -> Finding | None:
    try:
        held = os.stat(f"{folder}/fd/{name}")  # noqa: PTH116 - as above
    except OSError:
        return None
    expected = "no file"
    for where in (f"{folder}/root{path}", path):
        try:
            there = os.stat(where)  # noqa: PTH116 - as above
        except OSError:
            continue
        if os.path.samestat(held, there):
            return None
        expected = f"file {there.st_dev:x}:{there.st_ino}"
        break
    evidence = Evidence(
        kind=EvidenceKind.MODULE_REPLACED,
        subject=path,
        found=f"file {held.st_dev:x}:{held.st_ino} (replaced)",
        expected=expected,
        pid=pid,
    )
    return Finding(evidence, is_proof=True)
