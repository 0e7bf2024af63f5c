"""Times of a source file → whether a process runs a former version of it."""

from dataclasses import dataclass

from insvc.inspect.evidence import Finding, is_later
from insvc.model.observation import Evidence
from insvc.model.words import EvidenceKind

_AHEAD_S = 5.0


@dataclass(frozen=True, slots=True)
class FileTimes:
    """When a file was changed.

    Attributes:
        changed_at: when it was put there, or its owner, mode or content changed.
        written_at: when its content is said to be from; packages bring this from their builder.
    """

    changed_at: float
    written_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """A process that read the file when it started.

    Attributes:
        pid: its process id.
        started_at: when it started, seconds since the epoch.
        now: the present moment.
    """

    pid: int
    started_at: float
    now: float


def change_finding(
    kind: EvidenceKind,
    path: str,
    times: FileTimes,
    reader: Reader,
    *,
    came_with_package: bool = False,
    is_sure: bool = True,
) -> Finding | None:
    """The sign that a process runs a former version of a file that it read once.

    It is proof where a package brought the file later, or where its content was written later. A
    file that was only moved, or whose owner or mode was changed, may be what it was: a hint. So
    is a file from the future: the clock was set in between.

    Args:
        kind: script or module.
        path: of the file.
        times: of the file now.
        reader: the process.
        came_with_package: whether a package owns it that was itself installed after the start.
        is_sure: whether the process has surely read it.
    """
    if not is_later(times.changed_at, reader.started_at):
        return None
    is_from_future = times.changed_at > reader.now + _AHEAD_S
    is_other = came_with_package or is_later(times.written_at, reader.started_at)
    age_s = times.changed_at - reader.started_at
    evidence = Evidence(
        kind=kind,
        subject=path,
        found="the file of its start",
        expected=f"a file put there {age_s:.1f} s later",
        pid=reader.pid,
    )
    return Finding(evidence, is_proof=is_sure and is_other and not is_from_future)


def settled(found: Finding, *, is_same: bool | None, is_sure: bool) -> Finding | None:
    """The sign in the light of what is remembered of the file.

    Args:
        found: that the file was changed after the process had started.
        is_same: whether the process has read the very content that is there now; absent where
            nobody remembers, which leaves the sign as it is.
        is_sure: whether the process has surely read it.
    """
    if is_same is None:
        return found
    return None if is_same else Finding(found.evidence, is_proof=found.is_proof or is_sure)


def missing_finding(kind: EvidenceKind, path: str, pid: int) -> Finding:
    """The sign that a file that a process read is not there any more."""
    evidence = Evidence(
        kind=kind, subject=path, found="the file of its start", expected="no file", pid=pid
    )
    return Finding(evidence, is_proof=True)
