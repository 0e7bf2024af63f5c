"""What a sweep saw of one process → findings: each a sign of replaced code, with its weight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insvc.inspect.evidence import EARLIER_VERSION_UNKNOWN, Finding
from insvc.inspect.sweep import Fate, Hit, Seen
from insvc.model.observation import Evidence, ProcessIdentity
from insvc.model.words import CODE, EvidenceKind

PROVING = CODE | {EvidenceKind.UNSEEN}
"""What a re-scan after an act must not find, or must tell of."""
_HARMLESS = frozenset({Fate.TEMPORARY, Fate.SAME_CONTENT})
_SESSION_KEEPER = "(sd-pam)"


@dataclass(frozen=True, slots=True)
class Trace:
    """One process with what was found in it.

    Attributes:
        process: its identity.
        parent: pid of its parent.
        group: its control group.
        name: what the kernel calls it.
        findings: signs that it runs replaced code.
        guest: name of the virtual machine it runs; empty where it runs none.
    """

    process: ProcessIdentity
    parent: int
    group: str
    name: str
    findings: tuple[Finding, ...] = ()
    guest: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Upgrade:
    """A package that was put in place after some process had started.

    Attributes:
        package: its name.
        from_version: what was installed when the process started; absent where no record says.
        to_version: what is installed now.
    """

    package: str
    from_version: str | None
    to_version: str


def is_stale(seen: Seen) -> bool:
    """Whether something it maps is worth telling.

    The keeper of a user's session, which waits to close it and does nothing else, stays on the
    libraries of the login; no restart of a service cures that, so it is never told of.
    """
    return seen.name != _SESSION_KEEPER and any(hit.fate not in _HARMLESS for hit in seen.hits)


def mapping_findings(seen: Seen) -> tuple[Finding, ...]:
    """The signs in the files that a process maps."""
    if not is_stale(seen):
        return ()
    return tuple(
        Finding(_evidence(hit, seen.pid), is_proof=hit.fate is not Fate.DOUBTFUL)
        for hit in seen.hits
        if hit.fate not in _HARMLESS
    )


def upgrade_findings(
    upgrades: Mapping[str, Upgrade], findings: tuple[Finding, ...], pid: int
) -> tuple[Finding, ...]:
    """From what version to what the packages of those files went.

    Args:
        upgrades: by path of a replaced file.
        findings: what was found in the process.
        pid: the process.
    """
    found = {
        upgrade.package: upgrade
        for finding in findings
        if (upgrade := upgrades.get(finding.evidence.subject)) is not None
    }
    return tuple(
        Finding(
            Evidence(
                kind=EvidenceKind.PACKAGE_NEWER,
                subject=one.package,
                found=_earlier(one),
                expected=one.to_version,
                pid=pid,
            ),
            is_proof=False,
        )
        for one in found.values()
    )


def _earlier(upgrade: Upgrade) -> str:
    if upgrade.from_version in {None, upgrade.to_version}:
        return EARLIER_VERSION_UNKNOWN
    return str(upgrade.from_version)


def _evidence(hit: Hit, pid: int) -> Evidence:
    mapping = hit.mapping
    found, expected = f"file {mapping.mapped} (replaced)", "no file"
    if mapping.on_disk is not None:
        expected = f"file {mapping.on_disk}"
    if hit.fate is Fate.REWRITTEN:
        found, expected = "the file as it was", "the same file, written over since"
    if hit.fate is Fate.DOUBTFUL:
        found, expected = f"file {mapping.mapped} (gone)", "no file, and none came in its place"
    return Evidence(
        kind=EvidenceKind.MAPPING_REPLACED,
        subject=mapping.path,
        found=found,
        expected=expected,
        pid=pid,
    )


def unreadable_finding(seen: Seen) -> tuple[Finding, ...]:
    """That a process may not be looked at, so that nobody knows what it runs."""
    if seen.is_readable:
        return ()
    evidence = Evidence(
        kind=EvidenceKind.UNSEEN,
        subject=f"/proc/{seen.pid}/maps",
        found="may not be read",
        expected="readable by insvc",
        pid=seen.pid,
    )
    return (Finding(evidence, is_proof=False),)


def unreadable_line(processes: Sequence[Seen], *, is_hidden: bool) -> tuple[str, ...]:
    """One line on what could not be looked at; none where everything was.

    Args:
        processes: what was seen.
        is_hidden: whether this machine hides processes from those that do not own them.
    """
    hidden = "processes of other users are hidden (hidepid): run as root to see them"
    told = [hidden] if is_hidden else []
    count = sum(not one.is_readable for one in processes)
    if count:
        noun = "process" if count == 1 else "processes"
        of_all = f"{count} of {len(processes)} {noun} may not be looked at"
        told.append(f"{of_all}: what they run is not known; root with every capability sees them")
    return tuple(told)
