"""`insvc.plan.selection`: what an operator names, and nothing else, is asked for."""

import pytest

from insvc.catalog.entry import Catalog, Entry, Service
from insvc.errors import UnknownName
from insvc.model.observation import Evidence, HostObservation, Instance, Observation
from insvc.model.words import EvidenceKind, InstanceState, Manager, Verdict
from insvc.plan.selection import dead, select

REPLACED = Evidence(kind=EvidenceKind.MAPPING_REPLACED, subject="/usr/lib/a.so")
CATALOG = Catalog(
    entries=(
        Entry(
            name="cinder",
            title="Cinder",
            function="Volumes.",
            in_service_patchable=True,
            managed_by=Manager.SM,
            services=(Service(name="cinder-api"), Service(name="cinder-volume")),
        ),
    )
)


def seen(host: str, *instances: Instance) -> HostObservation:
    return HostObservation(host=host, instances=instances)


OBSERVED = Observation(
    hosts=(
        seen(
            "h0",
            Instance(service="cinder-api"),
            Instance(service="cinder-volume", verdict=Verdict.STALE, evidence=(REPLACED,)),
            Instance(service="vim", verdict=Verdict.STALE, evidence=(REPLACED,)),
        ),
        seen("h1", Instance(service="cinder-api", state=InstanceState.STOPPED)),
    )
)


def stale(observation: Observation) -> list[tuple[str, str]]:
    return [(host, one.service) for host, one in observation.stale()]


def test_an_entry_name_asks_for_all_its_running_services_and_no_other() -> None:
    chosen = select(OBSERVED, ["Cinder"], CATALOG, only_stale=False)
    assert stale(chosen) == [("h0", "cinder-api"), ("h0", "cinder-volume")]


def test_a_wish_is_its_own_evidence() -> None:
    chosen = select(OBSERVED, ["cinder-api@h0"], CATALOG, only_stale=False)
    (wish,) = chosen.hosts[0].instances[0].evidence
    assert wish.kind is EvidenceKind.REQUESTED


def test_only_stale_leaves_current_code_running() -> None:
    chosen = select(OBSERVED, ["cinder"], CATALOG, only_stale=True)
    assert stale(chosen) == [("h0", "cinder-volume")]


def test_no_name_means_everything_seen() -> None:
    assert select(OBSERVED, [], CATALOG, only_stale=True) == OBSERVED


@pytest.mark.parametrize("name", ["cindre", "cinder-api@h9", "vim@h1"])
def test_a_name_that_fits_nothing_is_refused(name: str) -> None:
    with pytest.raises(UnknownName) as fault:
        select(OBSERVED, [name], CATALOG, only_stale=False)
    assert fault.value.subject == name


@pytest.mark.parametrize("only_stale", [True, False])
def test_what_is_stale_and_named_has_the_wish_as_further_evidence(only_stale: bool) -> None:
    chosen = select(OBSERVED, ["vim"], CATALOG, only_stale=only_stale)
    kinds = [one.kind for one in chosen.hosts[0].instances[2].evidence]
    assert kinds == [EvidenceKind.MAPPING_REPLACED, EvidenceKind.REQUESTED]
    unnamed = select(OBSERVED, [], CATALOG, only_stale=only_stale)
    assert unnamed.hosts[0].instances[2] == OBSERVED.hosts[0].instances[2]


UNITS = Observation(
    hosts=tuple(
        seen(
            host,
            Instance(service="getty@tty1.service"),
            Instance(service="getty@tty2.service"),
            Instance(service="db@main.service"),
        )
        for host in ("h0", "h1")
    )
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("db@main.service", [("h0", "db@main.service"), ("h1", "db@main.service")]),
        ("db@main", [("h0", "db@main.service"), ("h1", "db@main.service")]),
        ("db@main.service@h1", [("h1", "db@main.service")]),
        ("getty@tty2@h0", [("h0", "getty@tty2.service")]),
        ("getty@*@h0", [("h0", "getty@tty1.service"), ("h0", "getty@tty2.service")]),
    ],
)
def test_a_unit_with_an_at_in_its_name_is_told_from_a_host(
    name: str, expected: list[tuple[str, str]]
) -> None:
    assert stale(select(UNITS, [name], CATALOG, only_stale=False)) == expected


@pytest.mark.parametrize("name", ["getty@h0", "@h0", "getty@tty9", ""])
def test_a_name_that_fits_nothing_is_unknown_whatever_is_in_it(name: str) -> None:
    with pytest.raises(UnknownName):
        select(UNITS, [name], CATALOG, only_stale=False)


@pytest.mark.parametrize(
    ("state", "is_dead"),
    [("failed", True), ("unknown", True), ("stopped", False), ("running", False)],
)
def test_what_should_run_and_does_not_is_told_apart(state: str, is_dead: bool) -> None:
    found = Observation(
        hosts=(
            seen("h0", Instance(service="cinder-api", state=InstanceState(state))),
            seen("h1", Instance(service="vim", state=InstanceState.FAILED)),
        )
    )
    assert dead(found, ["cinder"], CATALOG) == ("cinder-api@h0",) * is_dead
