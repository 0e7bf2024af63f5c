"""Findings become a verdict; a manager's word is held against the process table."""

import pytest

from insvc.inspect.evidence import Finding
from insvc.inspect.verdict import checked_state, judge, reason_of
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import Evidence, Instance
from insvc.model.words import EvidenceKind, InstanceState, Manager, Verdict


def evidence(kind: EvidenceKind) -> Evidence:
    """A sign of that kind."""
    return Evidence(kind=kind, subject="x")


PROOF = Finding(evidence(EvidenceKind.MAPPING_REPLACED), is_proof=True)
HINT = Finding(evidence(EvidenceKind.PACKAGE_NEWER), is_proof=False)


@pytest.mark.parametrize(
    ("findings", "state", "verdict"),
    [
        ((), InstanceState.RUNNING, Verdict.CURRENT),
        ((PROOF,), InstanceState.RUNNING, Verdict.STALE),
        ((HINT, PROOF), InstanceState.RUNNING, Verdict.STALE),
        ((HINT,), InstanceState.RUNNING, Verdict.SUSPECT),
        ((HINT,), InstanceState.SCHEDULED, Verdict.CURRENT),
        ((PROOF, HINT), InstanceState.SCHEDULED, Verdict.STALE),
    ],
)
def test_one_proof_is_stale_and_hints_alone_are_suspect(
    findings: tuple[Finding, ...], state: InstanceState, verdict: Verdict
) -> None:
    assert judge(findings, state) is verdict


@pytest.mark.parametrize(
    ("claimed", "desired", "pid", "is_there", "checked"),
    [
        ("running", "running", 5, True, "running"),
        ("running", "running", 5, False, "failed"),
        ("running", "scheduled", 5, False, "scheduled"),
        ("running", "stopped", 5, False, "stopped"),
        ("running", "running", None, False, "unknown"),
        ("starting", "running", 5, False, "starting"),
        ("stopped", "stopped", None, False, "stopped"),
        ("scheduled", "running", None, False, "scheduled"),
    ],
)
def test_a_claim_to_run_needs_a_process(
    claimed: str, desired: str, pid: int | None, is_there: bool, checked: str
) -> None:
    row = ManagerRow(
        name="x",
        manager=Manager.SM,
        state=InstanceState(claimed),
        desired=InstanceState(desired),
        pid=pid,
    )
    assert checked_state(row, is_main_there=is_there) == checked


@pytest.mark.parametrize(
    ("verdict", "kinds", "state", "reason"),
    [
        ("stale", ["mapping-replaced"], "running", "1 executable mapping of a replaced file"),
        (
            "stale",
            ["mapping-replaced", "mapping-replaced"],
            "running",
            "2 executable mappings of replaced files",
        ),
        ("stale", ["script-replaced"], "running", "its script was replaced after it started"),
        ("suspect", ["unseen"], "running", "a process of it may not be looked at"),
        (
            "suspect",
            ["script-replaced"],
            "running",
            "its script changed after it started, but not by a package",
        ),
        (
            "suspect",
            ["package-newer"],
            "running",
            "its package is newer than its process, but nothing replaced is mapped",
        ),
        (
            "current",
            ["package-newer"],
            "scheduled",
            "no run is under way; the next one uses the installed code",
        ),
        ("current", [], "scheduled", "nothing it runs was replaced"),
        ("current", [], "running", "nothing it runs was replaced"),
    ],
)
def test_every_verdict_is_justified(
    verdict: str, kinds: list[str], state: str, reason: str
) -> None:
    instance = Instance(
        service="x",
        state=InstanceState(state),
        verdict=Verdict(verdict),
        evidence=tuple(evidence(EvidenceKind(kind)) for kind in kinds),
    )
    assert reason_of(instance) == reason


@pytest.mark.parametrize(
    ("kind", "verdict", "words"),
    [
        (EvidenceKind.MODULE_REPLACED, Verdict.STALE, "1 module it loads was replaced"),
        (EvidenceKind.KERNEL_NEWER, Verdict.STALE, "a newer kernel is installed"),
        (EvidenceKind.MICROCODE_NEWER, Verdict.STALE, "newer microcode is installed"),
        (EvidenceKind.MAPPING_REPLACED, Verdict.SUSPECT, "a file it maps is gone"),
        (EvidenceKind.MODULE_REPLACED, Verdict.SUSPECT, "a module it may load changed"),
        (EvidenceKind.CONFIGURATION_NEWER, Verdict.SUSPECT, "its definition changed"),
        (EvidenceKind.PACKAGE_NEWER, Verdict.SUSPECT, "its package is newer"),
    ],
)
def test_each_sign_has_words_of_its_own(kind: EvidenceKind, verdict: Verdict, words: str) -> None:
    instance = Instance(service="x", verdict=verdict, evidence=(Evidence(kind=kind, subject="x"),))
    assert reason_of(instance).startswith(words)


def test_several_modules_are_counted() -> None:
    signs = tuple(Evidence(kind=EvidenceKind.MODULE_REPLACED, subject=name) for name in ("a", "b"))
    instance = Instance(service="x", verdict=Verdict.STALE, evidence=signs)
    assert reason_of(instance) == "2 modules it loads were replaced after it started"


def test_what_has_no_process_is_what_its_manager_says() -> None:
    row = ManagerRow(name="x", manager=Manager.PMON, state=InstanceState.RUNNING, has_process=False)
    assert checked_state(row, is_main_there=False) is InstanceState.RUNNING
