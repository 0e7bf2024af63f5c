"""Findings → the verdict on an instance, and the words that justify it."""

from collections.abc import Sequence

from insvc.inspect.evidence import Finding
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import Instance
from insvc.model.words import EvidenceKind, InstanceState, Verdict


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
    if row.state is not InstanceState.RUNNING or is_main_there:
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
        if EvidenceKind.UNSEEN in kinds:
            return "a process of it may not be looked at"
        if EvidenceKind.SCRIPT_REPLACED in kinds:
            return "its script changed after it started, but not by a package"
        return "its package is newer than its process, but nothing replaced is mapped"
    if instance.state is InstanceState.SCHEDULED and kinds:
        return "no run is under way; the next one uses the installed code"
    return "nothing it runs was replaced"


def _stale_reason(kinds: Sequence[EvidenceKind]) -> str:
    files = kinds.count(EvidenceKind.MAPPING_REPLACED)
    if files:
        noun = "mapping of a replaced file" if files == 1 else "mappings of replaced files"
        return f"{files} executable {noun}"
    return "its script was replaced after it started"
