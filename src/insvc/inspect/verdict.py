"""Findings → the verdict on an instance, and the words that justify it."""

from collections.abc import Sequence

from insvc.inspect.evidence import Finding
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import Instance
from insvc.model.words import EvidenceKind, InstanceState, Verdict

_ONLY_SCRIPT = "its script was replaced after it started"
_ONLY_PACKAGE = "its package is newer than its process, but nothing replaced is mapped"
_STALE = (
    (EvidenceKind.SCRIPT_REPLACED, _ONLY_SCRIPT),
    (EvidenceKind.KERNEL_NEWER, "a newer kernel is installed than the one that runs"),
    (EvidenceKind.MICROCODE_NEWER, "newer microcode is installed than what the processor runs"),
)
_SUSPECT = (
    (EvidenceKind.UNSEEN, "a process of it may not be looked at"),
    (EvidenceKind.MAPPING_REPLACED, "a file it maps is gone, and none came in its place"),
    (EvidenceKind.SCRIPT_REPLACED, "its script changed after it started, but not by a package"),
    (EvidenceKind.MODULE_REPLACED, "a module it may load changed after it started"),
    (EvidenceKind.PACKAGE_NEWER, _ONLY_PACKAGE),
    (EvidenceKind.CONFIGURATION_NEWER, "its definition changed after it started"),
    (EvidenceKind.KERNEL_NEWER, "a newer kernel is installed, but the running one was patched"),
    (EvidenceKind.MICROCODE_NEWER, "newer microcode may be installed"),
    (EvidenceKind.REQUESTED, "a reboot or restart is asked for"),
)


def judge(findings: Sequence[Finding], state: InstanceState) -> Verdict:
    """Whether an instance in that state runs replaced code.

    One proof is enough for `stale`; hints alone leave it `suspect`. A job between two runs has no
    process, so nothing stale can run: it is `current`, and its next start uses what is installed.
    """
    if any(finding.is_proof for finding in findings):
        return Verdict.STALE
    if findings and state is not InstanceState.SCHEDULED:
        return Verdict.SUSPECT
    return Verdict.CURRENT


def checked_state(row: ManagerRow, *, is_main_there: bool) -> InstanceState:
    """What a service does, when its manager's words are held against the process table.

    Args:
        row: the manager's account.
        is_main_there: whether the main process it names lives and is of that service.
    """
    if row.state is not InstanceState.RUNNING or is_main_there or not row.has_process:
        return row.state
    if row.pid is None:
        return InstanceState.UNKNOWN
    if row.desired is InstanceState.RUNNING:
        return InstanceState.FAILED
    return row.desired  # a job's run that ended meanwhile leaves it scheduled


def reason_of(instance: Instance) -> str:
    """Why the instance has its verdict, in one clause."""
    kinds = [evidence.kind for evidence in instance.evidence]
    if instance.verdict is Verdict.STALE:
        return _stale_reason(kinds)
    if instance.verdict is Verdict.SUSPECT:
        return next((words for kind, words in _SUSPECT if kind in kinds), _ONLY_PACKAGE)
    if instance.state is InstanceState.SCHEDULED and kinds:
        return "no run is under way; the next one uses the installed code"
    return "nothing it runs was replaced"


def _stale_reason(kinds: Sequence[EvidenceKind]) -> str:
    files = kinds.count(EvidenceKind.MAPPING_REPLACED)
    if files:
        noun = "mapping of a replaced file" if files == 1 else "mappings of replaced files"
        return f"{files} executable {noun}"
    modules = kinds.count(EvidenceKind.MODULE_REPLACED)
    if EvidenceKind.SCRIPT_REPLACED not in kinds and modules:
        noun = "module it loads was" if modules == 1 else "modules it loads were"
        return f"{modules} {noun} replaced after it started"
    return next((words for kind, words in _STALE if kind in kinds), _ONLY_SCRIPT)
