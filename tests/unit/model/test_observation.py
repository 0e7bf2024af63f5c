import pytest

from insvc.model.observation import (
    Evidence,
    HostObservation,
    Instance,
    Observation,
    ProcessIdentity,
)
from insvc.model.words import EvidenceKind, Verdict


def test_an_identity_names_its_pid_and_start() -> None:
    assert str(ProcessIdentity(boot_id="b", pid=7, start_ticks=99)) == "pid 7 (start 99)"


def test_evidence_says_what_was_found_and_what_is_installed() -> None:
    evidence = Evidence(
        kind=EvidenceKind.MAPPING_REPLACED, subject="/lib/x.so", found="1:2", expected="1:3", pid=7
    )
    assert str(evidence) == "mapping-replaced in pid 7: /lib/x.so: found 1:2, installed 1:3"


def test_evidence_without_a_process_names_none() -> None:
    evidence = Evidence(
        kind=EvidenceKind.PACKAGE_NEWER, subject="cinder", found="1.0", expected="1.1"
    )
    assert str(evidence) == "package-newer: cinder: found 1.0, installed 1.1"


def test_a_wish_is_no_comparison() -> None:
    wish = Evidence(kind=EvidenceKind.REQUESTED, subject="horizon", found="asked for by name")
    assert str(wish) == "requested: horizon: asked for by name"


def seen() -> Observation:
    stale = Instance(service="cinder-api", verdict=Verdict.STALE)
    current = Instance(service="horizon")
    return Observation(
        hosts=(
            HostObservation(host="controller-0", instances=(stale, current)),
            HostObservation(host="compute-0", reachable=False),
        )
    )


def test_stale_instances_come_with_their_host() -> None:
    assert [(host, one.service) for host, one in seen().stale()] == [("controller-0", "cinder-api")]


def test_a_host_and_an_instance_are_found_by_name() -> None:
    host = seen().host("controller-0")
    assert host.instance("horizon") is not None
    assert host.instance("vim") is None


def test_a_host_that_was_not_observed_is_no_host() -> None:
    with pytest.raises(KeyError, match="storage-9"):
        seen().host("storage-9")
