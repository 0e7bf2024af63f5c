"""Facts of one process and of its package → signs of replaced code, each with its weight.

Times are compared only where the kernel keeps no identity: between files and process starts, both
by the wall clock of now. A clock that was set between the two can mislead; mappings cannot.
"""

from dataclasses import dataclass

from insvc.inspect.maps import ReplacedMapping, is_temporary, path_below
from insvc.model.observation import Evidence
from insvc.model.words import EvidenceKind

CLOCK_TOLERANCE_S = 0.05
"""Process starts are known to 10 ms, file times to one tick of the kernel's coarse clock."""

EARLIER_VERSION_UNKNOWN = "an earlier installation"
"""What is found where no record names the version that was installed before."""


def is_later(moment: float | None, than: float | None) -> bool:
    """Whether one moment is surely later than the other; never where one is not known."""
    return moment is not None and than is not None and moment > than + CLOCK_TOLERANCE_S


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessFacts:
    """What was seen of one process.

    Attributes:
        pid: its process id.
        started_at: seconds since the epoch; absent where it could not be told.
        replaced: executable mappings of replaced files, by absolute path.
        script: the file its interpreter runs, as seen from the host's root; absent where none.
        script_changed_at: when that file was last put there or changed.
        script_came_with_package: whether a package of the host owns that file and was itself
            installed after the process started; otherwise somebody changed it by hand.
        unreadable: why its mappings could not be read; empty where they were.
    """

    pid: int
    started_at: float | None = None
    replaced: tuple[ReplacedMapping, ...] = ()
    script: str | None = None
    script_changed_at: float | None = None
    script_came_with_package: bool = False
    unreadable: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageFacts:
    """What was seen of the package that delivers a service.

    Attributes:
        name: of the package.
        version: installed now.
        installed_at: when its files were put in place, seconds since the epoch.
        earlier_version: installed when the process, or the job's last run, started.
    """

    name: str
    version: str
    installed_at: float | None = None
    earlier_version: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One sign and its weight.

    Attributes:
        evidence: the sign.
        is_proof: whether it alone shows that replaced code runs; otherwise it is a hint.
    """

    evidence: Evidence
    is_proof: bool


def process_findings(facts: ProcessFacts, root: str) -> tuple[Finding, ...]:
    """Signs in one process that it runs code of its host which was replaced.

    Args:
        facts: what was seen of it.
        root: the folder that holds the host's files, `/` for a whole machine.
    """
    return (*_unseen(facts), *_mappings(facts, root), *_script(facts))


def outside_mappings(facts: ProcessFacts, root: str) -> tuple[str, ...]:
    """Replaced files that do not belong to the host: no package of it can cure them."""
    return tuple(
        one.path
        for one in facts.replaced
        if path_below(root, one.path) is None and not is_temporary(one.path)
    )


def package_finding(
    package: PackageFacts, since: float | None, pid: int | None = None
) -> Finding | None:
    """That the package is newer than what started then; a hint, since it may not be loaded.

    Args:
        package: what was seen of it.
        since: when the process or the last run of the job began, seconds since the epoch.
        pid: the process; absent for a job between two runs.
    """
    if not is_later(package.installed_at, since):
        return None
    earlier = package.earlier_version
    found = earlier if earlier and earlier != package.version else EARLIER_VERSION_UNKNOWN
    return Finding(
        Evidence(
            kind=EvidenceKind.PACKAGE_NEWER,
            subject=package.name,
            found=found,
            expected=package.version,
            pid=pid,
        ),
        is_proof=False,
    )


def _unseen(facts: ProcessFacts) -> tuple[Finding, ...]:
    if not facts.unreadable:
        return ()
    evidence = Evidence(
        kind=EvidenceKind.UNSEEN,
        subject=f"/proc/{facts.pid}/maps",
        found=facts.unreadable,
        expected="readable by the agent",
        pid=facts.pid,
    )
    return (Finding(evidence, is_proof=False),)


def _mappings(facts: ProcessFacts, root: str) -> tuple[Finding, ...]:
    found = []
    for mapping in facts.replaced:
        path = path_below(root, mapping.path)
        if path is None or is_temporary(path):
            continue
        evidence = Evidence(
            kind=EvidenceKind.MAPPING_REPLACED,
            subject=path,
            found=f"file {mapping.mapped} (replaced)",
            expected=f"file {mapping.on_disk}" if mapping.on_disk else "no file",
            pid=facts.pid,
        )
        found.append(Finding(evidence, is_proof=True))
    return tuple(found)


def _script(facts: ProcessFacts) -> tuple[Finding, ...]:
    if facts.script is None or not is_later(facts.script_changed_at, facts.started_at):
        return ()
    age_s = (facts.script_changed_at or 0.0) - (facts.started_at or 0.0)
    evidence = Evidence(
        kind=EvidenceKind.SCRIPT_REPLACED,
        subject=facts.script,
        found="the file of its start",
        expected=f"a file put there {age_s:.1f} s later",
        pid=facts.pid,
    )
    return (Finding(evidence, is_proof=facts.script_came_with_package),)
